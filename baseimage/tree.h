/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree that becomes the base: what the scanner found and the generators wrote, before a byte of
 * an image exists.  The scanner (scan.h) fills it, the image writer (erofs.h) reads it.
 *
 * A name (SgNode) and a file (SgInode) are two things, as on disk: hard links are several nodes
 * with one inode, and inode->nlink counts the *included* names only.  The contents of a regular
 * file are either LINKED (a host file, named by path and identity, never copied here) or GENERATED
 * (bytes of our own: passwd, units, our agent).  All strings of names and link targets are bytes,
 * not UTF-8.
 *
 * Memory: a tree of 200,000 files must stay below ~60 MB, so nodes live in the tree's arena and are
 * freed with it only. */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

/* What tells one state of a host file from another: see docs/architecture.md, "Identity".  Not
 * ctime (link(2), chmod and backups change it on intact files). st_dev is kept for the life of one
 * scan and is mapped again when a base is opened, for it changes between boots. */
typedef struct
{
  guint64 dev; /* st_dev at scan time */
  guint64 ino;
  gint64 btime_sec; /* statx stx_btime; 0/0 where the file system has none */
  guint32 btime_nsec;
  gint64 mtime_sec;
  guint32 mtime_nsec;
  guint64 size; /* bytes */
} SgIdentity;

typedef struct
{
  char *name; /* full name, "security.capability" */
  guint8 *value;
  gsize len;
} SgXattr;

typedef enum
{
  SG_CONTENT_NONE,     /* not a regular file */
  SG_CONTENT_LINKED,   /* host_path + identity */
  SG_CONTENT_GENERATED /* data */
} SgContent;

typedef struct
{
  mode_t mode; /* type and permission bits */
  uid_t uid;
  gid_t gid;
  gint64 mtime_sec;
  guint32 mtime_nsec;
  guint32 nlink; /* included names (directories: 2 + subdirectories) */
  dev_t rdev;    /* device nodes */
  guint64 size;  /* bytes of a regular file; length of a link's target */
  SgContent content;
  const char *host_path; /* LINKED: absolute path under the scanned root (without the root) */
  SgIdentity identity;   /* LINKED */
  GBytes *data;          /* GENERATED (owned) */
  const char *target;    /* symbolic link: its target */
  SgXattr *xattrs;       /* n_xattrs of them */
  guint n_xattrs;
  guint64 writer_data[2]; /* free for the image writer: inode number, first block */
} SgInode;

typedef struct SgNode SgNode;
struct SgNode
{
  const char *name; /* one component; "" for the root */
  SgInode *inode;
  SgNode *parent;    /* NULL for the root */
  SgNode **children; /* n_children of them; sorted bytewise by name after sg_tree_seal() */
  guint n_children;
  guint alloc_children;
};

typedef struct SgTree SgTree;

/* A tree that holds a root directory (0755 root:root) and nothing else. */
SgTree *sg_tree_new (void);
void sg_tree_free (SgTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgTree, sg_tree_free)

SgNode *sg_tree_root (SgTree *tree);

/* Copies a string (or bytes) into the tree's arena; valid as long as the tree. */
const char *sg_tree_string (SgTree *tree, const char *text);
void *sg_tree_alloc (SgTree *tree, gsize size);

/* A fresh zeroed inode in the arena (nlink 0). */
SgInode *sg_tree_inode (SgTree *tree);

/* Adds NAME for INODE below PARENT and counts nlink.  NAME must be one component of 1 to 255 bytes,
 * not "." or "..", and not be there already: otherwise NULL and an error. */
SgNode *
sg_tree_add (SgTree *tree, SgNode *parent, const char *name, SgInode *inode, GError **error);

/* Makes room for N children of DIR at once. */
void sg_tree_reserve (SgTree *tree, SgNode *dir, guint n);

/* The child NAME of DIR, or the node at an absolute PATH ("/usr/bin/env"; links are not followed);
 * NULL if there is none. */
SgNode *sg_tree_child (SgNode *dir, const char *name);
SgNode *sg_tree_lookup (SgTree *tree, const char *path);

/* What generators use; each replaces what was at PATH, makes missing parents (0755 root:root),
 * stamps EPOCH_SEC (see scan.h: one time for all that is generated), and returns the node.
 * Symbolic links among the parents are followed inside the tree, so "/lib/x" lands in "/usr/lib/x"
 * where /usr is merged.  A directory that put_dir finds keeps what is in it. */
SgNode *sg_tree_put_file (SgTree *tree, const char *path, mode_t perm, uid_t uid, gid_t gid,
                          const void *data, gsize len);
SgNode *sg_tree_put_dir (SgTree *tree, const char *path, mode_t perm, uid_t uid, gid_t gid);
SgNode *sg_tree_put_link (SgTree *tree, const char *path, const char *target);
void sg_tree_set_epoch (SgTree *tree, gint64 epoch_sec);

/* Takes PATH and what is below it out again; hard links elsewhere stay, their nlink is corrected.
 */
void sg_tree_remove (SgTree *tree, const char *path);

/* Sorts every directory bytewise; call once before writing. */
void sg_tree_seal (SgTree *tree);

typedef struct
{
  guint64 nodes, dirs, files, links, others;
  guint64 linked_bytes, generated_bytes;
} SgTreeCounts;
void sg_tree_count (SgTree *tree, SgTreeCounts *ret_counts);
