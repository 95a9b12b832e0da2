/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two files of the modules' directory are read: modules.dep ("PATH: PATH..." with everything that a
 * module needs, directly or not, the deepest last) and modules.builtin (one path a line). */
#include "baseimage/guest/modules.h"

#include <string.h>

typedef struct
{
  const char *dir;
  GHashTable *depends;  /* name -> "PATH: PATH...", owned */
  GHashTable *built_in; /* names, owned */
  GHashTable *taken;    /* names, borrowed from `order` */
  GPtrArray *order;     /* SgModule */
} Resolver;

static void
module_free (gpointer data)
{
  SgModule *module = data;

  g_free (module->name);
  g_free (module->path);
  g_free (module);
}

static void
resolver_clear (Resolver *resolver)
{
  g_clear_pointer (&resolver->depends, g_hash_table_unref);
  g_clear_pointer (&resolver->built_in, g_hash_table_unref);
  g_clear_pointer (&resolver->taken, g_hash_table_unref);
  g_clear_pointer (&resolver->order, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Resolver, resolver_clear)

/* "kernel/drivers/char/virtio-rng.ko.xz" -> "virtio_rng" */
static char *
module_name (const char *path, gsize len)
{
  g_autofree char *whole = g_strndup (path, len);
  char *name = g_path_get_basename (whole);
  char *ending = strstr (name, ".ko");

  if (ending != NULL)
    *ending = '\0';
  return g_strdelimit (name, "-", '_');
}

static char **
read_lines (const char *dir, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  return g_strsplit (text, "\n", -1);
}

static gboolean
read_tables (Resolver *resolver, GError **error)
{
  g_auto (GStrv) depends = read_lines (resolver->dir, "modules.dep", error);
  g_auto (GStrv) built_in = NULL;

  if (depends == NULL)
    return FALSE;
  built_in = read_lines (resolver->dir, "modules.builtin", error);
  if (built_in == NULL)
    return FALSE;
  for (char **line = depends; *line != NULL; line++)
    {
      const char *colon = strchr (*line, ':');
      if (colon != NULL)
        g_hash_table_replace (resolver->depends, module_name (*line, (gsize)(colon - *line)),
                              g_strdup (*line));
    }
  for (char **line = built_in; *line != NULL; line++)
    if (**line != '\0')
      g_hash_table_add (resolver->built_in, module_name (*line, strlen (*line)));
  return TRUE;
}

static void
take (Resolver *resolver, const char *path, gboolean required)
{
  g_autofree char *name = module_name (path, strlen (path));
  SgModule *module = g_hash_table_lookup (resolver->taken, name);

  if (module != NULL)
    {
      module->required |= required;
      return;
    }
  module = g_new0 (SgModule, 1);
  module->name = g_steal_pointer (&name);
  /* The table may name a path outside the directory (weak modules). */
  module->path = path[0] == '/' ? g_strdup (path) : g_build_filename (resolver->dir, path, NULL);
  module->required = required;
  g_ptr_array_add (resolver->order, module);
  g_hash_table_insert (resolver->taken, module->name, module);
}

/* The line has what is needed first at its end. */
static void
take_line (Resolver *resolver, const char *line, gboolean required)
{
  g_auto (GStrv) words = g_strsplit_set (line, ": ", -1);

  for (guint i = g_strv_length (words); i-- > 0;)
    if (*words[i] != '\0')
      take (resolver, words[i], required);
}

GPtrArray *
sg_modules_resolve (const char *dir, const SgModuleWish *wishes, GError **error)
{
  g_auto (Resolver) resolver = {
    .dir = dir,
    .depends = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
    .built_in = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .taken = g_hash_table_new (g_str_hash, g_str_equal),
    .order = g_ptr_array_new_with_free_func (module_free),
  };

  if (!read_tables (&resolver, error))
    return NULL;
  for (; wishes->name != NULL; wishes++)
    {
      const char *line = g_hash_table_lookup (resolver.depends, wishes->name);

      if (line != NULL)
        take_line (&resolver, line, wishes->required);
      else if (wishes->required && !g_hash_table_contains (resolver.built_in, wishes->name))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                       "The kernel in %s cannot run a sandbox: it has no %s (%s)", dir,
                       wishes->name, wishes->reason);
          return NULL;
        }
    }
  return g_steal_pointer (&resolver.order);
}
