/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-desktop: starts the desktop inside a sandbox and keeps it running.
 *
 *   (nothing)        as the unit does: the X server; when it takes connections, the window manager,
 *                    the shell and SPICE's agent; the session bus beside them.  Ends when the X
 *                    server or the shell cannot be kept up.
 *   keyboard LAYOUT  another keyboard layout, at once
 *   settings         in a process of the user's: those of the person's own desktop (look.h)
 *
 * Order: what has no use for the server (bus) starts beside it, everything else the moment it
 * answers.  "ready" is said when the shell has drawn its first frame (see shell/main.c); then the
 * machine may be saved as a template, so nothing of ours may still be pending. */
#include "desktop.h"
#include "home.h"
#include "keyboard.h"
#include "look.h"
#include "server.h"
#include "session-env.h"
#include "sound.h"
#include "state.h"

#include "common/fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_FD 3
/* Its driver is loaded beside all else, which takes an emulated machine on a busy computer long. */
#define CARD_SECONDS 90

/* The desktop is over: one line for a person, and the unit fails. */
void
sg_desktop_fail (Desktop *desktop, const char *why)
{
  g_printerr ("sandglass-desktop: %s\n", why);
  sg_state_remove ("ready");
  sg_state_write ("failed", why, NULL);
  desktop->status = EXIT_FAILURE;
  g_main_loop_quit (desktop->loop);
}

static void
server_gone (gpointer data, const char *why)
{
  g_autofree char *text = g_strdup_printf ("The sandbox's screen (X server) stopped: %s.", why);

  sg_desktop_fail (data, text);
}

/* --- what the shell says --- */

static void
power_off (void)
{
  sync ();
  reboot (RB_POWER_OFF);
}

/* The shell has drawn, and nothing is yet to be started. */
void
sg_desktop_say_ready (Desktop *desktop)
{
  g_autoptr (GError) error = NULL;

  if (desktop->ready || !desktop->shell_ready || !desktop->spice_started)
    return;
  desktop->ready = TRUE;
  if (!sg_state_write ("ready", "", &error))
    sg_desktop_fail (desktop, error->message);
  sg_state_notify ("READY=1");
  if (desktop->manager_anew)
    sg_child_restart (desktop->children[WINDOW_MANAGER]);
}

static gboolean
on_shell (int fd, GIOCondition condition, gpointer data)
{
  Desktop *desktop = data;
  char what;

  while (recv (fd, &what, 1, MSG_DONTWAIT) == 1)
    if (what == 'P')
      power_off ();
    else if (what == 'R')
      {
        desktop->shell_ready = TRUE;
        sg_desktop_say_ready (desktop);
      }
  return G_SOURCE_CONTINUE;
}

/* --- the server --- */

static gboolean on_reload (gpointer data);

/* A keyboard or a language that was set while the server started, which takes seconds: what began
 * with the one before has the new one.  From here on the agent tells those that run. */
static void
catch_up (Desktop *desktop)
{
  g_autoptr (SgKeyboard) keyboard = sg_keyboard_read ("");
  g_autofree char *section = sg_keyboard_section (keyboard);
  g_autofree char *words = g_strdup_printf ("%s %s", keyboard->layout, keyboard->variant);
  const char *argv[]
      = { SG_GUEST_LIBDIR "/sandglass-desktop", "keyboard", g_strchomp (words), NULL };
  g_autofree char *language = g_strdup (g_environ_getenv (desktop->env, "LANG"));
  g_auto (GStrv) now = sg_session_env ("", &desktop->user, SG_DISPLAY);

  if (g_strcmp0 (section, desktop->keyboard) != 0)
    g_spawn_async (NULL, (char **)argv, desktop->root_env, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL);
  if (g_strcmp0 (g_environ_getenv (now, "LANG"), language) != 0)
    on_reload (desktop);
}

/* The server writes its number and a newline when it takes connections. */
static gboolean
on_server (int fd, GIOCondition condition, gpointer data)
{
  Desktop *desktop = data;
  g_autoptr (GError) error = NULL;
  char text[16];
  ssize_t n = read (fd, text, sizeof text);

  if (n > 0 && memchr (text, '\n', (gsize)n))
    {
      close (fd);
      if (sg_server_admit (desktop->user.name, &error))
        {
          desktop->server_up = TRUE;
          sg_desktop_let_shell_go (desktop);
          catch_up (desktop);
          sg_desktop_start_session (desktop);
          desktop->look
              = sg_desktop_look_watch (&desktop->user, (const char *const *)desktop->sound_env,
                                       sg_desktop_look_changed, desktop);
        }
      else
        sg_desktop_fail (desktop, error->message);
      return G_SOURCE_REMOVE;
    }
  if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
    return G_SOURCE_CONTINUE;
  close (fd);
  return G_SOURCE_REMOVE; /* it ended: server_gone() is called for that */
}

static gboolean
start_server (Desktop *desktop, GError **error)
{
  const char *program = sg_server_program (error);
  int ends[2];

  if (!program || !sg_server_await_card (CARD_SECONDS, error) || !sg_server_configure (error)
      || !g_unix_open_pipe (ends, FD_CLOEXEC, error))
    return FALSE;
  desktop->server_argv = sg_server_argv (program, SERVER_FD);
  g_unix_fd_add (ends[0], G_IO_IN | G_IO_HUP, on_server, desktop);
  sg_desktop_start_child (desktop, SERVER,
                          (SgChildSpec){ .name = "the X server",
                                         .argv = (const char *const *)desktop->server_argv,
                                         .env = (const char *const *)desktop->root_env,
                                         .fd = ends[1],
                                         .fd_inside = SERVER_FD,
                                         .once = TRUE,
                                         .gave_up = server_gone });
  close (ends[1]);
  sg_desktop_start_shell (desktop);
  return TRUE;
}

