/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user interface's end of org.sandglass.Session1 (launcher/org.sandglass.Session1.xml), over a
 * connected descriptor.  Nothing here blocks.
 *
 * Signals:
 *   "changed"               a property has a new value (also once, when they are first known)
 *   "notice" (kind, message) as the interface's signal
 *   "asked" (what)          a window is to "show" itself, or to "close", as its person would
 *   "gone"                  once: the session ended, or its connection broke; sg_link_failure()
 *                           tells why
 */
#pragma once

#include <gio/gio.h>

#define SG_TYPE_LINK (sg_link_get_type ())
G_DECLARE_FINAL_TYPE (SgLink, sg_link, SG, LINK, GObject)

/* Takes FD, a stream socket on which a session speaks D-Bus now or soon. */
SgLink *sg_link_new (int fd);
/* The same in two steps: calls made before the second one wait for it. */
SgLink *sg_link_new_later (void);
void sg_link_connect (SgLink *link, int fd);

/* Eight hex digits: what a session may be called. */
gboolean sg_link_is_id (const char *text);

/* Connects to the running session ID (checked by the caller); blocks no longer
 * than a local socket does.  Returns a descriptor for sg_link_new(), or -1. */
int sg_link_reach (const char *id, GError **error);

/* "" until known.  State: "preparing", "booting", "running", "stopped", "ending",
 * "gone". */
const char *sg_link_id (SgLink *link);
const char *sg_link_state (SgLink *link);
const char *sg_link_stage (SgLink *link);
const char *sg_link_title (SgLink *link);
const char *sg_link_accelerator (SgLink *link);
const char *sg_link_accelerator_reason (SgLink *link);
const char *sg_link_grants (SgLink *link);  /* JSON: allowed.h */
const char *sg_link_network (SgLink *link); /* "off", "internet", "lan", "allowlist" */
GVariant *sg_link_shares (SgLink *link);  /* a(ssb): folder, place, writable; the link's; or NULL */
guint sg_link_transfers (SgLink *link);   /* so many clients copy files in or out now */
GVariant *sg_link_usb_devices (SgLink *link); /* a(ssb): where, name, camera; likewise */
gint64 sg_link_started_at (SgLink *link); /* CLOCK_REALTIME microseconds; 0 until known */

/* How many windows show it. */
guint sg_link_windows (SgLink *link);

/* Whether the session has ended or is about to ("ending", "gone", connection lost). */
gboolean sg_link_is_over (SgLink *link);

/* Why it failed, in words; NULL: it did not fail (discarded, or the machine was shut down
 * inside). */
const char *sg_link_failure (SgLink *link);

/* Gives up, for good, what only an unconfined part may ask; before a byte of the guest is seen. */
void sg_link_become_window_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_become_window_finish (SgLink *link, GAsyncResult *result, GError **error);

/* Asks its window to "show" itself or to "close".  FALSE: it has none, or there is an error. */
void sg_link_ask_window_async (SgLink *link, const char *what, GAsyncReadyCallback callback,
                               gpointer data);
gboolean sg_link_ask_window_finish (SgLink *link, GAsyncResult *result, GError **error);

/* A fresh end of a SPICE connection, or -1. */
void sg_link_open_display_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
int sg_link_open_display_finish (SgLink *link, GAsyncResult *result, GError **error);

/* What its screen shows, a memory file for thumbnail.h; or -1. */
void sg_link_picture_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
int sg_link_picture_finish (SgLink *link, GAsyncResult *result, GError **error);

/* Finishes when the desktop is there (at once, if it is), or the session has ended: then FALSE. */
void sg_link_wait_ready_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_wait_ready_finish (SgLink *link, GAsyncResult *result, GError **error);

/* Switches the network to a mode as above; finishes when it holds. */
void sg_link_set_network_async (SgLink *link, const char *mode, GAsyncReadyCallback callback,
                                gpointer data);
gboolean sg_link_set_network_finish (SgLink *link, GAsyncResult *result, GError **error);

/* Who was contacted: NetworkRecords' answer, for places.h; NULL with an error. */
void sg_link_records_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
GVariant *sg_link_records_finish (SgLink *link, GAsyncResult *result, GError **error);

/* The machine's fair share of this computer's memory, in bytes; 0: not known. */
void sg_link_memory_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
guint64 sg_link_memory_finish (SgLink *link, GAsyncResult *result, GError **error);

/* Stops it, to be thrown away so many seconds later unless it is resumed. */
void sg_link_pause_async (SgLink *link, guint seconds, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_pause_finish (SgLink *link, GAsyncResult *result, GError **error);
void sg_link_resume_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_resume_finish (SgLink *link, GAsyncResult *result, GError **error);

/* The same sandbox from the beginning: everything in it is gone, the display closes.  Finishes when
 * commands can run in it. */
void sg_link_restart_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_restart_finish (SgLink *link, GAsyncResult *result, GError **error);

/* It has "stopped": its files can be saved when this finishes, which takes as long as a start. */
void sg_link_rescue_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_rescue_finish (SgLink *link, GAsyncResult *result, GError **error);
gboolean sg_link_has_stopped (SgLink *link);

/* Throws the sandbox away.  TRUE when everything is verified to be gone.  May be called before the
 * session answers. */
void sg_link_discard_async (SgLink *link, GAsyncReadyCallback callback, gpointer data);
gboolean sg_link_discard_finish (SgLink *link, GAsyncResult *result, GError **error);

/* Facts for *Copy Details*.  Free with g_free(). */
char *sg_link_details (SgLink *link);
