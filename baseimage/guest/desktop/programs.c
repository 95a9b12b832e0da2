/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has no use for the server starts beside it, everything else the moment it answers. */
#include "desktop.h"

#include "session-env.h"
#include "spice.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPICE_PORT "com.redhat.spice.0"

void
sg_desktop_start_child (Desktop *desktop, guint which, SgChildSpec spec)
{
  if (!spec.fd_inside)
    spec.fd = -1;
  spec.data = desktop;
  desktop->children[which] = sg_child_start (&spec);
}

void
sg_desktop_start_bus (Desktop *desktop)
{
  static const char *argv[] = { "dbus-daemon", "--session", "--nofork", "--nopidfile", NULL, NULL };

  desktop->bus_address = g_strconcat (
      "--address=", g_environ_getenv (desktop->env, "DBUS_SESSION_BUS_ADDRESS"), NULL);
  argv[4] = desktop->bus_address;
  sg_desktop_start_child (desktop, BUS,
                          (SgChildSpec){ .name = "the session bus",
                                         .argv = argv,
                                         .env = (const char *const *)desktop->env,
                                         .user = &desktop->user });
}

/* Pointer events come over the virtual tablet; but where QEMU prefers SPICE's agent for them, only
 * a true uinput device moves the pointer. */
static void
start_spice (gpointer data, const char *unused)
{
  Desktop *desktop = data;
  static const char *daemon_argv[]
      = { "spice-vdagentd", "-x", "-X", "-s", NULL, NULL, NULL, NULL, NULL };

  daemon_argv[4] = desktop->spice_port;
  if (access ("/dev/uinput", W_OK) != 0)
    {
      daemon_argv[5] = "-f"; /* pretend */
      daemon_argv[6] = "-u";
      daemon_argv[7] = "/dev/null";
    }
  mkdir ("/run/spice-vdagentd", 0755);
  sg_desktop_start_child (desktop, SPICE_DAEMON,
                          (SgChildSpec){ .name = "spice-vdagentd",
                                         .argv = daemon_argv,
                                         .env = (const char *const *)desktop->root_env });
  desktop->spice_started = TRUE;
  sg_desktop_say_ready (desktop);
}

void
sg_desktop_prepare_spice (Desktop *desktop)
{
  static const char *const modprobe_argv[] = { "modprobe", "-q", "uinput", NULL };
  g_autofree char *program = g_find_program_in_path ("spice-vdagentd");

  desktop->spice_port = program ? sg_spice_port ("/sys/class/virtio-ports", SPICE_PORT) : NULL;
  if (!desktop->spice_port)
    desktop->spice_started = TRUE;
  else
    sg_desktop_start_child (desktop, UINPUT,
                            (SgChildSpec){ .name = "modprobe uinput",
                                           .argv = modprobe_argv,
                                           .env = (const char *const *)desktop->root_env,
                                           .once = TRUE,
                                           .gave_up = start_spice });
}

/* udev is told of few devices (sandglass-devices.service), and the sound card is none of them: its
 * driver is fetched here, while the X server starts. */
void
sg_desktop_prepare_sound (Desktop *desktop)
{
  static const char *const modprobe_argv[] = { "modprobe", "-q", "snd-hda-intel", NULL };
  g_autofree char *runtime = sg_session_runtime_dir (desktop->user.uid);

  desktop->sound
      = sg_sound_watch (&desktop->user, runtime, (const char *const *)desktop->sound_env);
  sg_desktop_start_child (desktop, SOUND,
                          (SgChildSpec){ .name = "modprobe snd-hda-intel",
                                         .argv = modprobe_argv,
                                         .env = (const char *const *)desktop->root_env,
                                         .once = TRUE });
}

/* The shell waits for a byte before it speaks to the server. */
void
sg_desktop_let_shell_go (gpointer data)
{
  Desktop *desktop = data;

  if (desktop->server_up)
    (void)!send (desktop->shell_fd, "G", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
shell_gone (gpointer data, const char *why)
{
  g_autofree char *text = g_strdup_printf ("The sandbox's desktop stopped: %s.", why);

  sg_desktop_fail (data, text);
}

void
sg_desktop_start_shell (Desktop *desktop)
{
  static const char *const argv[] = { SG_GUEST_LIBDIR "/sandglass-shell", NULL };

  sg_desktop_start_child (desktop, SHELL,
                          (SgChildSpec){ .name = "sandglass-shell",
                                         .argv = argv,
                                         .env = (const char *const *)desktop->shell_env,
                                         .user = &desktop->user,
                                         .fd = desktop->shell_end,
                                         .fd_inside = SHELL_FD,
                                         .started = sg_desktop_let_shell_go,
                                         .gave_up = shell_gone });
}

void
sg_desktop_start_session (Desktop *desktop)
{
  static const char *const openbox_argv[]
      = { "openbox", "--sm-disable", "--config-file", SG_GUEST_LIBDIR "/openbox-rc.xml", NULL };
  static const char *spice_argv[] = { "spice-vdagent", "-x", "-s", NULL, NULL };

  memcpy (desktop->openbox_argv, openbox_argv, sizeof openbox_argv);
  sg_desktop_start_child (desktop, WINDOW_MANAGER,
                          (SgChildSpec){ .name = "openbox",
                                         .argv = desktop->openbox_argv,
                                         .env = (const char *const *)desktop->env,
                                         .user = &desktop->user });
  spice_argv[3] = desktop->spice_port;
  if (desktop->spice_port)
    sg_desktop_start_child (desktop, SPICE_AGENT,
                            (SgChildSpec){ .name = "spice-vdagent",
                                           .argv = spice_argv,
                                           .env = (const char *const *)desktop->quiet_env,
                                           .user = &desktop->user });
}

/* The window manager's titles and pointer are of the size that it finds when it starts, and so is
 * what it does with windows: with one program alone, all of the screen is that one's. */
void
sg_desktop_look_changed (gpointer data, gboolean program)
{
  Desktop *desktop = data;

  desktop->openbox_argv[3]
      = program ? SG_GUEST_LIBDIR "/openbox-program-rc.xml" : SG_GUEST_LIBDIR "/openbox-rc.xml";
  if (desktop->ready && desktop->children[WINDOW_MANAGER])
    sg_child_restart (desktop->children[WINDOW_MANAGER]);
  else
    desktop->manager_anew = TRUE; /* once what it has to do now is done */
}
