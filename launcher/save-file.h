/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that has no name until it is whole.
 *
 *   g_autoptr(SgSaveFile) file = sg_save_file_new (dirfd, error);
 *   ... write to sg_save_file_fd (file) ...
 *   name = sg_save_file_link (file, "report.pdf", error);
 *
 * Whatever happens before the last line (an error, a kill, a full disk), nothing is in the folder.
 * On file systems without nameless files a hidden ".sandglass-…part" is used, and removed. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct SgSaveFile SgSaveFile;

/* In the folder DIRFD (duplicated).  Mode 0600 until it is changed through the descriptor. */
SgSaveFile *sg_save_file_new (int dirfd, GError **error);

/* Open for reading and writing; belongs to the file. */
int sg_save_file_fd (SgSaveFile *file);

/* Syncs it and gives it the name NAME, or one of "NAME (2)"…"NAME (999)" when that is taken:
 * nothing is ever overwritten.  Returns the name; free with g_free(). */
char *sg_save_file_link (SgSaveFile *file, const char *name, GError **error);

/* The same in another folder of the same disk. */
char *sg_save_file_link_into (SgSaveFile *file, int dirfd, const char *name, GError **error);

/* sg_save_file_link() with exactly this name; G_IO_ERROR_EXISTS when it is taken. */
gboolean sg_save_file_link_exactly (SgSaveFile *file, const char *name, GError **error);

void sg_save_file_free (SgSaveFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgSaveFile, sg_save_file_free)
