/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening is on the way of every start, so it reads little: times and sizes tell of anything that
 * was written to the files through the file system, and the state, which QEMU parses, is summed up
 * from the very bytes that it will get.  The memory's sum takes longer and is for idle times. */
#include "launcher/template.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"
#include "launcher/template-files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MOST (256 * 1024 * 1024) /* bytes; some 10 MB are usual */

struct SgTemplate
{
  int refs;
  char *root, *key;
  char *ram_path;
  guint qemu_version;
  int info; /* its lock is ours */
  int files[SG_TEMPLATE_N_FILES];
  SgTemplateFile known[SG_TEMPLATE_N_FILES];
  GBytes *state;
};

static gboolean
changed (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The prepared sandbox was damaged (%s). It is made anew; until then sandboxes take "
               "longer to open.",
               what);
  return FALSE;
}

/* --- reading what is remembered -----------------------------------------------------------------
 */

static gboolean
read_file_info (GKeyFile *info, const char *name, SgTemplateFile *ret_file)
{
  g_autoptr (GError) error = NULL;

  ret_file->size = g_key_file_get_int64 (info, name, "size", &error);
  if (error == NULL)
    ret_file->mtime = g_key_file_get_int64 (info, name, "mtime", &error);
  if (error == NULL)
    ret_file->ctime = g_key_file_get_int64 (info, name, "ctime", &error);
  if (error == NULL)
    ret_file->checksum = (guint32)g_key_file_get_uint64 (info, name, "checksum", &error);
  return error == NULL && ret_file->size > 0;
}

static gboolean
read_info (SgTemplate *template, GError **error)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autofree char *text = g_malloc (65536);
  gssize length = sg_pread_all (template->info, text, 65536, 0, error);
  g_autofree char *key = NULL;

  if (length < 0)
    return FALSE;
  if (!g_key_file_load_from_data (info, text, (gsize)length, G_KEY_FILE_NONE, NULL)
      || g_key_file_get_integer (info, "template", "format", NULL) != SG_TEMPLATE_FORMAT)
    return changed (error, "its description is not readable");
  key = g_key_file_get_string (info, "template", "key", NULL);
  if (g_strcmp0 (key, template->key) != 0)
    return changed (error, "it is another one");
  template->qemu_version = (guint)g_key_file_get_integer (info, "template", "qemu", NULL);
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    if (!read_file_info (info, sg_template_file_names[i], &template->known[i]))
      return changed (error, "its description is not whole");
  return TRUE;
}

static gboolean
open_file (SgTemplate *template, int dir, guint i, GError **error)
{
  const char *name = sg_template_file_names[i];
  SgTemplateFile now;

  template->files[i] = sg_open_at (dir, name, O_RDONLY | O_NOFOLLOW, 0, NULL);
  if (template->files[i] < 0)
    return changed (error, "a file is missing");
  if (!sg_template_file_look (template->files[i], &now, error))
    return FALSE;
  if (now.size != template->known[i].size)
    return changed (error, "a file has another size");
  if (now.mtime != template->known[i].mtime || now.ctime != template->known[i].ctime)
    return changed (error, "a file was touched");
  return TRUE;
}

static gboolean
read_state (SgTemplate *template, GError **error)
{
  gsize size = (gsize) template->known[SG_TEMPLATE_STATE].size;
  g_autofree char *data = size <= STATE_MOST ? g_malloc (size) : NULL;
  gssize n;

  if (data == NULL)
    return changed (error, "a file is too large");
  n = sg_pread_all (template->files[SG_TEMPLATE_STATE], data, size, 0, error);
  if (n < 0)
    return FALSE;
  if ((gsize)n != size
      || sg_crc32c (SG_CRC32C_INIT, data, size) != template->known[SG_TEMPLATE_STATE].checksum)
    return changed (error, "its contents differ");
  template->state = g_bytes_new_take (g_steal_pointer (&data), size);
  return TRUE;
}

static gboolean
open_all (SgTemplate *template, int dir, GError **error)
{
  template->info = sg_open_at (dir, SG_TEMPLATE_INFO, O_RDONLY | O_NOFOLLOW, 0, NULL);
  if (template->info < 0)
    return changed (error, "its description is missing");
  if (flock (template->info, LOCK_SH | LOCK_NB) < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "The template is being removed");
      return FALSE;
    }
  if (!read_info (template, error))
    return FALSE;
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    if (!open_file (template, dir, i, error))
      return FALSE;
  return read_state (template, error);
}

SgTemplate *
sg_template_open (const char *cache, const char *key, GError **error)
{
  g_autoptr (SgTemplate) template = g_new0 (SgTemplate, 1);
  g_autofree char *path = NULL;
  g_autoptr (GError) why = NULL;
  sg_fd int dir = -1;

  template->refs = 1;
  template->info = -1;
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    template->files[i] = -1;
  template->root = sg_template_root (cache);
  template->key = g_strdup (key);
  path = g_build_filename (template->root, key, NULL);
  template->ram_path = g_build_filename (path, sg_template_file_names[SG_TEMPLATE_RAM], NULL);
  dir = sg_open_at (AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, error);
  if (dir < 0)
    return NULL;
  if (open_all (template, dir, &why))
    return g_steal_pointer (&template);
  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    sg_template_dir_remove (template->root, key);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

SgTemplate *
sg_template_ref (SgTemplate *template)
{
  g_atomic_int_inc (&template->refs);
  return template;
}

void
sg_template_unref (SgTemplate *template)
{
  if (template == NULL || !g_atomic_int_dec_and_test (&template->refs))
    return;
  sg_fd_clear (&template->info);
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    sg_fd_clear (&template->files[i]);
  g_clear_pointer (&template->state, g_bytes_unref);
  g_free (template->root);
  g_free (template->key);
  g_free (template->ram_path);
  g_free (template);
}

const char *
sg_template_name (const SgTemplate *template)
{
  return template->key;
}

const char *
sg_template_ram_path (const SgTemplate *template)
{
  return template->ram_path;
}

guint64
sg_template_ram_bytes (const SgTemplate *template)
{
  return (guint64) template->known[SG_TEMPLATE_RAM].size;
}

int
sg_template_disk_fd (const SgTemplate *template)
{
  return template->files[SG_TEMPLATE_DISK];
}

gboolean
sg_template_ram_readonly (const SgTemplate *template)
{
  return template->qemu_version >= 80200;
}

GBytes *
sg_template_take_state (SgTemplate *template)
{
  return g_steal_pointer (&template->state);
}

gboolean
sg_template_verify (SgTemplate *template, GCancellable *cancellable, GError **error)
{
  static const guint which[] = { SG_TEMPLATE_RAM, SG_TEMPLATE_DISK };

  for (guint i = 0; i < G_N_ELEMENTS (which); i++)
    {
      guint32 sum;

      if (!sg_template_file_sum (template->files[which[i]], &sum, cancellable, error))
        return FALSE;
      if (sum != template->known[which[i]].checksum)
        {
          sg_template_dir_remove (template->root, template->key);
          return changed (error, "its contents differ");
        }
    }
  return TRUE;
}
