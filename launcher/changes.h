/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was saved inside since the sandbox opened: for the question at its end, for Save Files...,
 * and for `sandglass changes`.
 *
 * "Since" is by the time of the inode's change, which programs do not set when they unpack or copy
 * a file with its old date.  The list comes from inside: it is bounded and checked, and it is as
 * true as whoever is inside lets it be. */
#pragma once

#include <gio/gio.h>

typedef enum
{
  SG_CHANGE_DESKTOP, /* in the home, by its first folder */
  SG_CHANGE_DOCUMENTS,
  SG_CHANGE_DOWNLOADS,
  SG_CHANGE_HOME,
  SG_CHANGE_HIDDEN,    /* from here on only with `everything`: settings and caches in the home */
  SG_CHANGE_AUTOSTART, /* starts by itself at a login */
  SG_CHANGE_SERVICE,   /* units, cron, udev: starts by itself */
  SG_CHANGE_ETC,
  SG_CHANGE_PROGRAMS, /* /usr, /opt */
  SG_CHANGE_SYSTEM,   /* the rest */
  SG_CHANGE_MAX
} SgChangePlace;

typedef struct
{
  char *path;   /* bytes, absolute; owned */
  char *name;   /* its last component for a person: one line of UTF-8; owned */
  char *folder; /* where, for a person: "Documents", "Documents/letters", "/etc"; owned */
  guint64 size; /* what it claims */
  gint64 mtime; /* seconds; what it claims, between 0 and now */
  SgChangePlace place;
  gboolean program;    /* may harm this computer when it is run here */
  gboolean unfinished; /* a download that is still going on, or was broken off */
  gboolean removed;    /* of this computer's copy; only with `everything` */
} SgChange;

typedef struct
{
  GPtrArray *files; /* SgChange; by place, then by path; owned */
  gboolean cut;     /* there are more than can be listed */
} SgChanges;

/* CONNECTION: to the session, made in the default main context.  SINCE: the session's StartedAt, in
 * microseconds.  EVERYTHING: not only what a person saves, but all that differs from this
 * computer's copy. */
void sg_changes_async (GDBusConnection *connection, gint64 since, gboolean everything,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
SgChanges *sg_changes_finish (GAsyncResult *result, GError **error);

void sg_changes_free (SgChanges *changes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgChanges, sg_changes_free)

/* "desktop", "documents"...: for --json. */
const char *sg_change_place_key (SgChangePlace place);

/* Reads records "type NUL size NUL mtime NUL mode NUL path NUL"; what is not in order is left out.
 * For tests. */
SgChanges *sg_changes_parse (const char *bytes, gsize len);
