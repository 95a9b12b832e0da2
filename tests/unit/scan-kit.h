/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up system in a temporary folder, with a package database of its own, for the tests of the
 * scanner and the rules. */
#pragma once

#include "baseimage/sources.h"

#include <check.h>

extern char *root;
extern SgTree *tree;
extern SgScan *scan;

/* The checked fixture: a small system in a folder, removed at the end. */
void set_up (void);
void tear_down (void);

/* PATH in the made-up system; free with g_free(). */
char *at (const char *path);

/* What is put there, with the folders above it. */
void put_dir (const char *path, mode_t mode);
void put (const char *path, mode_t mode, const char *text);
void put_link (const char *path, const char *target);

/* dpkg's database: LIST is what the one package has, CONFFILES lines of " path digest". */
void put_dpkg (const char *list, const char *conffiles);

/* Scans it into `tree`. */
void gather (void);

/* Fails where it is not inside. */
SgInode *inode_at (const char *path);
void assert_out (const char *path);

/* PATH is in the list of what was left out, with RULE. */
void assert_told (const char *path, const char *rule);

/* What was generated; free with g_free(). */
char *text_at (const char *path);

/* As dpkg notes it; free with g_free(). */
char *md5 (const char *text);
