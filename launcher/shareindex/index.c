/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A watch is of a directory, by number; its path is what was asked for.  Once a directory moves,
 * paths below it are wrong: all is forgotten, and told so.  That is rare, and always right. */
#include "launcher/shareindex/internal.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

/* At most, and at most a part of what the user may have: his other programs want some, too. */
#define WATCHES_MOST 100000u
#define WATCHES_PART 8u
#define WATCHES_FILE "/proc/sys/fs/inotify/max_user_watches"
#define WATCHED                                                                                    \
  (IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVE_SELF         \
   | IN_DELETE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW)

#define QUIET_MSEC 20

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

struct ShareIndex
{
  int folder, out, inotify;
  GHashTable *paths; /* watch -> path, owned */
  guint most;
  gint64 quiet_until;
};

static guint
watches_most (void)
{
  g_autofree char *text = NULL;
  guint64 all = g_file_get_contents (WATCHES_FILE, &text, NULL, NULL)
                    ? g_ascii_strtoull (text, NULL, 10)
                    : 8192;

  return (guint)MIN (all / WATCHES_PART, WATCHES_MOST);
}

ShareIndex *
share_index_new (int folder, int out)
{
  ShareIndex *index = g_new0 (ShareIndex, 1);

  index->folder = folder;
  index->out = out;
  index->inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  index->paths = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  index->most = watches_most ();
  return index;
}

void
share_index_free (ShareIndex *index)
{
  sg_fd_clear (&index->folder);
  sg_fd_clear (&index->inotify);
  g_hash_table_unref (index->paths);
  g_free (index);
}

int
share_index_fd (const ShareIndex *index)
{
  return index->inotify;
}

int
share_index_wait (const ShareIndex *index)
{
  gint64 left = (index->quiet_until - g_get_monotonic_time ()) / 1000;

  return left > 0 ? (int)left : -1;
}

static gboolean
say (ShareIndex *index, const SgShareSay *say, const void *body)
{
  return sg_write_all (index->out, say, sizeof *say, NULL)
         && (say->length == 0 || sg_write_all (index->out, body, say->length, NULL));
}

/* --- watching -----------------------------------------------------------------------------------
 */

/* Of others the kernel does not see all changes: they are made by other computers or programs. */
static gboolean
is_local (int directory)
{
  static const guint32 local[] = { EXT4_SUPER_MAGIC, BTRFS_SUPER_MAGIC, XFS_SUPER_MAGIC,
                                   F2FS_SUPER_MAGIC, TMPFS_MAGIC,       MSDOS_SUPER_MAGIC };
  struct statfs st;

  if (fstatfs (directory, &st) < 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (local); i++)
    if ((guint32)st.f_type == local[i])
      return TRUE;
  return FALSE;
}

static gboolean
watch (ShareIndex *index, int directory, const char *path)
{
  char link[64];
  int number;

  if (index->inotify < 0 || g_hash_table_size (index->paths) >= index->most
      || !is_local (directory))
    return FALSE;
  snprintf (link, sizeof link, "/proc/self/fd/%d/.", directory);
  number = inotify_add_watch (index->inotify, link, WATCHED);
  if (number < 0)
    return FALSE;
  g_hash_table_replace (index->paths, GINT_TO_POINTER (number), g_strdup (path));
  return TRUE;
}

static gboolean
forget_all (ShareIndex *index)
{
  SgShareSay all = { 0, 0, 0, SG_SHARE_ALL };

  close (index->inotify);
  index->inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  g_hash_table_remove_all (index->paths);
  return say (index, &all, NULL);
}

static gboolean
tell_one (ShareIndex *index, const struct inotify_event *event)
{
  const char *path = g_hash_table_lookup (index->paths, GINT_TO_POINTER (event->wd));
  g_autoptr (GByteArray) body = g_byte_array_new ();
  SgShareSay told = { 0, 0, 0, SG_SHARE_FILE };

  if (path == NULL || event->len == 0)
    return TRUE;
  if (event->mask & (IN_CREATE | IN_DELETE | IN_MOVE))
    told.what = SG_SHARE_NAME;
  g_byte_array_append (body, (const guint8 *)path, (guint)strlen (path) + 1);
  g_byte_array_append (body, (const guint8 *)event->name, (guint)strlen (event->name));
  told.length = body->len;
  return say (index, &told, body->data);
}

/* Not the same as one before of this turn. */
static gboolean
is_news (GHashTable *told, const struct inotify_event *event)
{
  gboolean name = (event->mask & (IN_CREATE | IN_DELETE | IN_MOVE)) != 0;

  return event->len > 0
         && g_hash_table_add (told,
                              g_strdup_printf ("%d%c%s", event->wd, name ? 'n' : 'f', event->name));
}

/* TRUE: a directory moved, or something was missed. */
static gboolean
is_upheaval (const struct inotify_event *event)
{
  return (event->mask & (IN_Q_OVERFLOW | IN_UNMOUNT | IN_MOVE_SELF)) != 0
         || ((event->mask & IN_ISDIR) && (event->mask & IN_MOVE));
}

gboolean
share_index_tell (ShareIndex *index)
{
  union
  {
    struct inotify_event event;
    char bytes[65536];
  } buffer;
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean upheaval = FALSE;
  ssize_t n;

  index->quiet_until = g_get_monotonic_time () + QUIET_MSEC * 1000;
  do
    {
      n = read (index->inotify, &buffer, sizeof buffer);
      for (ssize_t at = 0; at < n;)
        {
          const struct inotify_event *event = (const void *)(buffer.bytes + at);

          upheaval = upheaval || is_upheaval (event);
          if (event->mask & IN_IGNORED)
            g_hash_table_remove (index->paths, GINT_TO_POINTER (event->wd));
          else if (is_news (told, event) && !tell_one (index, event))
            return FALSE;
          at += (ssize_t)(sizeof *event + event->len);
        }
    }
  while (upheaval && n > 0); /* both names of what moved */
  return upheaval ? forget_all (index) : TRUE;
}

/* --- answering ----------------------------------------------------------------------------------
 */

static guint32
list (ShareIndex *index, const char *path, GByteArray *body, guint32 *flags)
{
  int directory = share_open (index->folder, path, O_RDONLY | O_DIRECTORY);
  int error;

  if (directory < 0)
    return (guint32)errno;
  *flags = watch (index, directory, path) ? SG_SHARE_WATCHED : 0;
  error = share_list (directory, body);
  return (guint32)error;
}

gboolean
share_index_ask (ShareIndex *index, const SgShareAsk *ask, const char *path)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  SgShareSay answer = { 0, ask->tag, EINVAL, 0 };

  if (ask->what == SG_SHARE_STAT)
    answer.error = (guint32)share_stat (index->folder, path, body);
  /* What changed before is told before, also in a quiet time: else it seems to be newer. */
  else if (ask->what == SG_SHARE_LIST && !share_index_tell (index))
    return FALSE;
  else if (ask->what == SG_SHARE_LIST)
    answer.error = list (index, path, body, &answer.what);
  if (answer.error == 0)
    answer.length = body->len;
  return say (index, &answer, body->data);
}
