/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file system that shows a shared folder inside.
 *
 *   programs - kernel (FUSE) - this - 9p mount, below /run/sandglass/shares     contents, changes
 *                                   - the host's index, over our own streams    names, attributes
 *
 * A request over 9p costs about a millisecond under emulation, and each look at a file is several.
 * So names and attributes come from the index, a directory at a time, and are kept until the host
 * tells that they changed.  Contents are never kept longer than a file is open.  Each change is
 * made at once by a call on the 9p mount: what close() and fsync() promise is as it is there.
 *
 * One lock covers nodes and listings.  It is held while an answer that the kernel will keep is
 * handed over, so that word of a change always comes to the kernel after what it makes wrong.
 *
 * This runs as root and its paths can be swapped by any program inside: they are resolved below
 * the folder and by no link (share_open_at()). */
#pragma once

#include "baseimage/guest/share-protocol.h"

#include <linux/fuse.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Node Node;
typedef struct Share Share;

/* --- nodes.c: names that the kernel knows, and listings ------------------------------------------
 */

typedef enum
{
  ENTRY_STALE, /* to be asked for */
  ENTRY_THERE,
  ENTRY_ABSENT
} EntryState;

typedef struct
{
  char *name; /* owned */
  SgShareAttr attr;
  EntryState state;
} Entry;

typedef struct
{
  Entry *entries; /* sorted by name */
  size_t n, room;
  bool watched;
  uint64_t born_msec;
} Listing;

struct Node
{
  Node *parent; /* NULL: the folder itself */
  char *name;   /* owned */
  uint64_t lookups;
  unsigned children;
  uint64_t ino; /* 0: not told yet */
  bool is_dir;
  struct Open *opens;           /* file.c */
  Listing *listing;             /* owned; NULL: not asked for */
  unsigned looks;               /* ahead.c: names in it that were asked for */
  unsigned reach;               /* how many after it are wanted once that begins */
  int64_t looked_sec, read_sec; /* when it did, and when it was read ahead; 0: never */
  unsigned changes;             /* of names in it, as far as they are told */
  SgShareAttr root;             /* of the folder itself */
  Node *next;
};

typedef struct Nodes Nodes;

Nodes *nodes_new (void);
Node *nodes_root (Nodes *nodes);

/* All with the lock held. */
Node *nodes_find (Nodes *nodes, Node *parent, const char *name);
Node *nodes_get (Nodes *nodes, Node *parent, const char *name);
void nodes_forget (Nodes *nodes, Node *node, uint64_t lookups);
/* Its name is another's now, or nobody's; the kernel may have it for long. */
void nodes_gone (Nodes *nodes, Node *node);
bool node_is_gone (const Node *node);
void nodes_move (Nodes *nodes, Node *node, Node *parent, const char *name);
/* The node of PATH; NULL: not known. */
Node *nodes_walk (Nodes *nodes, const char *path);
/* Writes the path below the folder; ENAMETOOLONG or 0. */
int node_path (const Node *node, char path[SG_SHARE_PATH_MOST + 1]);
void nodes_each (Nodes *nodes, void (*each) (Node *node, void *data), void *data);

/* Some directories are kept open (O_PATH): a path over 9p costs by its length.  A descriptor of the
 * caller's own, -1: it is not kept. */
int nodes_dir (const Nodes *nodes, const Node *node);
/* -1: not any more.  FD stays the caller's. */
void nodes_keep_dir (Nodes *nodes, const Node *node, int fd);
/* Nothing of NODE and below is kept.  What is open holds the 9p mount's belief that the name is
 * there: mkdir() of a name that the host removed would be EEXIST. */
void nodes_let_go (Nodes *nodes, const Node *node);
/* Does the host tell of changes to its name and those above?  Else it must not be kept. */
bool node_is_told (const Node *node);

/* Takes LISTING. */
void nodes_list (Nodes *nodes, Node *node, Listing *listing);
void nodes_unlist_all (Nodes *nodes);
/* NULL when there is none that is still good. */
Listing *node_listing (const Node *node);
Entry *listing_find (Listing *listing, const char *name);
/* Adds or replaces. */
void listing_put (Listing *listing, const char *name, EntryState state, const SgShareAttr *attr);
bool listing_whole (const Listing *listing);
/* From the body of an answer; NULL: it makes no sense. */
Listing *listing_parse (const char *body, size_t length, bool watched);
void listing_free (Listing *listing);
void node_stale (Node *parent, const char *name);

