/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of the three databases fill in. */
#pragma once

#include "baseimage/packages.h"

struct SgPackages
{
  char *root;                /* owned */
  GCancellable *cancellable; /* owned, may be NULL */
  GThread *reader;           /* joined by the first who asks */
  GMutex lock;               /* guards the join */
  gint done;                 /* atomic */
  const char *kind;
  char *problem;       /* owned */
  GPtrArray *lists;    /* GString: paths, one a line, each list beginning and ending with '\n' */
  GHashTable *few;     /* set of paths (strings within `chunk`) below the directories in `kept` */
  GHashTable *conf;    /* path -> digest in lower-case hex */
  GStringChunk *chunk; /* owned */
  guint64 n_paths;     /* atomic enough: a hint */
};

/* Notes that a package has PATH (absolute). */
void sg_packages_note (SgPackages *packages, const char *path, gsize len);

/* Notes that PATH is a configuration file whose contents had DIGEST (MD5, SHA-1 or SHA-256). */
void sg_packages_note_conf (SgPackages *packages, const char *path, const char *digest);

/* Takes over TEXT, a list of paths (one a line), to be searched for what `few` does not keep. */
void sg_packages_take_list (SgPackages *packages, GString *text);

/* The readers.  FALSE when ROOT has no such database; problems go to packages->problem. */
gboolean sg_packages_read_dpkg (SgPackages *packages);
gboolean sg_packages_read_pacman (SgPackages *packages);
gboolean sg_packages_read_rpm (SgPackages *packages);
