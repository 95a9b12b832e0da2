/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between link.c, which has the connection, link-facts.c, which knows what came over it, and
 * link-calls.c, which has the methods. */
#pragma once

#include "ui/link.h"

struct _SgLink
{
  GObject parent;
  GDBusConnection *connection; /* owned; NULL until authenticated */
  GDBusProxy *proxy;           /* owned; NULL until the properties are known */
  GCancellable *cancellable;
  GHashTable *texts; /* property name -> value (owned): what the getters return */
  guint windows;
  gint64 started_at;
  guint transfers;
  GVariant *shares;   /* owned; NULL until known */
  GVariant *usb;      /* owned; NULL until known */
  GList *waiting;     /* GTask (owned): calls made before the proxy was there; newest first */
  char *broken;       /* owned: how the connection was lost; NULL: it was not */
  gboolean said_gone; /* "gone" was emitted */
  gboolean discarding;
};

/* METHOD: a literal.  PARAMETERS: taken if floating; NULL: none.  Before the session answers, the
 * call waits. */
void sg_link_call_with (SgLink *self, const char *method, GVariant *parameters,
                        GAsyncReadyCallback callback, gpointer data);
void sg_link_call (SgLink *self, const char *method, GAsyncReadyCallback callback, gpointer data);

/* For a method whose answer is no more than that it was done.  The task's value: a GUnixFDList. */
gboolean sg_link_call_finish (GAsyncResult *result, GError **error);

/* What was answered; RESULT's; NULL: nothing. */
GVariant *sg_link_call_reply (GAsyncResult *result);
