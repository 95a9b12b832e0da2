/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests: a real sandglass-relay between two socket pairs, and small words to play either side.
 */
#pragma once

#include "launcher/frames.h"
#include "launcher/relay-protocol.h"

typedef struct
{
  GPid pid;
  int guest;      /* our end of the agent's port */
  int supervisor; /* our end of the control socket; -1 when an SgAgent took it */
} RelayKit;

void relay_kit_start (RelayKit *kit);
/* Ends the relay, if it still runs, and returns its wait status. */
int relay_kit_stop (RelayKit *kit);

/* The program beside the tests' directory. */
char *relay_kit_program (const char *name);

/* Guest's side. */
void guest_send (RelayKit *kit, SgFrameType type, guint32 channel, const void *data, gsize len);
void guest_send_value (RelayKit *kit, SgFrameType type, guint32 channel, GVariant *body);
/* The next frame of the relay, waiting at most 5 s; data is g_malloc'ed, NUL-terminated.  FALSE at
 * the end. */
gboolean guest_receive (RelayKit *kit, SgFrameHeader *ret_header, char **ret_data);

/* Supervisor's side. */
void supervisor_send (RelayKit *kit, SgRelayKind kind, GVariant *body, const int *fds, int n_fds);
/* The next message, waiting at most 5 s; NULL at the end. */
GVariant *supervisor_receive (RelayKit *kit, const char *type, SgRelayKind *ret_kind);
/* HELLO from both sides. */
void kit_greet (RelayKit *kit);
/* EXEC of a command that the test plays; the descriptors are kept by the caller. */
void kit_exec (RelayKit *kit, guint32 id, int in, int out, int err);
/* The reason of a BROKEN that must be the next message. */
char *kit_broken (RelayKit *kit);
