/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hundreds of thousands of paths belong to packages, and few are ever asked for.  Those below /etc,
 * /var, /opt and /usr/etc are kept in a set; the others stay the text that was read, and a question
 * is a search through it (milliseconds; asked for a handful of set-id programs and odd names). */
#include "baseimage/packages-internal.h"

#include <string.h>

static gboolean
is_kept (const char *path, gsize len)
{
  static const char *const kept[] = { "/etc/", "/var/", "/opt/", "/usr/etc/" };

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      gsize n = strlen (kept[i]);
      if (len > n && memcmp (path, kept[i], n) == 0)
        return TRUE;
    }
  return FALSE;
}

void
sg_packages_note (SgPackages *packages, const char *path, gsize len)
{
  packages->n_paths++;
  if (is_kept (path, len))
    g_hash_table_add (packages->few,
                      g_string_chunk_insert_len (packages->chunk, path, (gssize)len));
}

void
sg_packages_note_conf (SgPackages *packages, const char *path, const char *digest)
{
  g_hash_table_insert (packages->conf, g_string_chunk_insert (packages->chunk, path),
                       g_string_chunk_insert (packages->chunk, digest));
}

void
sg_packages_take_list (SgPackages *packages, GString *text)
{
  const char *line = text->str, *end = text->str + text->len;

  while (line < end)
    {
      const char *stop = memchr (line, '\n', (gsize)(end - line));
      gsize len = (gsize)((stop != NULL ? stop : end) - line);
      if (len > 1 && line[0] == '/')
        sg_packages_note (packages, line, len);
      line += len + 1;
    }
  g_ptr_array_add (packages->lists, text);
}

/* ---- reading ---- */

static gpointer
read_database (gpointer data)
{
  SgPackages *packages = data;

  if (sg_packages_read_dpkg (packages))
    packages->kind = "dpkg";
  else if (sg_packages_read_pacman (packages))
    packages->kind = "pacman";
  else if (sg_packages_read_rpm (packages))
    packages->kind = "rpm";
  return NULL;
}

static void
free_string (gpointer data)
{
  g_string_free (data, TRUE);
}

SgPackages *
sg_packages_start (const char *root, GCancellable *cancellable)
{
  SgPackages *packages = g_new0 (SgPackages, 1);

  packages->root = g_strdup (root);
  packages->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  packages->lists = g_ptr_array_new_with_free_func (free_string);
  packages->few = g_hash_table_new (g_str_hash, g_str_equal);
  packages->conf = g_hash_table_new (g_str_hash, g_str_equal);
  packages->chunk = g_string_chunk_new (64 * 1024);
  g_mutex_init (&packages->lock);
  packages->reader = g_thread_new ("packages", read_database, packages);
  return packages;
}

static void
wait_for (SgPackages *packages)
{
  if (g_atomic_int_get (&packages->done))
    return;
  g_mutex_lock (&packages->lock);
  if (packages->reader != NULL)
    g_thread_join (g_steal_pointer (&packages->reader));
  g_atomic_int_set (&packages->done, 1);
  g_mutex_unlock (&packages->lock);
}

void
sg_packages_free (SgPackages *packages)
{
  if (packages == NULL)
    return;
  wait_for (packages);
  g_mutex_clear (&packages->lock);
  g_ptr_array_unref (packages->lists);
  g_hash_table_unref (packages->few);
  g_hash_table_unref (packages->conf);
  g_string_chunk_free (packages->chunk);
  g_clear_object (&packages->cancellable);
  g_free (packages->problem);
  g_free (packages->root);
  g_free (packages);
}

/* ---- asking ---- */

const char *
sg_packages_kind (SgPackages *packages)
{
  wait_for (packages);
  return packages->kind;
}

const char *
sg_packages_problem (SgPackages *packages)
{
  wait_for (packages);
  return packages->problem;
}

guint64
sg_packages_n_paths (SgPackages *packages)
{
  return g_atomic_int_get (&packages->done) ? packages->n_paths : 0;
}

static gboolean
is_listed (SgPackages *packages, const char *path)
{
  gsize len = strlen (path);

  if (is_kept (path, len))
    return g_hash_table_contains (packages->few, path);
  g_autofree char *line = g_strdup_printf ("\n%s\n", path);
  for (guint i = 0; i < packages->lists->len; i++)
    {
      const GString *text = g_ptr_array_index (packages->lists, i);
      if (memmem (text->str, text->len, line, len + 2) != NULL)
        return TRUE;
    }
  return FALSE;
}

gboolean
sg_packages_owns (SgPackages *packages, const char *path)
{
  wait_for (packages);
  if (is_listed (packages, path))
    return TRUE;
  /* /usr is merged: a package may say /lib/x for /usr/lib/x. */
  return g_str_has_prefix (path, "/usr/") && is_listed (packages, path + strlen ("/usr"));
}

SgOwned
sg_packages_owned (SgPackages *packages, const char *path, const void *data, gsize len)
{
  wait_for (packages);
  if (packages->kind == NULL)
    return SG_OWNED_UNKNOWN;
  const char *digest = g_hash_table_lookup (packages->conf, path);
  if (digest == NULL)
    return sg_packages_owns (packages, path) ? SG_OWNED_YES : SG_OWNED_NO;
  if (data == NULL)
    return SG_OWNED_CHANGED;
  gsize n = strlen (digest);
  GChecksumType type = n == 32   ? G_CHECKSUM_MD5
                       : n == 40 ? G_CHECKSUM_SHA1
                       : n == 64 ? G_CHECKSUM_SHA256
                       : n == 96 ? G_CHECKSUM_SHA384
                                 : G_CHECKSUM_SHA512;
  g_autofree char *now = g_compute_checksum_for_data (type, data, len);
  return strcmp (now, digest) == 0 ? SG_OWNED_INTACT : SG_OWNED_CHANGED;
}

void
sg_packages_each (SgPackages *packages, const char *prefix,
                  void (*func) (const char *path, gpointer data), gpointer data)
{
  GHashTableIter iter;
  gpointer path;

  wait_for (packages);
  g_hash_table_iter_init (&iter, packages->few);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (g_str_has_prefix (path, prefix))
      func (path, data);
}
