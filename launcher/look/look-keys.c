/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyboard is asked where this desktop keeps it: GNOME (and its relatives) in GSettings, Plasma
 * in a file, X11 on the root window.  Other Wayland desktops tell nobody; then the computer's own
 * layout stays, which the sandbox has already. */
#include "launcher/look/look.h"

#include <X11/Xatom.h>
#include <gdk/gdk.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif
#include <string.h>

#define SOURCES "org.gnome.desktop.input-sources"
#define LAYOUTS_MOST 4 /* of XKB */
#define ENGINES_MOST 8
#define RULES_MOST 1024
#define PLAIN_ENGINE "xkb:us::eng" /* ibus leaves the layout alone (look.c inside sets that) */
#define SWITCH "grp:win_space_toggle" /* as GNOME does, where no other key is set */

typedef struct
{
  GString *layouts, *variants;
  guint n;
} Layouts;

static void
add_layout (Layouts *all, const char *layout, const char *variant)
{
  if (all->n >= LAYOUTS_MOST)
    return;
  g_string_append_printf (all->layouts, "%s%s", all->n > 0 ? "," : "", layout);
  g_string_append_printf (all->variants, "%s%s", all->n > 0 ? "," : "", variant);
  all->n++;
}

static void
tell (GKeyFile *file, const char *layouts, const char *variants, const char *options)
{
  gboolean several = strchr (layouts, ',') != NULL;
  g_autofree char *with_switch
      = several && strstr (options, "grp:") == NULL
            ? g_strconcat (options, *options != '\0' ? "," : "", SWITCH, NULL)
            : g_strdup (options);

  if (*layouts == '\0')
    return;
  g_key_file_set_string (file, LOOK_GROUP, "keyboard", layouts);
  g_key_file_set_string (file, LOOK_GROUP, "keyboard-variants", variants);
  g_key_file_set_string (file, LOOK_GROUP, "keyboard-options", with_switch);
}

/* --- GNOME --- */

/* ('xkb', 'de+nodeadkeys') or ('ibus', 'libpinyin'), the one in use first. */
static GVariant *
gnome_sources (void)
{
  GVariant *recent = look_setting (SOURCES, "mru-sources", "a(ss)");

  if (recent != NULL && g_variant_n_children (recent) > 0)
    return recent;
  g_clear_pointer (&recent, g_variant_unref);
  return look_setting (SOURCES, "sources", "a(ss)");
}

static gboolean
take_gnome_keyboard (GKeyFile *file, GVariant *sources)
{
  g_autoptr (GVariant) set = look_setting (SOURCES, "xkb-options", "as");
  g_autofree const char **options = set != NULL ? g_variant_get_strv (set, NULL) : NULL;
  g_autofree char *joined = options != NULL ? g_strjoinv (",", (char **)options) : g_strdup ("");
  g_autoptr (GString) layouts = g_string_new (NULL), variants = g_string_new (NULL);
  Layouts all = { layouts, variants, 0 };
  const char *kind, *name;
  GVariantIter iter;

  g_variant_iter_init (&iter, sources);
  while (g_variant_iter_next (&iter, "(&s&s)", &kind, &name))
    {
      g_auto (GStrv) parts = g_strsplit (name, "+", 2);

      if (g_str_equal (kind, "xkb") && parts[0] != NULL)
        add_layout (&all, parts[0], parts[1] != NULL ? parts[1] : "");
    }
  tell (file, layouts->str, variants->str, joined);
  return all.n > 0;
}

/* --- Plasma --- */

static gboolean
take_plasma_keyboard (GKeyFile *file)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "kxkbrc", NULL);
  g_autoptr (GKeyFile) settings = g_key_file_new ();
  g_autofree char *use = NULL, *layouts = NULL, *variants = NULL, *options = NULL;

  if (!g_key_file_load_from_file (settings, path, G_KEY_FILE_NONE, NULL))
    return FALSE;
  use = g_key_file_get_string (settings, "Layout", "Use", NULL);
  layouts = g_key_file_get_string (settings, "Layout", "LayoutList", NULL);
  variants = g_key_file_get_string (settings, "Layout", "VariantList", NULL);
  options = g_key_file_get_string (settings, "Layout", "Options", NULL);
  if (g_strcmp0 (use, "true") != 0 || layouts == NULL)
    return FALSE;
  tell (file, layouts, variants != NULL ? variants : "", options != NULL ? options : "");
  return TRUE;
}