/* How long the kernel may keep what it is told of a name in that listing (NULL: not at all). */
void listing_keep (const Listing *listing, uint64_t *seconds, uint32_t *nsec);

/* --- index.c: the host's index -------------------------------------------------------------------
 */

/* Starts the threads. */
int index_start (Share *share);
/* Without the lock.  0 or an errno; the nodes know the answer then.  ATTR as it was. */
int index_stat (Share *share, Node *parent, const char *name, SgShareAttr *attr);
int index_list (Share *share, Node *node);
/* With the lock: the kernel forgets what it keeps of a folder's names. */
void index_forget_names (Share *share, Node *node);

/* --- ahead.c: the rest of a folder, before it is asked for ---------------------------------------
 */

/* Before any request is served.  READER is kept. */
int ahead_start (Share *share, int reader);
/* With the lock: a name in FOLDER, which has a listing, was asked for. */
void ahead_looked (Share *share, Node *folder);

/* --- reader.c: a process that reads folders at PLACE ----------------------------------------------
 */

/* Before any thread, and before the mount.  A socket, on which each message is the path of a folder
 * with its NUL, or -errno.  The process ends with this one. */
int reader_start (const char *place);
/* Requests are served. */
void reader_mounted (int reader);

/* --- main.c, answers
 * ------------------------------------------------------------------------------
 */

struct Share
{
  int fuse, folder; /* the kernel, the 9p mount */
  int ask, told;    /* the host's index */
  pthread_mutex_t lock;
  Nodes *nodes;
  struct Index *index;
  struct Ahead *ahead;
};

typedef struct Work Work;

typedef struct
{
  Share *share;
  Work *work;
  const struct fuse_in_header *in;
  const char *body; /* NUL after LENGTH bytes */
  size_t length;
  char *buffer; /* of this thread, SHARE_IO_MOST bytes */
} Request;

#define SHARE_IO_MOST (1u << 20)
#define SHARE_READ_AHEAD_KIB 1024

/* In one of the threads; once for each request. */
void serve (const Request *request);

void answer (const Request *request, int error, const void *body, size_t length);
/* To the kernel, of its own accord. */
void tell (Share *share, int what, const void *body, size_t length, const char *name);

/* The host does not answer: said at most once in a while. */
void say_slow (void);

void fuse_attr_from (struct fuse_attr *to, const SgShareAttr *attr);

/* --- work.c: the threads, and the patience with what hangs ---------------------------------------
 */

/* PATIENCE_SEC 0: as usual.  0 or an errno. */
int work_start (Share *share, unsigned patience_sec);
__attribute__ ((noreturn)) void work_watch (Share *share);
/* FALSE: it was waited for too long, and who asked has had EIO. */
bool work_may_answer (Work *work);

/* --- look.c, list.c, change.c, file.c: false when it is none of theirs
 * -----------------------------------
 */
bool share_look (const Request *request);
bool share_list (const Request *request);
bool share_change (const Request *request);
bool share_file (const Request *request);

/* With the lock: what is told of NAME, which the kernel may keep as long as LISTING (NULL: not) is.
 */
void fill_entry (Share *share, Node *parent, const char *name, const SgShareAttr *attr,
                 const Listing *listing, struct fuse_entry_out *out);
/* Of a file with several names the host tells under one of them only: it is asked for each time. */
bool is_told (const SgShareAttr *attr);

/* Answers a lookup of NAME; OPENED: with a descriptor, for CREATE. */
void answer_entry (const Request *request, Node *parent, const char *name, int opened);

/* Answers GETATTR; KNOWN: from what is known, if it is. */
void answer_attr (const Request *request, bool known);

Node *node_of (const Request *request);
Node *node_number (const Share *share, uint64_t number);

/* With the lock: FD is open for the kernel from now on. */
void file_opened (Share *share, Node *node, int fd);
/* With the lock: GETATTR of what is open and has no name: 0 or an errno. */
int file_attr (const Node *node, SgShareAttr *attr);

/* A descriptor below the folder, by no link; -errno.  Without the lock. */
int share_open_at (Share *share, Node *node, int flags);
/* The folder that NODE is in (O_PATH), and its name; -errno. */
int share_open_above (Share *share, const Node *node, char name[256]);
