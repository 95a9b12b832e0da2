/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a template: what both its maker and its users know of them. */
#pragma once

#include <gio/gio.h>

enum
{
  SG_TEMPLATE_RAM,
  SG_TEMPLATE_STATE,
  SG_TEMPLATE_DISK,
  SG_TEMPLATE_N_FILES
};
extern const char *const sg_template_file_names[SG_TEMPLATE_N_FILES];

#define SG_TEMPLATE_FORMAT 1
#define SG_TEMPLATE_INFO "info"
#define SG_TEMPLATE_VERIFIED "verified" /* empty; its time is that of the last long check */
#define SG_TEMPLATE_LOCK "lock"
#define SG_TEMPLATE_NEW "new-"
#define SG_TEMPLATE_OLD "old-"

/* What is remembered of one file. */
typedef struct
{
  gint64 size, mtime, ctime; /* bytes, nanoseconds */
  guint32 checksum;          /* CRC-32C over its pages that are not zero, with their places */
} SgTemplateFile;

/* CACHE/templates; `cache` NULL: the user's.  Free with g_free(). */
char *sg_template_root (const char *cache);

/* Size and times from FD. */
gboolean sg_template_file_look (int fd, SgTemplateFile *ret_file, GError **error);

/* Holes and zeros count alike, so that a file system may change its mind about them. */
gboolean sg_template_file_sum (int fd, guint32 *ret_sum, GCancellable *cancellable, GError **error);

/* The template DIR (a name in ROOT): out of the way by a rename, then its files and itself.  What
 * we did not put there stays, and so does the directory then. */
void sg_template_dir_remove (const char *root, const char *name);

/* Is there a template, for whichever base? */
gboolean sg_template_any (const char *cache);

/* Does some process make one just now? */
gboolean sg_template_is_being_made (const char *cache);

/* Removes the template KEY unless somebody uses it. */
void sg_template_drop (const char *cache, const char *key);

/* Removes all templates that nobody uses but KEEP (or NULL), and what killed builds left. */
void sg_template_prune (const char *cache, const char *keep);
