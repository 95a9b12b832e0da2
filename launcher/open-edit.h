/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host file that is looked at or edited in a sandbox: what it is before it goes in, and what came
 * of it when it is over.
 *
 *   edit = sg_edit_new ("/home/me/invoice.odt", TRUE, error);
 *   sg_edit_push_async (edit, connection, ...);            now edit->inside is its path inside
 *   ... sg_open_file_async () until the windows are closed ...
 *   sg_edit_fetch_async (edit, connection, id, ...);       SG_EDIT_CHANGED: ask, and then one of
 *   sg_edit_replace (edit, &replaced, error);   sg_edit_keep (edit, error);   or nothing
 *
 * Until sg_edit_replace() nothing outside is changed. */
#pragma once

#include "launcher/default-app.h"
#include "launcher/save-replace.h"
#include "launcher/transfer.h"

typedef struct
{
  char *dir, *name;    /* of the file itself, where PATH was a link; owned */
  char *shown;         /* the name for a person; owned */
  SgDefaultApp *app;   /* owned */
  guint64 size;        /* when it was opened */
  char *inside;        /* its path inside; NULL before it is pushed; owned */
  guint64 edited_size; /* after a fetch that found a change */
  /* The rest is its own. */
  gboolean write;
  int fd, dirfd;
  SgOriginal original;
  SgSaveFile *file;
} SgEdit;

/* Opens PATH, a regular file.  WRITE: it is to be edited, so it and its folder must let this person
 * write; else only a look. */
SgEdit *sg_edit_new (const char *path, gboolean write, GError **error);

/* Copies it to the Desktop inside; read-only there unless it is edited. */
void sg_edit_push_async (SgEdit *edit, GDBusConnection *connection, SgTransferProgress progress,
                         gpointer progress_data, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data);
gboolean sg_edit_push_finish (SgEdit *edit, GAsyncResult *result, GError **error);

typedef enum
{
  SG_EDIT_SAME,
  SG_EDIT_CHANGED,
  SG_EDIT_GONE,  /* removed or renamed inside */
  SG_EDIT_FAILED /* could not be fetched; the sandbox still has it */
} SgEditOutcome;

/* Brings what it has become out, into a nameless file of the original's folder.  ID: the session's.
 */
void sg_edit_fetch_async (SgEdit *edit, GDBusConnection *connection, const char *id,
                          SgTransferProgress progress, gpointer progress_data,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
SgEditOutcome sg_edit_fetch_finish (SgEdit *edit, GAsyncResult *result, GError **error);

/* Puts it in the original's place; see sg_replace_original(). */
gboolean sg_edit_replace (SgEdit *edit, SgReplaced *ret_replaced, GError **error);

/* Puts it beside the original; its name.  Free with g_free(). */
char *sg_edit_keep (SgEdit *edit, GError **error);

void sg_edit_free (SgEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgEdit, sg_edit_free)
