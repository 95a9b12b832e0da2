/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a base and saying what state it is in; build.c makes one. */
#include "baseimage/base.h"

#include "baseimage/base-info.h"
#include "baseimage/crc32c.h"
#include "baseimage/map.h"
#include "baseimage/stamps.h"
#include "baseimage/store.h"
#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct SgBase
{
  char *dir;        /* owned */
  SgBaseInfo *info; /* owned */
  int lock;         /* owned; holds the shared lock */
};

void
sg_base_free (SgBase *base)
{
  if (base == NULL)
    return;
  sg_fd_clear (&base->lock);
  g_free (base->dir);
  sg_base_info_free (base->info);
  g_free (base);
}

SgBase *
sg_base_open (const char *cache, GError **error)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autofree char *digest = sg_store_current (store, error);

  return digest != NULL ? sg_base_open_digest (cache, digest, error) : NULL;
}

SgBase *
sg_base_open_digest (const char *cache, const char *digest, GError **error)
{
  g_autoptr (SgBase) base = g_new0 (SgBase, 1);
  g_autofree char *store = sg_store_dir (cache);

  base->lock = -1;
  if (!sg_store_is_digest (digest))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s names no copy of a computer",
                   digest);
      return NULL;
    }
  base->dir = g_canonicalize_filename (digest, store);
  if (!g_file_test (base->dir, G_FILE_TEST_IS_DIR))
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
          "There is no copy of this computer any more; make it with `sandglass base build`");
      return NULL;
    }
  base->info = sg_base_info_load (base->dir, error);
  if (base->info == NULL)
    return NULL;
  base->lock = sg_store_use (base->dir, error);
  return base->lock >= 0 ? g_steal_pointer (&base) : NULL;
}

const char *
sg_base_dir (const SgBase *base)
{
  return base->dir;
}

const char *
sg_base_digest (const SgBase *base)
{
  return base->info->digest;
}

const char *
sg_base_root (const SgBase *base)
{
  return base->info->root;
}

const char *
sg_base_kernel (const SgBase *base)
{
  return base->info->kernel;
}

const char *
sg_base_kernel_release (const SgBase *base)
{
  return base->info->kernel_release;
}

uid_t
sg_base_user_uid (const SgBase *base)
{
  return base->info->user_uid;
}

gboolean
sg_base_anonymous (const SgBase *base)
{
  return base->info->anonymous;
}

const SgBaseInfo *
sg_base_info (const SgBase *base)
{
  return base->info;
}

/* ---- state ---- */

/* Every checksum there is: a few milliseconds for a whole system. */
static gboolean
verify (const char *dir, const SgBaseInfo *info, GError **error)
{
  g_autofree char *initrd = g_build_filename (dir, "initrd", NULL);
  g_autoptr (SgMap) map = sg_map_open (dir, error);
  guint32 crc;

  if (map == NULL || !sg_map_verify (map, error) || !sg_crc32c_of_file (initrd, &crc, error))
    return FALSE;
  if (crc == info->initrd_crc && sg_map_image_bytes (map) == info->image_bytes)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The copy of this computer is damaged (its start files); build it again with "
               "`sandglass base build`");
  return FALSE;
}

gboolean
sg_base_is_whole (const char *dir)
{
  g_autoptr (SgBaseInfo) info = sg_base_info_load (dir, NULL);

  return info != NULL && verify (dir, info, NULL);
}

static SgBaseState
state_of (const SgBase *base, char **ret_why)
{
  g_autoptr (GError) error = NULL;

  if (!verify (base->dir, base->info, &error))
    {
      *ret_why = g_strdup (error->message);
      return SG_BASE_BROKEN;
    }
  if (access (base->info->kernel, R_OK) < 0)
    {
      *ret_why = g_strdup_printf ("Its Linux kernel, %s, is gone or cannot be read any more",
                                  base->info->kernel);
      return SG_BASE_BROKEN;
    }
  g_autofree char *changed = sg_stamps_changed (base->info->root, base->info->stamps);
  if (changed == NULL)
    return SG_BASE_FRESH;
  *ret_why = strcmp (changed, SG_STAMP_OWN) == 0
                 ? g_strdup ("Sandglass itself was updated since the copy was made")
                 : g_strdup_printf ("The system changed since the copy was made (%s)", changed);
  return SG_BASE_STALE;
}

SgBaseState
sg_base_state (const char *cache, char **ret_why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgBase) base = sg_base_open (cache, &error);
  g_autofree char *why = NULL;
  SgBaseState state;

  if (base != NULL)
    state = state_of (base, &why);
  else
    {
      gboolean missing = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      state = missing ? SG_BASE_MISSING : SG_BASE_BROKEN;
      why = g_strdup (error->message);
    }
  if (ret_why != NULL)
    *ret_why = g_steal_pointer (&why);
  return state;
}

gboolean
sg_base_make_current (const char *cache, const char *digest, GError **error)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autofree char *current = NULL;
  sg_fd int lock = -1;

  if (digest != NULL && !sg_store_make_current (store, digest, error))
    return FALSE;
  /* Another build may be at work already; it tidies up, too. */
  lock = sg_store_lock (store, NULL);
  current = lock >= 0 ? sg_store_current (store, NULL) : NULL;
  if (current != NULL)
    sg_store_prune (store, current);
  return TRUE;
}

gboolean
sg_base_drop_old (const char *cache, const char *digest)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autofree char *current = sg_store_current (store, NULL);
  sg_fd int lock = -1;

  if (current == NULL || g_str_equal (current, digest))
    return FALSE;
  lock = sg_store_lock (store, NULL); /* whoever has it tidies up, too */
  if (lock >= 0)
    sg_store_drop (store, digest);
  return TRUE;
}

gboolean
sg_base_remove (const char *cache, GError **error)
{
  g_autofree char *store = sg_store_dir (cache);
  g_autofree char *current = g_build_filename (store, "current", NULL);
  sg_fd int lock = -1;

  if (!g_file_test (store, G_FILE_TEST_IS_DIR))
    return TRUE;
  lock = sg_store_lock (store, error);
  if (lock < 0)
    return FALSE;
  guint in_use = sg_store_prune (store, NULL);
  if (in_use == 0)
    {
      unlink (current);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
               "%u %s still used by an open sandbox; close it and try again", in_use,
               in_use == 1 ? "copy of this computer is" : "copies of this computer are");
  return FALSE;
}
