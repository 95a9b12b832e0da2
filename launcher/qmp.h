/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's monitor (QMP) over an inherited socket: commands in order, answers, events.
 *
 * Specification: docs/interop/qmp-spec in QEMU's source.  The connection greets by itself
 * (qmp_capabilities); commands given before that wait.  Several may be under way: QEMU answers in
 * order.  What QEMU sends is bounded and checked: a taken-over QEMU ends the connection, never the
 * supervisor.
 *
 * Signals:
 *   event (const char *name, JsonObject *data)    "STOP", "MIGRATION", "BLOCK_IO_ERROR", ...;
 *                                                 data is empty where QEMU gave none
 *   closed (const char *why)                      once, last; pending commands fail first */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#define SG_TYPE_QMP (sg_qmp_get_type ())
G_DECLARE_FINAL_TYPE (SgQmp, sg_qmp, SG, QMP, GObject)

/* Takes `fd`, a stream socket whose other end is QEMU's monitor.  Works in the calling thread's
 * default main context.  A command under way keeps the object alive: to be rid of it early, call
 * sg_qmp_close() first. */
SgQmp *sg_qmp_new (int fd);

/* Ends the connection now, as if QEMU had: pending commands fail, "closed" follows. */
void sg_qmp_close (SgQmp *qmp);

/* 10000 * major + 100 * minor + micro, as QEMU greeted; 0 before it did, or when it said none. */
guint sg_qmp_version (SgQmp *qmp);

/* Sends COMMAND.  `arguments`: an object (consumed), or NULL.  `fd`: passed along (for "getfd",
 * "add-fd") and still the caller's, or -1.  Cancelling answers at once; a command that QEMU already
 * has is done all the same. */
void sg_qmp_call_async (SgQmp *qmp, const char *command, JsonNode *arguments, int fd,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* The same, with SECRET in the place of the string SG_QMP_SECRET in the arguments.  It is base64 of
 * exactly that length (32 bytes of key); no copy of it is left in memory once it is sent. */
#define SG_QMP_SECRET "0123456789012345678901234567890123456789012="
void sg_qmp_call_secret_async (SgQmp *qmp, const char *command, JsonNode *arguments,
                               const char *secret, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data);

/* For both: the member "return" (free with json_node_unref()); NULL with G_IO_ERROR_FAILED carrying
 * QEMU's words, or G_IO_ERROR_CLOSED and what ended the connection. */
JsonNode *sg_qmp_call_finish (SgQmp *qmp, GAsyncResult *result, GError **error);

/* An object from a GVariant-like format, for literals:
 *   sg_qmp_args ("{'fdname': <%s>}", name)   (see g_variant_new_parsed(); a{sv}) */
JsonNode *sg_qmp_args (const char *format, ...);

/* Members of what QEMU sent, of whatever type they really are: "" where it is no string,
 * `otherwise` where it is no integer, FALSE where it is no boolean. */
const char *sg_qmp_string (JsonObject *object, const char *member);
gint64 sg_qmp_int (JsonObject *object, const char *member, gint64 otherwise);
gboolean sg_qmp_boolean (JsonObject *object, const char *member);
