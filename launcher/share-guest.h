/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done inside the sandbox for a shared folder: small scripts, run by the agent as root.
 * What they say is for a person and believed in nothing. */
#pragma once

#include "launcher/agent.h"

/* Shows slot SLOT of the device TAG at PLACE, an absolute path that is made where it is missing. */
void sg_share_guest_mount_async (SgAgent *agent, const char *tag, gboolean writable, guint slot,
                                 const char *place, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data);

/* Where the slot is inside, for root alone.  Free with g_free(). */
char *sg_share_guest_below (gboolean writable, guint slot);

/* Takes it away again, also from programs that use it. */
void sg_share_guest_unmount_async (SgAgent *agent, gboolean writable, guint slot, const char *place,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer data);

/* Shows the file that is lent in slot SLOT of the device TAG (read-only) at PLACE, which is made. */
void sg_share_guest_lend_async (SgAgent *agent, const char *tag, guint slot, const char *place,
                                GAsyncReadyCallback callback, gpointer data);

/* Takes it away again. */
void sg_share_guest_end_loan_async (SgAgent *agent, const char *place,
                                    GAsyncReadyCallback callback, gpointer data);

/* For all: FALSE with the script's words, or with G_IO_ERROR_TIMED_OUT. */
gboolean sg_share_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error);
