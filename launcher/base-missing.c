/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/base-missing.h"

#include <string.h>

/* What snaps are made of, and no program that anybody opens. */
static const char *const parts_of_snaps[] = { "bare",
                                              "core",
                                              "core??",
                                              "snapd",
                                              "snapd-desktop-integration",
                                              "gtk-common-themes",
                                              "gtk2-common-themes",
                                              "gnome-3-*",
                                              "gnome-4?-*",
                                              "kf5-*",
                                              "kde-frameworks-*",
                                              "mesa-*",
                                              "qt-common-themes",
                                              "icon-theme-*" };

static const char *const browsers[]
    = { "firefox",  "chromium", "brave",     "opera",          "opera-beta",        "vivaldi",
        "epiphany", "falkon",   "librewolf", "microsoft-edge", "ungoogled-chromium" };

static const struct
{
  const char *rule, *what;
} rules[] = {
  { "snap", "a snap, which is no part of the system's own files; a package of it would be inside" },
  { "opt-other", "a program in /opt that no package brought" },
  { "local-private", "installed by a person in /usr/local, not by the administrator" },
  { "set-id", "a program that only root may read" },
};

static const char browser_as_snap[]
    = "a web browser as a snap, which is no part of the system's own files; a browser from a "
      "package or a Flatpak would be inside";

static void
missing_free (gpointer data)
{
  SgMissing *one = data;

  g_free (one->name);
  g_free (one->path);
  g_free (one->rule);
  g_free (one);
}

static gboolean
is_one_of (const char *name, const char *const *patterns, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (g_pattern_match_simple (patterns[i], name))
      return TRUE;
  return FALSE;
}

/* NULL: nobody looks for it. */
static const char *
what_is (const char *rule, const char *name)
{
  gboolean snap = strcmp (rule, "snap") == 0;

  if (snap && is_one_of (name, parts_of_snaps, G_N_ELEMENTS (parts_of_snaps)))
    return NULL;
  if (snap && is_one_of (name, browsers, G_N_ELEMENTS (browsers)))
    return browser_as_snap;
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (strcmp (rule, rules[i].rule) == 0)
      return rules[i].what;
  return NULL;
}

/* LINE: "PATH<tab>RULE: REASON". */
static void
add_line (GPtrArray *missing, const char *line)
{
  const char *tab = strchr (line, '\t');
  const char *colon = tab != NULL ? strchr (tab, ':') : NULL;

  if (colon == NULL)
    return;
  g_autofree char *path = g_strndup (line, (gsize)(tab - line));
  g_autofree char *rule = g_strndup (tab + 1, (gsize)(colon - tab - 1));
  g_autofree char *name = g_path_get_basename (path);
  const char *what = what_is (rule, name);
  if (what == NULL)
    return;
  SgMissing *one = g_new0 (SgMissing, 1);
  one->name = g_steal_pointer (&name);
  one->path = g_steal_pointer (&path);
  one->rule = g_steal_pointer (&rule);
  one->what = what;
  g_ptr_array_add (missing, one);
}

GPtrArray *
sg_base_missing_in (const char *left_out)
{
  GPtrArray *missing = g_ptr_array_new_with_free_func (missing_free);
  g_auto (GStrv) lines = g_strsplit (left_out, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    add_line (missing, *line);
  return missing;
}

GPtrArray *
sg_base_missing (const SgBase *base)
{
  g_autofree char *path = g_build_filename (sg_base_dir (base), "left-out", NULL);
  g_autofree char *text = NULL;

  return sg_base_missing_in (g_file_get_contents (path, &text, NULL, NULL) ? text : "");
}
