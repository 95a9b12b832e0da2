/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "baseimage/scan.h"

/* The tree as a build would make it, without writing anything.  The scan refers to the tree. */
SgTree *sg_explain_gather (const char *root, gboolean anonymous, const char *watch,
                           SgScan **ret_scan, GCancellable *cancellable, GError **error);
