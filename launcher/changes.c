/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One `find` inside answers, either over the home, or over the overlay's upper directory: that one
 * holds exactly what differs from the copy of this computer, a removed file as a device 0:0.  The
 * overlay's disk is mounted a second time for that, in a mount namespace of its own. */
#include "launcher/changes.h"

#include "common/report.h"
#include "launcher/save-name.h"
#include "launcher/transfer-run.h"

#include <stdlib.h>
#include <string.h>

#define HOME "/home/sandbox"
#define OUT_MAX (4 * 1024 * 1024)
#define FILES_MAX 5000
#define FIELD_MAX 4096
#define IDLE_MSEC 60000
#define FIELDS 5

/* $1: seconds.  What is hidden is settings, caches, and the traces of programs that run.  Where a
 * folder cannot be looked into, half a record at the end says that something is missing. */
static const char home_script[]
    = "cd || exit 1\n"
      "{ find \"$PWD\" -ignore_readdir_race -xdev -mindepth 1 -name '.*' -prune -o -type f"
      " -newerct \"@$1\""
      " -printf '%y\\0%s\\0%T@\\0%m\\0%p\\0' || printf '?'; } 2>/dev/null | head -c 4000000\n";

static const char everything_script[]
    = "for d in /sys/block/vd*; do\n"
      "  [ \"$(cat \"$d/serial\" 2>/dev/null)\" = sg-scratch ] && disk=/dev/${d##*/}\n"
      "done\n"
      "[ -n \"$disk\" ] || exit 80\n"
      "mkdir -p /run/sandglass/changes || exit 80\n"
      "exec unshare -m sh -c 'mount -t ext4 -o noatime \"$1\" /run/sandglass/changes || exit 80\n"
      "  cd /run/sandglass/changes/upper || exit 80\n"
      "  find . -xdev \\( -path ./var/log -o -path ./var/tmp -o -path ./var/cache -o -path ./run "
      "\\)"
      " -prune -o ! -type d -newerct \"@$2\" -printf \"%y\\\\0%s\\\\0%T@\\\\0%m\\\\0/%P\\\\0\""
      " 2>/dev/null | head -c 4000000' sh \"$disk\" \"$1\"\n";

static const char *const place_keys[SG_CHANGE_MAX]
    = { "desktop",   "documents", "downloads", "home",     "hidden",
        "autostart", "service",   "etc",       "programs", "system" };

const char *
sg_change_place_key (SgChangePlace place)
{
  return place_keys[place];
}

static void
change_free (gpointer data)
{
  SgChange *change = data;

  g_free (change->path);
  g_free (change->name);
  g_free (change->folder);
  g_free (change);
}

void
sg_changes_free (SgChanges *changes)
{
  if (changes == NULL)
    return;
  g_ptr_array_unref (changes->files);
  g_free (changes);
}

/* --- one record ---------------------------------------------------------------------------------
 */

static SgChangePlace
place_of (const char *path)
{
  static const struct
  {
    const char *prefix;
    SgChangePlace place;
  } places[] = { { HOME "/Desktop/", SG_CHANGE_DESKTOP },
                 { HOME "/Documents/", SG_CHANGE_DOCUMENTS },
                 { HOME "/Downloads/", SG_CHANGE_DOWNLOADS },
                 { HOME "/.config/autostart/", SG_CHANGE_AUTOSTART },
                 { HOME "/.config/systemd/", SG_CHANGE_SERVICE },
                 { HOME "/.local/share/systemd/", SG_CHANGE_SERVICE },
                 { HOME "/.local/share/dbus-1/", SG_CHANGE_SERVICE },
                 { HOME "/.bash", SG_CHANGE_AUTOSTART },
                 { HOME "/.profile", SG_CHANGE_AUTOSTART },
                 { HOME "/.zsh", SG_CHANGE_AUTOSTART },
                 { HOME "/.x", SG_CHANGE_AUTOSTART },
                 { HOME "/.", SG_CHANGE_HIDDEN },
                 { HOME "/", SG_CHANGE_HOME },
                 { "/etc/xdg/autostart/", SG_CHANGE_AUTOSTART },
                 { "/etc/profile", SG_CHANGE_AUTOSTART },
                 { "/etc/ld.so.preload", SG_CHANGE_AUTOSTART },
                 { "/etc/systemd/", SG_CHANGE_SERVICE },
                 { "/etc/cron", SG_CHANGE_SERVICE },
                 { "/etc/udev/", SG_CHANGE_SERVICE },
                 { "/etc/init.d/", SG_CHANGE_SERVICE },
                 { "/var/spool/cron/", SG_CHANGE_SERVICE },
                 { "/usr/lib/systemd/", SG_CHANGE_SERVICE },
                 { "/usr/lib/udev/", SG_CHANGE_SERVICE },
                 { "/etc/", SG_CHANGE_ETC },
                 { "/usr/", SG_CHANGE_PROGRAMS },
                 { "/opt/", SG_CHANGE_PROGRAMS } };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_has_prefix (path, places[i].prefix))
      return places[i].place;
  return SG_CHANGE_SYSTEM;
}

