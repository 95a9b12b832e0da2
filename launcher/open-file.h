/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that was pushed into a sandbox is opened there, and its windows are watched, by
 * sandglass-open inside (baseimage/guest/open/).  What it says may be a lie of whoever is inside;
 * the worst that comes of it is a sandbox that ends too early or too late. */
#pragma once

#include <gio/gio.h>

typedef enum
{
  SG_OPEN_STARTED, /* the program runs */
  SG_OPEN_WINDOW,  /* its first window is there */
  SG_OPEN_NONE,    /* none came within 20 seconds; WORDS says why.  It may still come */
  SG_OPEN_CLOSED,  /* its last window closed three seconds ago */
  SG_OPEN_FAILED   /* it did not start; WORDS says why */
} SgOpenEvent;

/* In the default main context. */
typedef void (*SgOpenFunc) (SgOpenEvent event, const char *words, gpointer data);

/* Opens PATH with the program ID ("org.gnome.Evince.desktop") as it is inside, and calls FUNC for
 * what happens, until the windows are closed, CANCELLABLE says so, or the sandbox ends.  PATH NULL:
 * it gets ready, and opens the file whose path is read from IN (duplicated), a line. */
void sg_open_file_async (GDBusConnection *connection, const char *id, const char *path, int in,
                         SgOpenFunc func, gpointer func_data, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data);

/* TRUE after SG_OPEN_CLOSED or SG_OPEN_FAILED. */
gboolean sg_open_file_finish (GAsyncResult *result, GError **error);

typedef struct
{
  char *id;   /* owned */
  char *name; /* for a person; owned */
} SgOpenProgram;

/* The programs inside that open files of TYPE, the usual one first: for a chooser.  An array of
 * SgOpenProgram, at most 50; free with g_ptr_array_unref(). */
void sg_open_programs_async (GDBusConnection *connection, const char *type,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data);
GPtrArray *sg_open_programs_finish (GAsyncResult *result, GError **error);

/* Reads lines "program ID NAME"; what is not in order is left out.  For tests. */
GPtrArray *sg_open_programs_parse (const char *text, gsize len);
