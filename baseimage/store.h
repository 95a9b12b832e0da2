/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory `bases`: locks, building aside, making current, taking away.  base.h says what lies
 * there.
 *
 * What may happen at any time without harm: a build is killed (its new-XXXXXX is found and removed
 * by the next one, for only one holds the lock); a session opens a base that is being removed (it
 * holds a shared lock on `info`, and looks after locking whether the file is still there). */
#pragma once

#include <gio/gio.h>

#define SG_DIGEST_LEN 64 /* lower-case hex */

gboolean sg_store_is_digest (const char *text);

/* CACHE/bases; CACHE NULL: sg_paths_cache().  Free with g_free(). */
char *sg_store_dir (const char *cache);

/* Makes the directory (0700) where it is missing and takes the build lock without waiting.  The
 * descriptor holds it; -1 with G_IO_ERROR_BUSY when another build runs. */
int sg_store_lock (const char *store, GError **error);

/* The digest that `current` names; NULL and G_IO_ERROR_NOT_FOUND when there is none. */
char *sg_store_current (const char *store, GError **error);

/* A fresh directory for a base under construction.  Free with g_free(). */
char *sg_store_begin (const char *store, GError **error);

/* Syncs FRESH's files and renames it to its digest.  A base of the same digest that lies there is
 * replaced unless KEEP (then FRESH is removed). */
gboolean sg_store_publish (const char *store, const char *fresh, const char *digest, gboolean keep,
                           GError **error);

/* Has `current` name DIGEST, from one moment to the next. */
gboolean sg_store_make_current (const char *store, const char *digest, GError **error);

/* Removes a directory of plain files, as far as that goes. */
void sg_store_discard (const char *dir);

/* With the lock held: removes leftovers of builds and every base but KEEP (may be NULL) that nobody
 * uses.  Returns how many are in use. */
guint sg_store_prune (const char *store, const char *keep);

/* With the lock held: removes the base DIGEST unless somebody uses it. */
void sg_store_drop (const char *store, const char *digest);

/* Takes the shared lock of a base that is about to be used.  -1 with G_IO_ERROR_NOT_FOUND when it
 * vanished meanwhile. */
int sg_store_use (const char *base, GError **error);
