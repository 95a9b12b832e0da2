/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three names for one thing: desktops offer org.freedesktop.ScreenSaver, GNOME its own too, some only
 * one of them, and the login manager has one besides.  Locked is what any of them says; should it crash while locked, that stays until it is
 * back and says otherwise. */
#include "ui/clipboard-lock.h"

#include "common/fd.h"
#include "ui/clipboard-login.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct
{
  const char *name, *path;
} savers[] = {
  { "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver" },
  { "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver" },
};

typedef struct
{
  int fd;
  GMainLoop *loop;
  gboolean active[G_N_ELEMENTS (savers)], login;
  char said;
} Watch;

static void
say (Watch *watch)
{
  char now = watch->active[0] || watch->active[1] || watch->login ? SG_CLIP_LOCK_LOCKED : SG_CLIP_LOCK_OPEN;

  if (now != watch->said && write (watch->fd, &now, 1) != 1)
    g_main_loop_quit (watch->loop);
  watch->said = now;
}

static void
take (Watch *watch, const char *interface, GVariant *value)
{
  gboolean active;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (value, "(b)", &active);
  for (gsize i = 0; i < G_N_ELEMENTS (savers); i++)
    if (g_str_equal (interface, savers[i].name))
      watch->active[i] = active;
  say (watch);
}

static void
on_changed (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
            const char *signal, GVariant *parameters, gpointer data)
{
  take (data, interface, parameters);
}

typedef struct
{
  Watch *watch;
  const char *interface;
} Question;

static void
asked (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  take (question->watch, question->interface, reply);
  g_free (question);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (savers); i++)
    if (g_str_equal (name, savers[i].name))
      {
        Question *question = g_new0 (Question, 1);

        question->watch = data;
        question->interface = savers[i].name;
        g_dbus_connection_call (bus, name, savers[i].path, name, "GetActive", NULL,
                                G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL,
                                asked, question);
      }
}

static void
on_login (gboolean locked, gpointer data)
{
  Watch *watch = data;

  watch->login = locked;
  say (watch);
}

static gboolean
on_viewer_gone (int fd, GIOCondition condition, gpointer data)
{
  g_main_loop_quit (((Watch *)data)->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
have_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_access (socket, W_OK) == 0;
}

static void
watch_savers (Watch *watch)
{
  GDBusConnection *bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);

  if (bus == NULL)
    return; /* a bus that cannot be reached is no bus: nobody tells */
  g_signal_connect_swapped (bus, "closed", G_CALLBACK (g_main_loop_quit), watch->loop);
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (savers); i++)
    {
      g_dbus_connection_signal_subscribe (bus, savers[i].name, savers[i].name, "ActiveChanged",
                                          NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, watch,
                                          NULL);
      g_bus_watch_name_on_connection (bus, savers[i].name, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      on_appeared, NULL, watch, NULL);
    }
}

static void
watch_lock (int fd)
{
  Watch watch = { .fd = fd, .loop = g_main_loop_new (NULL, FALSE) };

  g_unix_fd_add (fd, G_IO_HUP | G_IO_ERR, on_viewer_gone, &watch);
  if (have_bus ())
    watch_savers (&watch);
  sg_clip_login_watch (on_login, &watch);
  say (&watch);
  g_main_loop_run (watch.loop);
}

int
sg_clipboard_lock_watch (void)
{
  pid_t parent = getpid ();
  int ours, theirs;

  if ((!have_bus () && !sg_clip_login_is_there ()) || !sg_socketpair (&ours, &theirs, NULL))
    return -1;
  switch (fork ())
    {
    case 0:
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      prctl (PR_SET_NAME, "sandglass-lock");
      close (ours);
      if (getppid () == parent)
        watch_lock (theirs);
      _exit (0);
    case -1:
      close (ours);
      ours = -1;
      /* fall through */
    default:
      close (theirs);
      return ours;
    }
}
