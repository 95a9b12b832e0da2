/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of qmp.h share. */
#pragma once

#include "launcher/qmp.h"

typedef struct
{
  GTask *task; /* NULL: ours, nobody waits */
  char *line;
  gsize length, sent;
  int fd;         /* travels with it, or -1 */
  gboolean alone; /* it carries one: nothing follows before its answer */
  gint64 id;
  GSource *cancelled;
} SgQmpCommand;

struct _SgQmp
{
  GObject parent;
  int fd;
  GMainContext *context;
  GSource *readable, *writable;
  GByteArray *in;
  gsize searched;   /* bytes of `in` known to hold no line end */
  GQueue waiting;   /* SgQmpCommand, not yet sent whole */
  GQueue pending;   /* SgQmpCommand, sent; QEMU answers in this order */
  gboolean greeted; /* may send */
  gboolean holding; /* what was sent last carries a descriptor */
  gint64 last_id;
  guint version;
  char *why; /* set: the connection has ended */
};

/* --- qmp.c -------------------------------------------------------------------------------------
 */

/* The connection has ended, once; WHY is taken. */
void sg_qmp_end (SgQmp *qmp, char *why);

/* --- qmp-send.c --------------------------------------------------------------------------------
 */

/* Destroys it, and forgets it. */
void sg_qmp_source_clear (GSource **source);

/* ARGUMENTS is consumed, or NULL. */
SgQmpCommand *sg_qmp_command_new (SgQmp *qmp, const char *name, JsonNode *arguments);
void sg_qmp_command_free (SgQmpCommand *command);

/* Puts the secret in its place; FALSE where it has none, or has another length. */
gboolean sg_qmp_command_set_secret (SgQmpCommand *command, const char *secret, gsize length);

/* Who is to be answered (the caller's now), NULL for nobody; the command itself stays where it is.
 */
GTask *sg_qmp_command_take_task (SgQmpCommand *command);

/* Sends what can be sent now. */
void sg_qmp_pump (SgQmp *qmp);

/* --- qmp-receive.c -----------------------------------------------------------------------------
 */

/* GUnixFDSourceFunc */
gboolean sg_qmp_on_readable (int fd, GIOCondition condition, gpointer qmp);
