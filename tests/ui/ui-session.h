/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the made-up session: ui-session.c how it behaves, -machine.c its QEMU, -serve.c its
 * interface, -standby.c one that waits. */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

typedef struct
{
  GMainLoop *loop;
  GList *connections; /* owned */
  char *behaviour, *id, *directory, *title;
  const char *state, *stage, *failure, *network;
  GDBusConnection *window; /* that came last; NULL: none */
  pid_t qemu;
  int monitor;
  gboolean is_shown; /* a window has the display */
} Fake;

extern Fake fake;

/* Whether it is to behave so. */
gboolean fake_is (const char *word);
/* Into its log. */
void fake_note (const char *text);

/* --- ui-session-machine.c */
/* The session's end of a display; its picture, real or not: descriptors to be closed. */
int fake_open_display (void);
int fake_make_picture (void);
int fake_take_picture (void);
void fake_end_machine (void);

/* --- ui-session-serve.c */
void fake_emit (const char *interface, const char *name, GVariant *parameters);
void fake_become (const char *state, const char *stage, const char *failure);
gboolean fake_look_for_devices (gpointer data);
/* OWNER: it ends with this connection.  Takes FD. */
void fake_serve_fd (int fd, gboolean owner);
void fake_listen (void);
void fake_tidy (void);

/* --- ui-session-standby.c */
void fake_wait (void);

/* --- ui-session.c */
/* Sources. */
gboolean fake_end (gpointer data);
gboolean fake_desktop_is_there (gpointer data);
