/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop that changes: its own settings (XSETTINGS, or what Wayland's compositor tells) come from
 * GDK, the person's from GSettings.  One change is several of these, so the desktop is asked once they
 * are over. */
#include "launcher/look/look.h"

#include <gdk/gdk.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define QUIET_MSEC 200

typedef struct
{
  GMainLoop *loop;
  char *text; /* that was printed last */
  guint later;
} Watch;

static gboolean
print (gpointer data)
{
  Watch *watch = data;
  g_autofree char *text = look_text ();

  watch->later = 0;
  if (g_strcmp0 (text, watch->text) == 0)
    return G_SOURCE_REMOVE;
  g_free (watch->text);
  watch->text = g_steal_pointer (&text);
  if (fwrite (watch->text, strlen (watch->text) + 1, 1, stdout) != 1 || fflush (stdout) != 0)
    g_main_loop_quit (watch->loop);
  return G_SOURCE_REMOVE;
}

static void
ask_later (Watch *watch)
{
  g_clear_handle_id (&watch->later, g_source_remove);
  watch->later = g_timeout_add (QUIET_MSEC, print, watch);
}

static void
on_event (GdkEvent *event, gpointer data)
{
  if (event->type == GDK_SETTING)
    ask_later (data);
}

static void
on_setting (GSettings *settings, const char *key, Watch *watch)
{
  ask_later (watch);
}

static gboolean
nobody_reads (gint fd, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* NULL: this computer has no such settings. */
static GSettings *
follow_settings (Watch *watch)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema
      = source != NULL ? g_settings_schema_source_lookup (source, LOOK_INTERFACE, TRUE) : NULL;
  g_auto (GStrv) keys = NULL;
  GSettings *settings;

  if (schema == NULL)
    return NULL;
  settings = g_settings_new_full (schema, NULL, NULL);
  g_signal_connect (settings, "changed", G_CALLBACK (on_setting), watch);
  keys = g_settings_schema_list_keys (schema);
  for (char **key = keys; *key != NULL; key++) /* only of what was read changes are told */
    g_variant_unref (g_settings_get_value (settings, *key));
  return settings;
}

int
look_watch (void)
{
  Watch watch = { .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GSettings) settings = NULL;

  prctl (PR_SET_PDEATHSIG, SIGTERM); /* and where that was too late, the pipe tells */
  print (&watch);                    /* which starts GDK */
  settings = follow_settings (&watch);
  gdk_event_handler_set (on_event, &watch, NULL);
  g_unix_fd_add (STDOUT_FILENO, G_IO_ERR | G_IO_HUP, nobody_reads, watch.loop);
  ask_later (&watch); /* what has changed since it was read */
  g_main_loop_run (watch.loop);
  g_clear_handle_id (&watch.later, g_source_remove);
  g_main_loop_unref (watch.loop);
  g_free (watch.text);
  return EXIT_SUCCESS;
}
