/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between link.c, which has the connection, and link-calls.c, which has the methods. */
#pragma once

#include "ui/link.h"

/* METHOD: a literal.  PARAMETERS: taken if floating; NULL: none.  Before the session answers, the
 * call waits. */
void sg_link_call_with (SgLink *self, const char *method, GVariant *parameters,
                        GAsyncReadyCallback callback, gpointer data);
void sg_link_call (SgLink *self, const char *method, GAsyncReadyCallback callback, gpointer data);

/* For a method whose answer is no more than that it was done.  The task's value: a GUnixFDList. */
gboolean sg_link_call_finish (GAsyncResult *result, GError **error);

/* What was answered; RESULT's; NULL: nothing. */
GVariant *sg_link_call_reply (GAsyncResult *result);
