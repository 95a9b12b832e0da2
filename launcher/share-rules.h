/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which folders of the host may be shared with a sandbox, which not, and why.
 *
 * A folder is judged by what was opened, not by its name: by device and inode, its own and those of
 * every folder above it, against the same of the places in the table.  So a link, a bind mount or
 * another spelling of a refused place is that place.
 *
 *   sg_fd int fd = sg_share_open (path, &error);
 *   g_autoptr (SgShareVerdict) verdict = sg_share_judge (fd, writable, &places, &error);
 *   if (verdict == NULL) say error->message;
 *   else mount it, with verdict->covers hidden, and tell verdict->warnings */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

typedef enum
{
  SG_PLACE_NEVER,            /* it and all below; a folder that contains it has it covered */
  SG_PLACE_ITSELF,           /* only itself; what is below is judged by other rules */
  SG_PLACE_NO_WRITING,       /* not for writing: itself, below, and what contains it */
  SG_PLACE_NO_WRITING_ITSELF /* not for writing: itself and what contains it */
} SgPlaceKind;

typedef struct
{
  const char *where; /* "/proc"; "~/.ssh" is below the home folder; "@runtime", "@cache", "@config"
                      * are of SgSharePlaces, "@path" the folders that commands are found in */
  SgPlaceKind kind;
  const char *why; /* ends "It is not shared because ..." */
} SgPlaceRule;

/* The whole table, for docs and tests. */
const SgPlaceRule *sg_share_rules (gsize *ret_n);

/* Where the places with a name are, and what else is not allowed (NULL: not set).  Grants and
 * policies come in through `refuse`: whether PATH (real, absolute) may be shared; FALSE with an
 * error that says who decided that. */
typedef struct
{
  const char *home, *runtime, *cache, *config;
  const char *path; /* as $PATH */
  gboolean (*allow) (const char *path, gboolean writable, gpointer data, GError **error);
  gpointer data;
} SgSharePlaces;

/* What is hidden in a shared folder. */
typedef struct
{
  char *below; /* owned: path below the folder, no "." or ".." in it */
  const char *why;
  dev_t device;
  ino_t inode;
  gboolean is_dir;
} SgShareCover;

typedef struct
{
  char *path; /* owned: the real, absolute path of what was opened */
  dev_t device;
  ino_t inode;
  GPtrArray *covers; /* SgShareCover, owned */
  char **warnings;   /* owned, never NULL: for a person */
} SgShareVerdict;

/* Opens the folder PATH with O_PATH, magic links excluded; -1 with words for a person. */
int sg_share_open (const char *path, GError **error);

/* The verdict on the folder FD (O_PATH is enough); NULL with G_IO_ERROR_PERMISSION_DENIED and the
 * reason, G_IO_ERROR_NOT_DIRECTORY or what reading it said. */
SgShareVerdict *
sg_share_judge (int fd, gboolean writable, const SgSharePlaces *places, GError **error);
void sg_share_verdict_free (SgShareVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgShareVerdict, sg_share_verdict_free)
