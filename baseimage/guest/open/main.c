/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-open: opens one file inside with one program, and tells the host about its windows.
 *
 *   sandglass-open --list TYPE                 the programs for a content type, the usual one first
 *   sandglass-open --with ID.desktop FILE      opens FILE and stays until its last window closed
 *   sandglass-open --later ID.desktop          gets ready; the path of FILE is a line of its input
 *   sandglass-open --warm TYPE...              reads what the usual programs consist of
 *
 * What is said, a line each: "program ID NAME"; then "started", "window" (the first one is there),
 * "closed" (three seconds after the last one went; the end), "none WORDS" (no window came in time;
 * it goes on looking), "failed WORDS" (the end).  Whoever is inside can make it say anything; the
 * host believes nothing that matters. */
#include "baseimage/guest/open/windows.h"
#include "baseimage/guest/shell/apps.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define FIRST_SECONDS 20
#define GRACE_SECONDS 3
#define TICK_MSEC 250

typedef struct
{
  SgOpenWindows *windows;
  GMainLoop *loop;
  gboolean told_window, told_none;
  gboolean any_came; /* some window did, or went, since the program was started */
  gboolean ended;    /* the program that was started; others may have taken over */
  int status;
  gint64 started, empty_since; /* monotonic */
  int code;
} Open;

static void say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_strdelimit (text, "\n\r", ' ');
  printf ("%s\n", text);
  fflush (stdout);
}

static int
fail (const char *words)
{
  say ("failed %s", words);
  return 1;
}

/* --- which programs -----------------------------------------------------------------------------
 */

static void
list_one (GHashTable *told, GAppInfo *info)
{
  const char *id = g_app_info_get_id (info);

  if (id != NULL && g_hash_table_add (told, g_strdup (id)))
    say ("program %s %s", id, g_app_info_get_display_name (info));
}

static int
list_programs (const char *type)
{
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GAppInfo) usual = g_app_info_get_default_for_type (type, FALSE);
  GList *all = g_app_info_get_all_for_type (type);

  if (usual != NULL)
    list_one (told, usual);
  for (GList *l = all; l != NULL; l = l->next)
    list_one (told, l->data);
  g_list_free_full (all, g_object_unref);
  return 0;
}

/* --- what will be needed soon -------------------------------------------------------------------
 */

/* Of all files together: the memory is the template's. */
#define WARM_MOST (64u << 20)
#define LOADER "/lib64/ld-linux-x86-64.so.2"

static gsize
warm_file (const char *path, gsize room)
{
  g_autofree char *bytes = g_malloc (1 << 16);
  FILE *file = fopen (path, "re");
  gsize all = 0, n;

  if (file == NULL)
    return 0;
  while (all < room && (n = fread (bytes, 1, 1 << 16, file)) > 0)
    all += n;
  fclose (file);
  return MIN (all, room);
}

/* The loader lists a program's libraries without running it: "NAME => PATH (ADDRESS)". */
static gsize
warm_program (const char *path, gsize room)
{
  const char *argv[] = { LOADER, "--list", path, NULL };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize all = warm_file (path, room);

  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text, NULL,
                     NULL, NULL))
    return all;
  lines = g_strsplit (text, "\n", 1000);
  for (char **line = lines; *line != NULL; line++)
    {
      char *library = strstr (*line, "=> /"),
           *end = library != NULL ? strstr (library, " (") : NULL;

      if (end == NULL)
        continue;
      *end = '\0';
      all += warm_file (library + strlen ("=> "), room - all);
    }
  return all;
}

/* None is started: what ran has drawn random numbers, and left settings and services behind. */
static int
warm (char **types)
{
  gsize room = WARM_MOST;

  for (; *types != NULL; types++)
    {
      g_autoptr (GAppInfo) usual = g_app_info_get_default_for_type (*types, FALSE);
      const char *name = usual != NULL ? g_app_info_get_executable (usual) : NULL;
      g_autofree char *path = name != NULL ? g_find_program_in_path (name) : NULL;

      if (path != NULL)
        room -= warm_program (path, room);
    }
  return 0;
}

/* --- one file -----------------------------------------------------------------------------------
 */

static void
child_ended (GPid pid, int status, gpointer data)
{
  Open *open = data;

  open->ended = TRUE;
  open->status = status;
}

