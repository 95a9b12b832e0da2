/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandglass-session for tests of the windows: org.sandglass.Session1 on the owner's descriptor
 * and on the control socket, and a real SPICE display: QEMU with nothing but its firmware, which
 * draws a few lines of text.  It misbehaves as the file $XDG_RUNTIME_DIR/ui-session says, word by
 * word:
 *
 *   fail      cannot start          dead       ends at once, before it speaks
 *   slow      takes 4 s to start    vanish     is gone 2.5 s after it started, once it is shown
 *   linger    Discard fails         drop       the display ends after 2 s, once it is shown
 *   unseen    ... although nobody shows it
 *   title     a title of 10,000 characters, with direction marks
 *   notice    sends a notice        stuck      stays "booting"
 *   policy    only off and internet are allowed
 *   clips     text and files may go in
 *   later     says nothing for 1.5 s
 *   lock      the desktop's screen is locked from 6 s on, for 3 s
 *   undo      a closed sandbox can be taken back
 *   plain     its picture is a made-up one: no machine
 *   devices   USB devices and cameras are granted; it has the camera while there is a file `given`
 *             beside ui-session
 *   crash     its machine stops 2.5 s after it started, and its files can be saved
 *   lost      ... and cannot be shown
 *   held      its desktop is there once there is a file `go` beside ui-session
 *
 *   others    with --waiting: its window is not kept when it is taken
 *
 * With --waiting it waits until it is taken (launcher/standby.h).
 * The file $XDG_RUNTIME_DIR/transfers is there: files are copied.  It writes what it is asked to
 * $XDG_RUNTIME_DIR/ui-session.log. */
#include "tests/ui/ui-session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERFACE "org.sandglass.Session1"

Fake fake;

gboolean
fake_is (const char *word)
{
  return strstr (fake.behaviour, word) != NULL;
}

void
fake_note (const char *text)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "ui-session.log", NULL);
  FILE *file = fopen (path, "a");

  if (file == NULL)
    return; /* the test is over */
  fprintf (file, "%s %s\n", fake.id, text);
  fclose (file);
}

/* --- the course of it --- */

static gboolean
misbehave (gpointer data)
{
  if (!fake.is_shown && !fake_is ("unseen") && (fake_is ("vanish") || fake_is ("drop")))
    return G_SOURCE_CONTINUE; /* on a busy computer */
  if (fake_is ("vanish"))
    {
      fake_tidy ();
      fake_end_machine ();
      kill (getpid (), SIGKILL);
    }
  if (fake_is ("drop") || fake_is ("crash"))
    fake_end_machine ();
  if (fake_is ("crash"))
    fake_become (
        "stopped", "",
        "The sandbox's machine stopped unexpectedly (QEMU was ended by signal 9 (Killed)), "
        "most likely because this computer ran out of memory");
  return G_SOURCE_REMOVE;
}

gboolean
fake_desktop_is_there (gpointer data)
{
  if (fake_is ("fail"))
    {
      fake_become ("gone", "",
                   "This user may not use virtualization (/dev/kvm). Nothing was changed.");
      g_timeout_add (300, fake_end, NULL);
    }
  else if (!fake_is ("stuck"))
    fake_become ("running", "", "");
  if (fake_is ("notice"))
    fake_emit (
        INTERFACE, "Notice",
        g_variant_new ("(ss)", "base-changed",
                       "This computer was updated while the sandbox runs. Programs that were not "
                       "used yet may not start in it; a new sandbox has the new ones."));
  return G_SOURCE_REMOVE;
}

static gboolean
begin_desktop (gpointer data)
{
  fake_become ("booting", "Starting the desktop", "");
  return G_SOURCE_REMOVE;
}

/* As a desktop's screen saver tells it, on the session bus. */
static gboolean
tell_lock (gpointer locked)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) owned = NULL;

  if (bus == NULL)
    return G_SOURCE_REMOVE;
  owned = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.ScreenSaver", 0),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_dbus_connection_emit_signal (bus, NULL, "/org/freedesktop/ScreenSaver",
                                 "org.freedesktop.ScreenSaver", "ActiveChanged",
                                 g_variant_new ("(b)", locked != NULL), NULL);
  g_dbus_connection_flush_sync (bus, NULL, NULL);
  fake_note (locked != NULL ? "locked" : "unlocked");
  g_object_ref (bus); /* the name is ours until the end */
  return G_SOURCE_REMOVE;
}

static char *
read_behaviour (void)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "ui-session", NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

static char *
make_title (void)
{
  GString *title = g_string_new ("");

  if (!fake_is ("title"))
    return g_strdup ("Desktop");
  for (int i = 0; i < 10000; i++)
    g_string_append (title, i % 2 == 0 ? "\u202e" : i % 3 == 0 ? "W\n" : "\u4e2d");
  return g_string_free (title, FALSE);
}

gboolean
fake_end (gpointer data)
{
  g_main_loop_quit (fake.loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  gboolean alone = FALSE, waiting = FALSE;
  int owner = -1;

  fake.behaviour = read_behaviour ();
  fake.id = g_strdup_printf ("%08x", g_random_int ());
  fake.title = make_title ();
  fake.state = "preparing";
  fake.stage = "Preparing";
  fake.failure = "";
  fake.network = "internet";
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--alone"))
      alone = TRUE; /* as one that was told to stay */
    else if (g_str_equal (argv[i], "--waiting"))
      waiting = TRUE;
    else if (g_str_has_prefix (argv[i], "--owner-fd="))
      owner = atoi (argv[i] + strlen ("--owner-fd="));
  fake_note ("started");
  if ((owner < 0 && !alone && !waiting) || fake_is ("dead"))
    return 2;
  if (fake_is ("later"))
    g_usleep (1500000);
  fake.loop = g_main_loop_new (NULL, FALSE);
  if (waiting)
    fake_wait ();
  else
    fake_listen ();
  if (!alone && !waiting)
    fake_serve_fd (owner, TRUE);
  if (!waiting)
    {
      g_timeout_add (200, begin_desktop, NULL);
      g_timeout_add (fake_is ("slow") ? 4000 : 700, fake_desktop_is_there, NULL);
      g_timeout_add (2500, misbehave, NULL);
    }
  if (fake_is ("devices"))
    g_timeout_add (200, fake_look_for_devices, NULL);
  if (fake_is ("lock"))
    {
      g_timeout_add (6000, tell_lock, GINT_TO_POINTER (TRUE));
      g_timeout_add (9000, tell_lock, NULL);
    }
  g_main_loop_run (fake.loop);
  fake_note ("ended");
  fake_tidy ();
  fake_end_machine ();
  return 0;
}
