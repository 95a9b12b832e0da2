/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody tells programs anything until the host has said how its desktop looks: the machine is saved
 * as a template before that, and many sandboxes look as they were made.
 *
 * Then three things are told, each for the programs that know no other: XSETTINGS (GTK), resources
 * of the root window (Qt, xterm, and whatever draws a pointer by Xcursor), and the shell itself. */
#include "look.h"
#include "style.h"
#include "xsettings.h"

#include "baseimage/guest/look.h"

#include <X11/Xatom.h>
#include <gdk/gdkx.h>
#include <gtk/gtk.h>
#include <string.h>

#define DPI 96

struct SgShellLook
{
  GFileMonitor *monitor;
  Window owner; /* of the settings; None: none yet */
  guint32 serial;
  gboolean program;
  guint idle;
  void (*changed) (gpointer data);
  gpointer data;
};

typedef struct
{
  gboolean dark, program;
  int percent, scale, pointer_size; /* 100, 1, 0 where nothing is said */
  char *pointer;                    /* that is there; or NULL */
  char *input_method;               /* as programs are told; or NULL */
} Wanted;

static int
number_or (GKeyFile *file, const char *key, int least, int most, int otherwise)
{
  int value = g_key_file_get_integer (file, SG_GUEST_LOOK_GROUP, key, NULL);

  return value >= least && value <= most ? value : otherwise;
}

static char *
pointer_that_is_there (GKeyFile *file)
{
  g_autofree char *name = g_key_file_get_string (file, SG_GUEST_LOOK_GROUP, "pointer-theme", NULL);
  g_autofree char *folder
      = name ? g_build_filename ("/usr/share/icons", name, "cursors", NULL) : NULL;

  return folder && *name && !strchr (name, '/') && g_file_test (folder, G_FILE_TEST_IS_DIR)
             ? g_steal_pointer (&name)
             : NULL;
}

static void
read_wanted (Wanted *wanted)
{
  g_autoptr (GKeyFile) file = sg_guest_look_read ();
  g_autofree char *program = sg_guest_look_input_method (file);

  *wanted = (Wanted){
    .dark = g_key_file_get_boolean (file, SG_GUEST_LOOK_GROUP, "dark", NULL),
    .program = sg_guest_look_program (file),
    .percent = number_or (file, "text-percent", 50, 300, 100),
    .scale = number_or (file, "scale", 1, 3, 1),
    .pointer_size = number_or (file, "pointer-size", 16, 128, 0),
    .pointer = pointer_that_is_there (file),
    .input_method = program
                        ? g_key_file_get_string (file, SG_GUEST_LOOK_GROUP, "input-method", NULL)
                        : NULL,
  };
}

static void
wanted_clear (Wanted *wanted)
{
  g_free (wanted->pointer);
  g_free (wanted->input_method);
}

/* --- XSETTINGS --- */

/* GTK's own has its dark variant by another word; as a theme with a name it is an installed one, or the
 * agent's (../agent/look.c), and programs that run change at once. */
static const char *
theme (gboolean dark)
{
  return dark && g_file_test ("/usr/share/themes/Adwaita-dark/gtk-3.0", G_FILE_TEST_IS_DIR)
             ? "Adwaita-dark"
             : "Adwaita";
}

static GByteArray *
settings_block (const Wanted *wanted, guint32 serial)
{
  SgXsettings *block = sg_xsettings_new (serial);
  int dpi = DPI * 1024 * wanted->percent / 100;

  sg_xsettings_add_number (block, "Xft/DPI", dpi * wanted->scale);
  sg_xsettings_add_number (block, "Gdk/UnscaledDPI", dpi);
  sg_xsettings_add_number (block, "Gdk/WindowScalingFactor", wanted->scale);
  sg_xsettings_add_text (block, "Net/ThemeName", theme (wanted->dark));
  if (wanted->pointer)
    sg_xsettings_add_text (block, "Gtk/CursorThemeName", wanted->pointer);
  if (wanted->pointer_size || wanted->scale > 1)
    sg_xsettings_add_number (block, "Gtk/CursorThemeSize",
                             (wanted->pointer_size ? wanted->pointer_size : 24) * wanted->scale);
  if (wanted->input_method)
    sg_xsettings_add_text (block, "Gtk/IMModule", wanted->input_method);
  return sg_xsettings_end (block);
}

static Atom
atom (const char *name)
{
  return gdk_x11_get_xatom_by_name (name);
}

