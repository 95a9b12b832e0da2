/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only what units.list names starts by itself.
 *
 * A host's enabled services come in by three ways, and each is closed without a change to a file
 * of a package: links in *.wants/ and *.requires/ (a link of the same name in /etc that leads to
 * /dev/null takes the dependency away, not the unit: it can still be started by hand), generators
 * (a mask of the same name), and what an administrator put into /etc/systemd/system (not taken in
 * at all: it belongs to the host's own machine). */
#include "baseimage/guest/payload-internal.h"

#include <string.h>

#define ETC_UNITS "/etc/systemd/system"

GHashTable *
sg_payload_units_read (const char *guest, GError **error)
{
  g_autofree char *path = g_build_filename (guest, "units.list", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GHashTable *units;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  units = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *rest = *line;
      const char *name = **line != '#' ? sg_payload_word (&rest) : NULL;

      if (name != NULL)
        g_hash_table_add (units, g_strdup (name));
    }
  return units;
}

static void
mask_dependencies (SgTree *tree, SgNode *dir, GHashTable *allowed)
{
  for (guint i = 0; i < dir->n_children; i++)
    {
      const char *unit = dir->children[i]->name;
      g_autofree char *mask = g_build_filename (ETC_UNITS, dir->name, unit, NULL);

      if (!g_hash_table_contains (allowed, unit))
        sg_tree_put_link (tree, mask, "/dev/null");
    }
}

static void
mask_wanted (SgTree *tree, const char *path, GHashTable *allowed)
{
  SgNode *dir = sg_tree_lookup (tree, path);

  for (guint i = 0; dir != NULL && i < dir->n_children; i++)
    if (g_str_has_suffix (dir->children[i]->name, ".wants")
        || g_str_has_suffix (dir->children[i]->name, ".requires"))
      mask_dependencies (tree, dir->children[i], allowed);
}

static void
mask_all_in (SgTree *tree, const char *path, const char *masks)
{
  SgNode *dir = sg_tree_lookup (tree, path);

  for (guint i = 0; dir != NULL && i < dir->n_children; i++)
    {
      g_autofree char *mask = g_build_filename (masks, dir->children[i]->name, NULL);
      sg_tree_put_link (tree, mask, "/dev/null");
    }
}

void
sg_payload_units (SgTree *tree, GHashTable *allowed)
{
  /* /lib is a link to usr/lib, or holds units of its own on an unmerged system. */
  static const char *const places[]
      = { "/usr/lib/systemd", "/lib/systemd", "/usr/local/lib/systemd" };

  sg_tree_remove (tree, ETC_UNITS);
  sg_tree_remove (tree, "/etc/systemd/user");
  sg_tree_put_dir (tree, ETC_UNITS, 0755, 0, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *units = g_build_filename (places[i], "system", NULL);
      g_autofree char *generators = g_build_filename (places[i], "system-generators", NULL);

      mask_wanted (tree, units, allowed);
      mask_all_in (tree, generators, "/etc/systemd/system-generators");
    }
}
