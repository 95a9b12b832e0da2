/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "baseimage/explain.h"
#include "baseimage/scan.h"

/* Folders of certificates that were added by hand; NULL-terminated. */
extern const char *const sg_identifying_anchors[];

/* What a stranger inside could learn from TREE, made from the system below ROOT; UID: the number of
 * the user `sandbox`.  Free with g_ptr_array_unref(). */
GPtrArray *sg_identifying_in (SgTree *tree, const char *root, uid_t uid);

/* Takes out of the scan's tree, which sg_gather_system() filled, what tells which computer it is
 * and who uses it; what is taken out goes to the list `left-out`. */
void sg_anonymise (SgScan *scan);
