/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of ours goes inside: the agent, the shell, units, the machine's settings, the initramfs.
 *
 * The scanner calls sg_guest_payload_add() on a tree that already holds the host's /usr, /etc and
 * /var; whatever is added replaces what was there.  The programs come from sg_paths_guest(). */
#pragma once

#include "baseimage/guest/serials.h"
#include "baseimage/tree.h"

#include <gio/gio.h>

typedef struct
{
  const char *root;           /* the scanned tree on the host */
  const char *kernel_release; /* of the guest's kernel */
  uid_t user_uid;             /* of the user `sandbox` */
  gid_t user_gid;
} SgGuestFacts;

/* Adds it all.  The entries for the user `sandbox` in passwd, group and shadow are the scanner's.
 */
gboolean sg_guest_payload_add (SgTree *tree, const SgGuestFacts *facts, GError **error);

/* Writes the initramfs (a gzip'ed newc cpio: sandglass-init and the modules it needs, unpacked) for
 * the kernel pair RELEASE below ROOT to the new file PATH. Equal inputs give equal bytes. */
gboolean sg_initrd_write (const char *root, const char *release, const char *path,
                          GCancellable *cancellable, GError **error);

/* Tells, without reading much, whether sg_initrd_write() would write what it wrote before: a digest
 * over which modules go in and which files they and sandglass-init are.  Free with g_free(). */
char *sg_initrd_key (const char *root, const char *release, GError **error);
