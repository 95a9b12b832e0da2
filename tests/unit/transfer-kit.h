/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session without a machine (fake-session.c) whose "inside" is a folder of this computer, and
 * whose commands can be replaced by hostile ones. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *top, *inside, *outside, *programs; /* folders; owned */
  int dirfd;                               /* of `outside` */
  GSubprocess *session;
  GDBusConnection *connection;
  GAsyncResult *result; /* of the call that kit_wait() waited for */
} Kit;

/* BEHAVIOUR: as SG_FAKE of fake-session.c, or NULL. */
void kit_start (Kit *kit, const char *behaviour);
void kit_end (Kit *kit);

/* "Inside", NAME is this shell script from now on, whatever it is called with. */
void kit_program (Kit *kit, const char *name, const char *script);

/* The callback for asynchronous calls (data: the kit), and the wait for it: 20 seconds at most. */
void kit_done (GObject *source, GAsyncResult *result, gpointer data);
GAsyncResult *kit_wait (Kit *kit);

/* A file with these contents in one of the folders. */
void kit_write (const char *dir, const char *name, const char *contents, gssize len);
gboolean kit_holds (const char *dir, const char *name, const char *contents);

/* How many entries a folder has. */
guint kit_count (const char *dir);
