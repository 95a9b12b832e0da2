/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notices of the block device (baseimage/notice.h) -> words for a person.
 *
 * An update of the host can change thousands of files at once: the first is told at once, what
 * follows within a few seconds is told together. */
#pragma once

#include <glib.h>

typedef struct SgFileNotices SgFileNotices;

typedef void (*SgFileNoticesFunc) (const char *kind, const char *message, gpointer data);

/* Takes FD, the reading end of a packet pipe (O_DIRECT): one line a packet. */
SgFileNotices *sg_file_notices_new (int fd, SgFileNoticesFunc func, gpointer data);
void sg_file_notices_free (SgFileNotices *notices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgFileNotices, sg_file_notices_free)