/* --- X11 --- */

/* The root window's _XKB_RULES_NAMES: rules, model, layouts, variants, options, each with a NUL. */
static void
take_x11_keyboard (GKeyFile *file)
{
#ifdef GDK_WINDOWING_X11
  GdkDisplay *display = gdk_display_get_default ();
  Display *x;
  Atom type;
  int format;
  unsigned long n = 0, left;
  unsigned char *bytes = NULL;
  const char *words[5] = { "", "", "", "", "" };

  if (display == NULL || !GDK_IS_X11_DISPLAY (display) || g_getenv ("WAYLAND_DISPLAY") != NULL)
    return; /* below Wayland it is the one of before the person's choice */
  x = gdk_x11_display_get_xdisplay (display);
  if (XGetWindowProperty (x, DefaultRootWindow (x), XInternAtom (x, "_XKB_RULES_NAMES", False), 0,
                          RULES_MOST / 4, False, XA_STRING, &type, &format, &n, &left, &bytes)
      != Success)
    return;
  /* Xlib adds a NUL. */
  for (unsigned long at = 0, i = 0; bytes != NULL && type == XA_STRING && format == 8 && at < n && i < 5;
       i++)
    {
      words[i] = (const char *)bytes + at;
      at += strlen (words[i]) + 1;
    }
  tell (file, words[2], words[3], words[4]);
  XFree (bytes);
#endif
}

/* --- input method --- */

static gboolean
variable_names (const char *what)
{
  static const char *const names[] = { "GTK_IM_MODULE", "QT_IM_MODULE", "XMODIFIERS" };
  gboolean named = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (names) && !named; i++)
    {
      const char *value = g_getenv (names[i]);
      named = value != NULL && strstr (value, what) != NULL;
    }
  return named;
}

static void
add_engine (GPtrArray *engines, const char *name)
{
  if (engines->len < ENGINES_MOST
      && !g_ptr_array_find_with_equal_func (engines, name, g_str_equal, NULL))
    g_ptr_array_add (engines, g_strdup (name));
}

/* TRUE: there is something to type with beside the keyboard's own letters. */
static gboolean
ibus_engines (GVariant *sources, GPtrArray *engines)
{
  g_autoptr (GVariant) loaded = look_setting ("org.freedesktop.ibus.general", "preload-engines", "as");
  const char *kind, *name;
  GVariantIter iter;
  gboolean any = FALSE;

  if (sources != NULL)
    {
      g_variant_iter_init (&iter, sources);
      while (g_variant_iter_next (&iter, "(&s&s)", &kind, &name))
        {
          add_engine (engines, g_str_equal (kind, "ibus") ? name : PLAIN_ENGINE);
          any |= g_str_equal (kind, "ibus");
        }
    }
  if (any || loaded == NULL || !variable_names ("ibus"))
    return any;
  g_ptr_array_set_size (engines, 0);
  g_variant_iter_init (&iter, loaded);
  while (g_variant_iter_next (&iter, "&s", &name))
    {
      add_engine (engines, g_str_has_prefix (name, "xkb:") ? PLAIN_ENGINE : name);
      any |= !g_str_has_prefix (name, "xkb:");
    }
  return any;
}

/* GNOME names ibus in every session, also where it does nothing but switch layouts: only with
 * something to type with is it worth its memory inside. */
static void
add_input_method (GKeyFile *file, GVariant *sources)
{
  g_autoptr (GPtrArray) engines = g_ptr_array_new_with_free_func (g_free);

  if (ibus_engines (sources, engines))
    {
      g_key_file_set_string (file, LOOK_GROUP, "input-method", "ibus");
      g_key_file_set_string_list (file, LOOK_GROUP, "engines",
                                  (const char *const *)engines->pdata, engines->len);
    }
  else if (variable_names ("fcitx"))
    g_key_file_set_string (file, LOOK_GROUP, "input-method", "fcitx");
}

void
look_keys (GKeyFile *file)
{
  g_autoptr (GVariant) sources = gnome_sources ();

  if ((sources == NULL || !take_gnome_keyboard (file, sources)) && !take_plasma_keyboard (file))
    take_x11_keyboard (file);
  add_input_method (file, sources);
}
