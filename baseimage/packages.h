/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the package manager knows about files: dpkg and pacman by their documented text files, rpm
 * by asking `rpm`.  Read in a thread of its own, for rpm takes seconds; whoever asks first waits.
 */
#pragma once

#include "baseimage/rules.h"

#include <gio/gio.h>

typedef struct SgPackages SgPackages;

/* Starts to read the database below ROOT.  Never fails: a system without one has none, and one that
 * cannot be read is none, too (sg_packages_problem() says why). */
SgPackages *sg_packages_start (const char *root, GCancellable *cancellable);
void sg_packages_free (SgPackages *packages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPackages, sg_packages_free)

/* "dpkg", "rpm", "pacman" or NULL. */
const char *sg_packages_kind (SgPackages *packages);

/* A sentence for the person when there is a database and it could not be read, else NULL. */
const char *sg_packages_problem (SgPackages *packages);

/* Is PATH (absolute, below the root) part of a package?  Safe in any number of threads. */
gboolean sg_packages_owns (SgPackages *packages, const char *path);

/* The state of PATH whose contents are DATA (NULL: not known, or no regular file; then a
 * configuration file counts as changed). */
SgOwned sg_packages_owned (SgPackages *packages, const char *path, const void *data, gsize len);

/* Calls FUNC with each path of a package below PREFIX ("/var/"); in no order. */
void sg_packages_each (SgPackages *packages, const char *prefix,
                       void (*func) (const char *path, gpointer data), gpointer data);

/* About how many paths packages own, without waiting: 0 when not known (yet). */
guint64 sg_packages_n_paths (SgPackages *packages);
