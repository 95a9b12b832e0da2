/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of this user that run, found by their directories below sg_paths_runtime(), and
 * connections to them (org.sandglass.Session1.xml).  For the command line: these calls block. */
#pragma once

#include <gio/gio.h>

#define SG_CLIENT_PATH "/org/sandglass/Session1"
#define SG_CLIENT_INTERFACE "org.sandglass.Session1"

/* Their ids, sorted; none is an empty list.  Free with g_strfreev().  A directory that nobody
 * listens in (a session that was killed a moment ago) is among them. */
char **sg_client_ids (GError **error);

/* The id that WORD means: an id, or the beginning of exactly one.  G_IO_ERROR_NOT_FOUND and
 * G_IO_ERROR_INVALID_ARGUMENT (more than one) in words.  Free with g_free(). */
char *sg_client_resolve (const char *word, GError **error);

/* A connected socket of the session ID, which belongs to this user; -1 with an error. */
int sg_client_open (const char *id, GError **error);

/* The same, as a connection. */
GDBusConnection *sg_client_connect (const char *id, GError **error);

/* A method call; REPLY_TYPE as for g_dbus_connection_call_sync().  Without TIMEOUT_MSEC (-1) it
 * waits for as long as the session lives.  NULL with the session's own words. */
GVariant *sg_client_call (GDBusConnection *connection, const char *method, GVariant *parameters,
                          const GVariantType *reply_type, int timeout_msec, GError **error);

/* All properties of a session, a{sv}; NULL when it does not answer within a few seconds. */
GVariant *sg_client_properties (GDBusConnection *connection, GError **error);
