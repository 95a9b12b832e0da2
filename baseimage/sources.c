/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/sources.h"

#include "baseimage/anonymous.h"
#include "baseimage/build.h"
#include "baseimage/guest-payload.h"
#include "baseimage/kernel.h"

/* Files that every installation or removal of a package rewrites, and those of /etc whose change is
 * felt inside. */
static const char *const stamp_paths[] = {
  "/var/lib/dpkg/status",
  "/var/lib/rpm/rpmdb.sqlite",
  "/usr/lib/sysimage/rpm/rpmdb.sqlite",
  "/usr/lib/sysimage/rpm/Packages.db",
  "/var/lib/rpm/Packages",
  "/var/lib/pacman/local",
  "/var/lib/flatpak/.changed",
  "/usr",
  "/usr/local/bin",
  "/usr/lib/modules",
  "/etc/ld.so.cache",
  "/etc/passwd",
  "/etc/group",
  "/etc/localtime",
  "/etc/default/keyboard",
  "/etc/default/locale",
  "/etc/locale.conf",
  "/etc/vconsole.conf",
  "/etc/ssl/certs",
  "/etc/alternatives",
  NULL,
};

static gboolean
find_kernel (const char *root, SgBaseKernel *ret_kernel, GError **error)
{
  g_autoptr (SgKernel) kernel = sg_kernel_find (root, error);

  if (kernel == NULL)
    return FALSE;
  ret_kernel->path = g_steal_pointer (&kernel->image);
  ret_kernel->release = g_steal_pointer (&kernel->release);
  return TRUE;
}

static gboolean
write_initrd (const char *root, const SgBaseKernel *kernel, const char *path,
              GCancellable *cancellable, GError **error)
{
  return sg_initrd_write (root, kernel->release, path, cancellable, error);
}

static char *
initrd_key (const char *root, const SgBaseKernel *kernel, GError **error)
{
  return sg_initrd_key (root, kernel->release, error);
}

static gboolean
gather (const char *root, const SgBaseKernel *kernel, gboolean anonymous,
        SgBaseContents *ret_contents, SgBaseProgress progress, gpointer data,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (SgTree) tree = sg_tree_new ();
  g_autoptr (SgScan) scan = sg_scan_new (root, tree, cancellable, error);
  SgGuestFacts facts = { .root = root, .kernel_release = kernel->release };

  if (scan == NULL)
    return FALSE;
  sg_gather_user (anonymous, &facts.user_uid, &facts.user_gid);
  if (!sg_gather_system (scan, facts.user_uid, facts.user_gid, progress, data, error))
    return FALSE;
  if (anonymous)
    sg_anonymise (scan);
  if (!sg_guest_payload_add (tree, &facts, error))
    return FALSE;
  sg_tree_seal (tree);
  ret_contents->left_out = sg_scan_left_out (scan, &ret_contents->n_left_out);
  ret_contents->user_uid = facts.user_uid;
  ret_contents->tree = g_steal_pointer (&tree);
  return TRUE;
}

gboolean
sg_base_build (const SgBaseOptions *options, SgBaseProgress progress, gpointer data,
               GCancellable *cancellable, GError **error)
{
  static const SgBaseSources sources = { .find_kernel = find_kernel,
                                         .write_initrd = write_initrd,
                                         .initrd_key = initrd_key,
                                         .gather = gather,
                                         .stamp_paths = stamp_paths };

  return sg_base_build_from (&sources, options, progress, data, cancellable, error);
}