static void
child_started (GDesktopAppInfo *info, GPid pid, gpointer data)
{
  g_child_watch_add (pid, child_ended, data);
}

/* A file of the host's desktop: the program of that id as it is inside, never over D-Bus. */
static GDesktopAppInfo *
program_of (const char *id, GError **error)
{
  g_autoptr (GDesktopAppInfo) found = g_desktop_app_info_new (id);
  const char *path = found != NULL ? g_desktop_app_info_get_filename (found) : NULL;

  if (path != NULL)
    return sg_app_info_read (path, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "The program that this computer uses for it is not there inside");
  return NULL;
}

static gboolean
launch (Open *open, GDesktopAppInfo *info, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autofree char *uri = g_file_get_uri (file);
  GList uris = { .data = uri };

  return g_desktop_app_info_launch_uris_as_manager (info, &uris, NULL,
                                                    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD
                                                        | G_SPAWN_STDOUT_TO_DEV_NULL
                                                        | G_SPAWN_STDERR_TO_DEV_NULL,
                                                    NULL, NULL, child_started, open, error);
}

static double
seconds_since (gint64 when)
{
  return (double)(g_get_monotonic_time () - when) / G_USEC_PER_SEC;
}

static void
tell_none (Open *open)
{
  open->told_none = TRUE;
  if (!open->ended)
    say ("none The program runs, but has opened no window");
  else if (WIFEXITED (open->status) && WEXITSTATUS (open->status) == 0)
    say ("none The program has ended without opening a window");
  else
    say ("none The program has ended with an error before it opened a window");
}

static gboolean
look (gpointer data)
{
  Open *open = data;
  guint n = sg_open_windows_count (open->windows);

  open->any_came |= sg_open_windows_changed (open->windows);
  /* A busy machine: it was there, and is gone already. */
  if (n > 0 || (!open->told_window && open->any_came && open->ended))
    {
      if (!open->told_window)
        say ("window");
      open->told_window = TRUE;
      open->empty_since = 0;
    }
  else if (!open->told_window)
    {
      if (!open->told_none && seconds_since (open->started) > FIRST_SECONDS)
        tell_none (open);
    }
  else if (open->empty_since == 0)
    open->empty_since = g_get_monotonic_time ();
  else if (seconds_since (open->empty_since) > GRACE_SECONDS)
    {
      say ("closed");
      g_main_loop_quit (open->loop);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

/* The path, as soon as the file is there.  NULL: it does not come. */
static char *
path_of_input (void)
{
  char line[PATH_MAX + 1];

  if (fgets (line, sizeof line, stdin) == NULL || strchr (line, '\n') == NULL)
    return NULL;
  return g_strndup (line, strcspn (line, "\n"));
}

/* PATH: NULL when standard input will tell. */
static int
open_file (const char *id, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDesktopAppInfo) info = NULL;
  g_autofree char *later = NULL;
  Open open = { 0 };

  open.windows = sg_open_windows_new (g_getenv ("DISPLAY"));
  if (open.windows == NULL)
    return fail ("The desktop inside is not there");
  info = program_of (id, &error);
  if (info != NULL && path == NULL)
    path = later = path_of_input ();
  if (info != NULL && path == NULL)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "The file has not come");
  sg_open_windows_changed (open.windows); /* what was before does not count */
  if (error != NULL || !launch (&open, info, path, &error))
    {
      sg_open_windows_free (open.windows);
      return fail (error->message);
    }
  say ("started");
  open.started = g_get_monotonic_time ();
  open.loop = g_main_loop_new (NULL, FALSE);
  g_timeout_add (TICK_MSEC, look, &open);
  g_main_loop_run (open.loop);
  g_main_loop_unref (open.loop);
  sg_open_windows_free (open.windows);
  return open.code;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--list") == 0)
    return list_programs (argv[2]);
  if (argc >= 3 && strcmp (argv[1], "--warm") == 0)
    return warm (argv + 2);
  if (argc == 4 && strcmp (argv[1], "--with") == 0)
    return open_file (argv[2], argv[3]);
  if (argc == 3 && strcmp (argv[1], "--later") == 0)
    return open_file (argv[2], NULL);
  return fail ("sandglass-open was called in a way that it does not know");
}
