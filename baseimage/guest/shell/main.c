/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-shell: the desktop inside a sandbox.  One process: background, panel, menu, and the eye
 * on the display's size.
 *
 * The machine is cloned while this program sleeps, and each wake-up afterwards costs the clone
 * pages of its own.  So: once it is ready nothing polls, the one timer is the clock's minute, the
 * menu is read and built before the machine is saved, and what could be activated over D-Bus is
 * left asleep.
 *
 * sandglass-desktop starts us with one end of a socket pair in SANDGLASS_DESKTOP_FD: 'R' goes there
 * when the first frame is on the screen and the menu is in memory, 'P' asks to end the machine.
 * Without that descriptor (a test, a try on any X server) both are left out. */
#include "background.h"
#include "display.h"
#include "keys.h"
#include "launch.h"
#include "look.h"
#include "menu.h"
#include "message.h"
#include "panel.h"
#include "style.h"

#include <X11/Xatom.h>
#include <errno.h>
#include <fcntl.h>
#include <gdk/gdkx.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct
{
  SgBackground *background;
  SgPanel *panel;
  SgMenu *menu;
  SgKeys *keys;
  SgFollow *follow;
  SgShellLook *look;
  int desktop_fd; /* -1: nobody waits for us */
  guint unpainted;
  gboolean ready;
  guint nudge; /* until we are ready; see nudge_manager() */
  guint nudges_left;
} Shell;

#define NUDGE_MSEC 250
#define NUDGES_AFTER_LOOK 60

/* For the shell alone; programs are started with what was there before (launch.c). */
static void
set_environment (void)
{
  sg_launch_init ();
  g_setenv ("GTK_THEME", sg_style_theme (), TRUE);
  g_setenv ("GDK_GL", "disable", TRUE);           /* see share_visuals() */
  g_setenv ("GDK_BACKEND", "x11", TRUE);          /* RandR and the window list are X11 */
  g_setenv ("GIO_USE_VFS", "local", TRUE);        /* no gvfsd for files on the desktop */
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE); /* no dconf-service */
  g_setenv ("GTK_IM_MODULE", "gtk-im-context-simple", TRUE);
  g_unsetenv ("GTK_MODULES");
}

/* At its start each GTK program asks OpenGL which visuals are good for drawing with it: that loads
 * Mesa and LLVM, 40 percent of all it does until its first frame.  The first one leaves the answer
 * on the root window for the others (GDK_VISUALS: system, with alpha).  There is one card here and
 * its driver is known, so we leave the answer without the question.  Programs that do draw with
 * OpenGL start it then. */
static void
share_visuals (void)
{
  GdkScreen *screen = gdk_screen_get_default ();
  GdkVisual *rgba = gdk_screen_get_rgba_visual (screen);
  Display *display = GDK_DISPLAY_XDISPLAY (gdk_display_get_default ());
  long visuals[2];

  if (!rgba)
    return;
  visuals[0]
      = (long)XVisualIDFromVisual (GDK_VISUAL_XVISUAL (gdk_screen_get_system_visual (screen)));
  visuals[1] = (long)XVisualIDFromVisual (GDK_VISUAL_XVISUAL (rgba));
  XChangeProperty (display, GDK_WINDOW_XID (gdk_screen_get_root_window (screen)),
                   gdk_x11_get_xatom_by_name ("GDK_VISUALS"), XA_INTEGER, 32, PropModeReplace,
                   (const unsigned char *)visuals, 2);
}

static int
take_desktop_fd (void)
{
  const char *text = g_getenv ("SANDGLASS_DESKTOP_FD");
  guint64 fd;

  if (!text || !g_ascii_string_to_unsigned (text, 10, 3, 1024, &fd, NULL))
    return -1;
  g_unsetenv ("SANDGLASS_DESKTOP_FD");
  if (fcntl ((int)fd, F_SETFD, FD_CLOEXEC) != 0)
    return -1;
  return (int)fd;
}

/* What needs no X server is done while the server starts, on the other processor: the program's
 * libraries are in memory when main() runs, the menu's files are read and the first font is found.
 * sandglass-desktop then sends a byte. */
static void
await_server (Shell *shell)
{
  PangoContext *context;
  PangoLayout *layout;
  ssize_t n;
  char go;

  if (shell->desktop_fd < 0 || !g_getenv ("SANDGLASS_DESKTOP_WAIT"))
    return;
  g_unsetenv ("SANDGLASS_DESKTOP_WAIT");
  context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  layout = pango_layout_new (context);
  pango_layout_set_text (layout, "x", 1);
  pango_layout_get_size (layout, NULL, NULL);
  g_object_unref (layout);
  g_object_unref (context);
  sg_menu_read (shell->menu);
  do
    n = read (shell->desktop_fd, &go, 1);
  while (n < 0 && errno == EINTR);
}

static void
tell_desktop (Shell *shell, char what)
{
  ssize_t n;

  if (shell->desktop_fd < 0)
    return;
  do
    n = write (shell->desktop_fd, &what, 1);
  while (n < 0 && errno == EINTR);
}

static void
power (gpointer data)
{
  tell_desktop (data, 'P');
}

static void
ask_power (gpointer data)
{
  sg_ask (_ ("Close this sandbox?"),
          _ ("All programs end, and everything in here disappears. Your files outside stay as they "
             "are."),
          _ ("Keep Using"), _ ("Close"), power, data);
}