static gboolean
is_unfinished (const char *name)
{
  return g_str_has_suffix (name, ".part") || g_str_has_suffix (name, ".crdownload")
         || g_str_has_suffix (name, ".opdownload") || g_str_has_suffix (name, ".download");
}

static gboolean
whole_number (const char *text, guint64 *ret_value)
{
  g_autofree char *digits = g_strndup (text, strcspn (text, "."));

  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT64, ret_value, NULL);
}

/* Absolute, without "." and "..": such a path was never printed by `find`. */
static gboolean
is_path (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (*path != '/' || path[1] == '\0' || strlen (path) >= FIELD_MAX)
    return FALSE;
  parts = g_strsplit (path + 1, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || g_str_equal (*part, ".") || g_str_equal (*part, ".."))
      return FALSE;
  return TRUE;
}

static SgChange *
change_new (const char *const fields[FIELDS])
{
  guint64 size, mtime = 0;
  SgChange *change;
  g_autofree char *folder = NULL, *base = NULL;
  char *end;
  gulong mode = strtoul (fields[3], &end, 8);

  if (strlen (fields[0]) != 1 || strchr ("flcpsb", *fields[0]) == NULL || *fields[3] == '\0'
      || *end != '\0' || !whole_number (fields[1], &size) || !is_path (fields[4]))
    return NULL;
  whole_number (fields[2], &mtime); /* before 1970: 0 */
  folder = g_path_get_dirname (fields[4]);
  base = g_path_get_basename (fields[4]);
  change = g_new0 (SgChange, 1);
  change->path = g_strdup (fields[4]);
  change->name = sg_printable_line (base);
  change->folder
      = sg_printable_line (g_str_has_prefix (folder, HOME "/") ? folder + strlen (HOME "/")
                           : g_str_equal (folder, HOME)        ? "Home"
                                                               : folder);
  change->size = size;
  change->mtime = (gint64)MIN (mtime, (guint64)(g_get_real_time () / G_USEC_PER_SEC));
  change->place = place_of (fields[4]);
  change->removed = *fields[0] == 'c';
  change->program = *fields[0] == 'f' && ((mode & 0111) != 0 || sg_save_is_program_name (base));
  change->unfinished = is_unfinished (base);
  return change;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const SgChange *x = *(const SgChange *const *)a, *y = *(const SgChange *const *)b;

  return x->place != y->place ? (int)x->place - (int)y->place : strcmp (x->path, y->path);
}

SgChanges *
sg_changes_parse (const char *bytes, gsize len)
{
  SgChanges *changes = g_new0 (SgChanges, 1);
  const char *end = bytes + len;

  changes->files = g_ptr_array_new_with_free_func (change_free);
  while (bytes < end && changes->files->len < FILES_MAX)
    {
      const char *fields[FIELDS];
      SgChange *change;
      guint n;

      for (n = 0; n < FIELDS && bytes < end; n++)
        {
          const char *nul = memchr (bytes, '\0', (gsize)(end - bytes));

          if (nul == NULL)
            break;
          fields[n] = bytes;
          bytes = nul + 1;
        }
      if (n < FIELDS)
        {
          bytes = end;
          changes->cut = TRUE;
          break;
        }
      change = change_new (fields);
      if (change != NULL)
        g_ptr_array_add (changes->files, change);
    }
  changes->cut |= bytes < end;
  g_ptr_array_sort (changes->files, compare);
  return changes;
}

/* --- asking -------------------------------------------------------------------------------------
 */

static void
answered (GObject *source, GAsyncResult *async, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (SgTransferResult) result = sg_transfer_run_finish (async, &error);
  gsize len = 0;
  const char *bytes;

  if (result == NULL)
    {
      g_prefix_error (&error, "What changed inside cannot be listed: ");
      g_task_return_error (task, error);
      return;
    }
  if (result->code != 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                               "What changed inside cannot be listed: the sandbox could not look");
      return;
    }
  bytes = g_bytes_get_data (result->out, &len);
  g_task_return_pointer (task, sg_changes_parse (bytes, len), (GDestroyNotify)sg_changes_free);
}

void
sg_changes_async (GDBusConnection *connection, gint64 since, gboolean everything,
                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT ".%06d", since / G_USEC_PER_SEC,
                                              (int)(since % G_USEC_PER_SEC));
  const char *argv[]
      = { "sh", "-c", everything ? everything_script : home_script, "sh", seconds, NULL };
  SgTransferCommand command = { .argv = argv,
                                .user = everything ? "root" : NULL,
                                .in = -1,
                                .idle_msec = IDLE_MSEC,
                                .most = OUT_MAX };

  g_task_set_source_tag (task, sg_changes_async);
  g_task_set_check_cancellable (task, FALSE);
  sg_transfer_run_async (connection, &command, cancellable, answered, task);
}

SgChanges *
sg_changes_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
