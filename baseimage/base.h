/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store of bases: building one, finding the current one, saying what state it is in.
 *
 * On disk, below sg_paths_cache():
 *
 *  - bases/DIGEST/: one base, made aside as "new-XXXXXX" and renamed when it is whole:
 *    - meta: the EROFS image's metadata; map: the link map (map.h): which host file stands behind
 *      which blocks; blob: generated contents
 *    - initrd: the guest's initramfs
 *    - scratch: an empty, sparse ext4: the backing file of every session's disk
 *    - info: key file: format version, digest, root, kernel, counts, times
 *    - stamps: key file: what the system looked like, see stamps.h
 *    - left-out: what of the host is not inside, one per line with its rule
 *  - bases/current: symbolic link to the digest in use
 *  - bases/lock: flock: one build or removal at a time
 *
 * A session holds a shared flock on its base's `info`, so that `remove` and a rebuild know who uses
 * it. */
#pragma once

#include <gio/gio.h>

typedef struct SgBase SgBase;

typedef enum
{
  SG_BASE_MISSING, /* never built, or removed */
  SG_BASE_FRESH,   /* made from the system as it is now */
  SG_BASE_STALE,   /* packages changed since; it still works */
  SG_BASE_BROKEN   /* cut short, flipped bits, a format we do not know: must be rebuilt */
} SgBaseState;

/* Opens the current base and takes the shared lock.  NULL with G_IO_ERROR_NOT_FOUND when there is
 * none and G_IO_ERROR_INVALID_DATA when it is broken.  `cache` NULL: sg_paths_cache(). */
SgBase *sg_base_open (const char *cache, GError **error);
/* The same with the base of that digest, current or not. */
SgBase *sg_base_open_digest (const char *cache, const char *digest, GError **error);
void sg_base_free (SgBase *base);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgBase, sg_base_free)

const char *sg_base_dir (const SgBase *base);    /* absolute */
const char *sg_base_digest (const SgBase *base); /* lower-case hex */
const char *sg_base_root (const SgBase *base);   /* "/" or what --root said */
const char *sg_base_kernel (const SgBase *base); /* absolute host path of vmlinuz */
const char *sg_base_kernel_release (const SgBase *base);
gboolean sg_base_anonymous (const SgBase *base); /* made without what identifies this computer */
uid_t sg_base_user_uid (const SgBase *base);     /* of the user `sandbox` inside */

/* Cheap (well under 50 ms): compares the package database's stamps with those at build time. */
SgBaseState sg_base_state (const char *cache, char **ret_why);

/* Called on the building thread, at most ~20 times a second.  stage: words for a person; fraction
 * 0..1 over everything, or -1 when unknown. */
typedef void (*SgBaseProgress) (const char *stage, double fraction, gpointer data);

/* Leaves out what `base explain --identifying` lists.  The choice stays until another is made. */
typedef enum
{
  SG_ANONYMOUS_AS_BEFORE, /* as the current base is; no, when there is none */
  SG_ANONYMOUS_YES,
  SG_ANONYMOUS_NO
} SgAnonymous;

typedef struct
{
  const char *root;  /* NULL: "/" */
  const char *cache; /* NULL: sg_paths_cache() */
  gboolean force;    /* build even when the current one is fresh */
  SgAnonymous anonymous;
  char **aside; /* NULL, or gets the new one's digest where another stays the current one, until
                 * sg_base_make_current(); NULL goes into it where nothing is left to do */
} SgBaseOptions;

/* Builds a base and makes it current; the old one stays until nobody uses it.  Cancelling leaves
 * nothing behind. Errors: G_IO_ERROR_CANCELLED, G_IO_ERROR_BUSY (another build runs),
 * G_IO_ERROR_NO_SPACE, ... */
gboolean sg_base_build (const SgBaseOptions *options, SgBaseProgress progress, gpointer data,
                        GCancellable *cancellable, GError **error);

/* Makes the base of that digest, which was built aside, the current one, and removes what nobody
 * uses any more.  DIGEST NULL: the current one stays, and what was built aside goes. */
gboolean sg_base_make_current (const char *cache, const char *digest, GError **error);

/* For who has used the base of that digest, and closed it: where another one is the current one by
 * now (TRUE), it goes, unless it is used by others. */
gboolean sg_base_drop_old (const char *cache, const char *digest);

/* Removes all bases that no session uses; G_IO_ERROR_BUSY names how many are still used. */
gboolean sg_base_remove (const char *cache, GError **error);
