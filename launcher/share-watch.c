/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder's name is read from the kernel's list of mounts: neither a look at the folder, which may
 * never return, nor a descriptor of it, which would keep its disk in use, is needed.  Whether its
 * disk is full is asked by a thread. */
#include "launcher/share-watch.h"

#include "common/report.h"

#include <sys/statvfs.h>

#define DELETED "//deleted"
#define AGAIN_USEC (5 * 60 * G_USEC_PER_SEC)
/* Less than what one request writes. */
#define FULL_BYTES (1u << 20)

struct SgShareWatch
{
  char *path, *shown, *root; /* owned; the path is fit to be printed */
  SgShareTell tell;          /* NULL: freed */
  gpointer data;
  gint64 told[SG_SHARE_N_WORDS]; /* monotonic; 0: never */
  gboolean asking;               /* a thread asks how much room there is */
};

static void
watch_clear (gpointer data)
{
  SgShareWatch *watch = data;

  g_free (watch->path);
  g_free (watch->shown);
  g_free (watch->root);
}

SgShareWatch *
sg_share_watch_new (const char *path, char *shown, char *root, SgShareTell tell, gpointer data)
{
  SgShareWatch *watch = g_rc_box_new0 (SgShareWatch);

  watch->path = sg_printable_line (path);
  watch->shown = shown;
  watch->root = root;
  watch->tell = tell;
  watch->data = data;
  return watch;
}

void
sg_share_watch_free (SgShareWatch *watch)
{
  if (watch == NULL)
    return;
  watch->tell = NULL;
  g_rc_box_release_full (watch, watch_clear);
}

/* Takes WORDS. */
static void
tell (SgShareWatch *watch, const char *kind, char *words)
{
  if (watch->tell != NULL)
    watch->tell (kind, words, watch->data);
  g_free (words);
}

/* --- its name -----------------------------------------------------------------------------------
 */

void
sg_share_watch_look (SgShareWatch *watch, const char *root)
{
  if (root == NULL || g_strcmp0 (watch->root, root) == 0)
    return;
  if (g_str_has_suffix (root, DELETED))
    tell (
        watch, "share-deleted",
        g_strdup_printf ("The folder '%s' was deleted on this computer: there is nothing in it any "
                         "more, and what "
                         "the sandbox writes there is refused. Take it away, or share another one.",
                         watch->path));
  else if (watch->root != NULL)
    tell (watch, "share-moved",
          g_strdup_printf ("The folder '%s' was moved or renamed on this computer. The sandbox "
                           "still has it, under "
                           "its old name.",
                           watch->path));
  g_free (watch->root);
  watch->root = g_strdup (root);
}

/* --- what is said inside ------------------------------------------------------------------------
 */

static gboolean
may_tell (SgShareWatch *watch, SgShareWord word)
{
  gint64 now = g_get_monotonic_time ();

  if (watch->told[word] != 0 && now - watch->told[word] < AGAIN_USEC)
    return FALSE;
  watch->told[word] = now;
  return TRUE;
}

static void
ask_room (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SgShareWatch *watch = data;
  struct statvfs st;

  g_task_return_boolean (task, statvfs (watch->shown, &st) == 0
                                   && ((guint64)st.f_bavail * st.f_frsize < FULL_BYTES
                                       || (st.f_files > 0 && st.f_favail == 0)));
}

static void
room_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  SgShareWatch *watch = data;

  watch->asking = FALSE;
  if (g_task_propagate_boolean (G_TASK (result), NULL) && may_tell (watch, SG_SHARE_FULL))
    tell (watch, "share-full",
          g_strdup_printf (
              "There is no room left on this computer's disk that has the folder '%s': what the "
              "sandbox writes there is refused until you make room.",
              watch->path));
  g_rc_box_release_full (watch, watch_clear);
}

void
sg_share_watch_hear (SgShareWatch *watch, SgShareWord word)
{
  g_autoptr (GTask) task = NULL;

  if (word == SG_SHARE_QUOTA && may_tell (watch, word))
    tell (
        watch, "share-full",
        g_strdup_printf (
            "Your share (quota) of this computer's disk that has the folder '%s' is used up: what "
            "the sandbox writes there is refused until you make room.",
            watch->path));
  else if (word == SG_SHARE_SLOW && may_tell (watch, word))
    tell (
        watch, "share-slow",
        g_strdup_printf (
            "The folder '%s' does not answer; its disk or its network may be gone. Programs in the "
            "sandbox that use it get an error within a minute.",
            watch->path));
  if (word != SG_SHARE_FULL || watch->asking)
    return;
  watch->asking = TRUE;
  task = g_task_new (NULL, NULL, room_asked, g_rc_box_acquire (watch));
  g_task_set_task_data (task, watch, NULL);
  g_task_run_in_thread (task, ask_room);
}