/* Programs that run already hear of it by a message to the root window. */
static void
own_settings (SgShellLook *look, Display *x)
{
  Window root = DefaultRootWindow (x);
  XClientMessageEvent message = { .type = ClientMessage, .window = root, .format = 32 };

  message.message_type = atom ("MANAGER");
  message.data.l[0] = CurrentTime;
  message.data.l[1] = (long)atom ("_XSETTINGS_S0");
  message.data.l[2] = (long)look->owner;
  XSetSelectionOwner (x, atom ("_XSETTINGS_S0"), look->owner, CurrentTime);
  XSendEvent (x, root, False, StructureNotifyMask, (XEvent *)&message);
}

static void
tell_settings (SgShellLook *look, const Wanted *wanted)
{
  Display *x = GDK_DISPLAY_XDISPLAY (gdk_display_get_default ());
  g_autoptr (GByteArray) block = settings_block (wanted, look->serial++);
  Atom property = atom ("_XSETTINGS_SETTINGS");
  gboolean first = look->owner == None;

  if (first)
    look->owner = XCreateSimpleWindow (x, DefaultRootWindow (x), -1, -1, 1, 1, 0, 0, 0);
  XChangeProperty (x, look->owner, property, property, 8, PropModeReplace, block->data,
                   (int)block->len);
  if (first)
    own_settings (look, x);
}

/* --- resources --- */

static gboolean
is_ours (const char *line)
{
  return g_str_has_prefix (line, "Xft.dpi:") || g_str_has_prefix (line, "Xcursor.");
}

/* What others have put there stays. */
static void
tell_resources (const Wanted *wanted)
{
  Display *x = GDK_DISPLAY_XDISPLAY (gdk_display_get_default ());
  g_autoptr (GString) text = g_string_new (NULL);
  const char *before = XResourceManagerString (x);
  g_auto (GStrv) lines = g_strsplit (before ? before : "", "\n", -1);

  for (char **line = lines; *line; line++)
    if (**line && !is_ours (*line))
      g_string_append_printf (text, "%s\n", *line);
  g_string_append_printf (text, "Xft.dpi:\t%d\n", DPI * wanted->scale * wanted->percent / 100);
  if (wanted->pointer)
    g_string_append_printf (text, "Xcursor.theme:\t%s\n", wanted->pointer);
  if (wanted->pointer_size || wanted->scale > 1)
    g_string_append_printf (text, "Xcursor.size:\t%d\n",
                            (wanted->pointer_size ? wanted->pointer_size : 24) * wanted->scale);
  XChangeProperty (x, DefaultRootWindow (x), XA_RESOURCE_MANAGER, XA_STRING, 8, PropModeReplace,
                   (const guchar *)text->str, (int)text->len);
}

/* --- the shell --- */

static gboolean
take_over (gpointer data)
{
  SgShellLook *look = data;
  Wanted wanted;

  look->idle = 0;
  read_wanted (&wanted);
  tell_settings (look, &wanted);
  tell_resources (&wanted);
  gdk_display_flush (gdk_display_get_default ());
  sg_style_set_dark (wanted.dark);
  look->program = wanted.program;
  wanted_clear (&wanted);
  look->changed (look->data);
  return G_SOURCE_REMOVE;
}

static void
on_file (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
         SgShellLook *look)
{
  if (!look->idle && g_file_test (SG_GUEST_LOOK, G_FILE_TEST_EXISTS))
    look->idle = g_idle_add (take_over, look);
}

SgShellLook *
sg_shell_look_new (void (*changed) (gpointer data), gpointer data)
{
  SgShellLook *look = g_new0 (SgShellLook, 1);
  g_autoptr (GFile) file = g_file_new_for_path (SG_GUEST_LOOK);

  look->changed = changed;
  look->data = data;
  look->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (look->monitor)
    g_signal_connect (look->monitor, "changed", G_CALLBACK (on_file), look);
  if (g_file_test (SG_GUEST_LOOK, G_FILE_TEST_EXISTS))
    look->idle = g_idle_add (take_over, look);
  return look;
}

gboolean
sg_shell_look_program (const SgShellLook *look)
{
  return look->program;
}

void
sg_shell_look_free (SgShellLook *look)
{
  if (!look)
    return;
  g_clear_object (&look->monitor);
  if (look->idle)
    g_source_remove (look->idle);
  g_free (look);
}