/* --- what they find --- */

static void
set_environments (Desktop *desktop)
{
  char **quiet;

  g_strfreev (desktop->env);
  g_strfreev (desktop->quiet_env);
  g_strfreev (desktop->shell_env);
  desktop->env = sg_session_env ("", &desktop->user, SG_DISPLAY);
  quiet = g_strdupv (desktop->env);
  quiet = g_environ_setenv (quiet, "GDK_GL", "disable", TRUE); /* shell/main.c, share_visuals() */
  /* A screen reader's bus is three more processes; we join it where it is asked for. */
  if (access ("/etc/sandglass/accessibility", F_OK) != 0)
    quiet = g_environ_setenv (quiet, "NO_AT_BRIDGE", "1", TRUE);
  desktop->quiet_env = quiet;
  desktop->shell_env
      = g_environ_setenv (g_strdupv (quiet), "SANDGLASS_DESKTOP_FD", G_STRINGIFY (SHELL_FD), TRUE);
  desktop->shell_env = g_environ_setenv (desktop->shell_env, "SANDGLASS_DESKTOP_WAIT", "1", TRUE);
}

static gboolean
prepare (Desktop *desktop, GError **error)
{
  g_autoptr (SgKeyboard) keyboard = sg_keyboard_read ("");
  g_autofree char *said = NULL;
  int pair[2];

  desktop->keyboard = sg_keyboard_section (keyboard);
  if (!sg_desktop_find_user (&desktop->user, error)
      || !sg_desktop_make_folders (&desktop->user, error) || !sg_server_lock (error))
    return FALSE;
  set_environments (desktop);
  desktop->root_env
      = g_environ_setenv (g_get_environ (), "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  desktop->root_env = g_environ_unsetenv (desktop->root_env, "NOTIFY_SOCKET");
  desktop->sound_env = g_strdupv (desktop->env);
  sg_state_remove ("ready");
  sg_state_remove ("failed");
  said = g_strjoinv ("\n", desktop->env);
  if (!sg_state_write ("environment", said, error))
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "socketpair: %s",
                   g_strerror (errno));
      return FALSE;
    }
  desktop->shell_fd = pair[0];
  desktop->shell_end = pair[1];
  g_unix_fd_add (desktop->shell_fd, G_IO_IN, on_shell, desktop);
  return TRUE;
}

static gboolean
on_term (gpointer data)
{
  g_main_loop_quit (((Desktop *)data)->loop);
  return G_SOURCE_CONTINUE;
}

/* Another locale: programs from now on have it, and the shell speaks it. */
static gboolean
on_reload (gpointer data)
{
  Desktop *desktop = data;

  set_environments (desktop);
  for (int i = 0; i < N_CHILDREN; i++)
    if (desktop->children[i] && i != SERVER && i != UINPUT && i != SOUND && i != SPICE_DAEMON)
      sg_child_set_env (desktop->children[i],
                        (const char *const *)(i == SHELL         ? desktop->shell_env
                                              : i == SPICE_AGENT ? desktop->quiet_env
                                                                 : desktop->env));
  if (desktop->children[SHELL])
    sg_child_restart (desktop->children[SHELL]);
  return G_SOURCE_CONTINUE;
}

static int
run (void)
{
  Desktop desktop = { .shell_fd = -1, .shell_end = -1, .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GError) error = NULL;

  g_unix_signal_add (SIGTERM, on_term, &desktop);
  g_unix_signal_add (SIGHUP, on_reload, &desktop);
  if (prepare (&desktop, &error))
    {
      sg_desktop_start_bus (&desktop);
      sg_desktop_prepare_spice (&desktop);
      sg_desktop_prepare_sound (&desktop);
    }
  if (error || !start_server (&desktop, &error))
    sg_desktop_fail (&desktop, error->message);
  else if (desktop.status == EXIT_SUCCESS) /* else it failed before there was a loop to leave */
    g_main_loop_run (desktop.loop);
  sg_desktop_look_free (desktop.look);
  sg_sound_free (desktop.sound);
  for (int i = N_CHILDREN - 1; i >= 0; i--)
    sg_child_stop (desktop.children[i]);
  return desktop.status;
}

/* --- the other verbs --- */

static int
set_keyboard (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgKeyboard) keyboard = sg_keyboard_parse (text, &error);

  if (!keyboard)
    {
      g_printerr ("sandglass-desktop: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_setenv ("DISPLAY", SG_DISPLAY, TRUE);
  g_setenv ("XAUTHORITY", SG_SERVER_AUTHORITY, TRUE);
  execlp ("setxkbmap", "setxkbmap", "-layout", keyboard->layout, "-variant", keyboard->variant,
          NULL);
  g_printerr ("sandglass-desktop: setxkbmap cannot be started: %s\n", g_strerror (errno));
  return EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  if (argc == 1)
    return run ();
  if (argc == 3 && strcmp (argv[1], "keyboard") == 0)
    return set_keyboard (argv[2]);
  if (argc == 2 && strcmp (argv[1], "settings") == 0)
    return sg_desktop_look_settings ();
  g_printerr ("Usage: sandglass-desktop [keyboard LAYOUT | settings]\n");
  return 2;
}
