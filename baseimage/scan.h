/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking at a system: what the rules (rules.h) let in goes into a tree, with what each file is at
 * this moment.  Contents are not read, but for the few small files that are copied.
 *
 *   g_autoptr (SgScan) scan = sg_scan_new (root, tree, cancellable, error);
 *   sg_scan_add (scan, "/usr", SG_ZONE_USR);
 *   sg_scan_run (scan, on_progress, data, error); */
#pragma once

#include "baseimage/base.h"
#include "baseimage/packages.h"
#include "baseimage/rules.h"
#include "baseimage/tree.h"

/* The time of everything that Sandglass writes itself: the first second of 2000.  One time, so that
 * equal systems give equal bases. */
#define SG_EPOCH_SEC G_GINT64_CONSTANT (946684800)

typedef struct SgScan SgScan;

/* ROOT: absolute.  Starts to read the package database. */
SgScan *sg_scan_new (const char *root, SgTree *tree, GCancellable *cancellable, GError **error);
void sg_scan_free (SgScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgScan, sg_scan_free)

/* PATH, a directory below the root, is to be looked at with all below it.  A path that is not
 * there, or no directory, is no error; a symbolic link is taken as such. */
void sg_scan_add (SgScan *scan, const char *path, SgZone zone);

/* Looks at what was added, in several threads.  PROGRESS takes 0..1 and may be NULL.  Fails with
 * G_IO_ERROR_CANCELLED, or where the tree cannot be built; what vanishes or cannot be read is left
 * out. */
gboolean sg_scan_run (SgScan *scan, SgBaseProgress progress, gpointer data, GError **error);

/* What a rule said about a path, by the scanner or by who writes entries; may be called in any
 * thread.  What is out goes to the list. */
void sg_scan_decide (SgScan *scan, const char *path, const SgRule *rule);

/* The list `left-out`: "PATH<tab>RULE: REASON", sorted.  Free with g_free(). */
char *sg_scan_left_out (SgScan *scan, guint *ret_n);

/* Remembers what is decided about PATH and the directories above it. */
void sg_scan_watch (SgScan *scan, const char *path);

/* The decision closest to the watched path, and where; NULL when there was none. */
const SgRule *sg_scan_watched (SgScan *scan, const char **ret_path);

const char *sg_scan_root (const SgScan *scan);
int sg_scan_rootfd (const SgScan *scan); /* O_PATH of the root */
SgTree *sg_scan_tree (SgScan *scan);

/* Opens the host's file PATH (absolute) for reading; links lead nowhere out of the root.  -1 and
 * errno on failure. */
int sg_scan_open (const SgScan *scan, const char *path);
SgPackages *sg_scan_packages (SgScan *scan);

/* Who owns the system: 0, or whoever owns the root directory (a tree that a user unpacked). */
uid_t sg_scan_owner (const SgScan *scan);

/* Takes the metadata of the host's directory PATH into the tree (parents too), empty.  FALSE when
 * there is none, or one that others cannot reach. */
gboolean sg_scan_take_dir (SgScan *scan, const char *path);