static void
toggle_menu (gpointer data, guint32 timestamp)
{
  Shell *shell = data;

  sg_menu_toggle (shell->menu, timestamp);
}

static GIcon *
icon_of_class (gpointer data, const char *wm_class)
{
  return sg_menu_icon_of_class (((Shell *)data)->menu, wm_class);
}

static void
on_menu_shown (gpointer data, gboolean open)
{
  sg_panel_set_menu_open (((Shell *)data)->panel, open);
}

/* One program has the window: what is left of the desktop is the ground that it stands on. */
static void
leave_to_program (Shell *shell)
{
  if (!sg_shell_look_program (shell->look) || shell->keys == NULL)
    return;
  g_clear_pointer (&shell->keys, sg_keys_free);
  gtk_widget_hide (sg_panel_window (shell->panel));
  sg_background_plain (shell->background);
}

/* Drawn, and in the place that the window manager gave: both windows and it start side by side. */
static gboolean
ready_if_managed (gpointer data)
{
  Shell *shell = data;

  if (shell->ready || shell->unpainted > 0 || !sg_panel_is_managed (shell->panel))
    return G_SOURCE_REMOVE;
  shell->ready = TRUE;
  g_clear_handle_id (&shell->nudge, g_source_remove);
  sg_menu_prepare (shell->menu);
  leave_to_program (shell);
  gdk_display_sync (gdk_display_get_default ());
  tell_desktop (shell, 'R');
  return G_SOURCE_REMOVE;
}

static void
on_managed (gpointer data)
{
  ready_if_managed (data);
}

/* A window has drawn its first frame. */
static void
on_painted (GdkFrameClock *clock, Shell *shell)
{
  g_signal_handlers_disconnect_by_func (clock, on_painted, shell);
  if (--shell->unpainted == 0)
    g_idle_add (ready_if_managed, shell);
}

/* openbox 3.6 can go to sleep with our requests in its hands: what it reads from the server while
 * it starts is looked at with the next event only, and on a quiet desktop none comes (seen on a
 * busy computer: two windows that were never shown).  So it gets one now and then, until we are
 * ready. */
static gboolean
nudge_manager (gpointer data)
{
  Shell *shell = data;
  GdkDisplay *display = gdk_display_get_default ();
  Display *x = gdk_x11_display_get_xdisplay (display);
  long nothing = 0;

  XChangeProperty (x, DefaultRootWindow (x), XInternAtom (x, "_SANDGLASS_NUDGE", False),
                   XA_CARDINAL, 32, PropModeReplace, (const guchar *)&nothing, 1);
  gdk_display_flush (display);
  if (!shell->ready || --shell->nudges_left > 0)
    return G_SOURCE_CONTINUE;
  shell->nudge = 0;
  return G_SOURCE_REMOVE;
}

/* The window manager is started anew with it, and may go to sleep again. */
static void
on_look (gpointer data)
{
  Shell *shell = data;

  if (shell->ready)
    leave_to_program (shell);
  shell->nudges_left = NUDGES_AFTER_LOOK;
  if (shell->nudge == 0)
    shell->nudge = g_timeout_add (NUDGE_MSEC, nudge_manager, shell);
}

static void
await_paint (Shell *shell, GtkWidget *window)
{
  shell->unpainted++;
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (on_painted),
                    shell);
}

static gboolean
on_quit (gpointer unused)
{
  gtk_main_quit ();
  return G_SOURCE_CONTINUE;
}

static void
build (Shell *shell)
{
  const char *folder = g_get_user_special_dir (G_USER_DIRECTORY_DESKTOP);
  g_autofree char *fallback = g_build_filename (g_get_home_dir (), "Desktop", NULL);
  SgPanelActions actions = { .menu = toggle_menu,
                             .power = ask_power,
                             .managed = on_managed,
                             .icon_of_class = icon_of_class,
                             .data = shell };

  shell->follow = sg_follow_new ();
  sg_menu_on_shown (shell->menu, on_menu_shown, shell);
  shell->background = sg_background_new (folder ? folder : fallback);
  await_paint (shell, sg_background_window (shell->background));
  shell->panel = sg_panel_new (&actions);
  await_paint (shell, sg_panel_window (shell->panel));
  shell->keys = sg_keys_new (toggle_menu, shell);
  shell->nudge = g_timeout_add (NUDGE_MSEC, nudge_manager, shell);
  shell->look = sg_shell_look_new (on_look, shell);
}

static void
take_down (Shell *shell)
{
  g_clear_handle_id (&shell->nudge, g_source_remove);
  sg_shell_look_free (shell->look);
  sg_keys_free (shell->keys);
  sg_menu_free (shell->menu); /* before the panel, whose button it presses */
  sg_panel_free (shell->panel);
  sg_background_free (shell->background);
  sg_follow_free (shell->follow);
}

int
main (int argc, char **argv)
{
  Shell shell = { .desktop_fd = take_desktop_fd () };

  set_environment ();
  setlocale (LC_ALL, "");
  shell.menu = sg_menu_new (ask_power, &shell);
  await_server (&shell);
  if (!gtk_init_check (&argc, &argv))
    {
      g_printerr ("sandglass-shell: there is no X server to show the desktop on.\n");
      return EXIT_FAILURE;
    }
  share_visuals ();
  g_unix_signal_add (SIGTERM, on_quit, NULL);
  g_unix_signal_add (SIGINT, on_quit, NULL);
  build (&shell);
  gtk_main ();
  take_down (&shell);
  return EXIT_SUCCESS;
}
