/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's state, shared by its four files:
 *
 *   relay.c          arguments, confinement, the loop, sending and receiving
 *   relay-guest.c    what the guest may say when
 *   relay-channel.c  running commands: streams, credits, the end
 *   relay-control.c  messages from and to the supervisor
 *
 * Everything here is bounded: frames (64 KiB), what waits to be sent to the guest (stops being fed
 * at SG_RELAY_OUT_HIGH), answers (the guest is not read while SG_RELAY_ANSWERS_HIGH wait), commands
 * (SG_MAX_CHANNELS, each with at most three rings of SG_WINDOW bytes). */
#pragma once

#include "launcher/frames.h"
#include "launcher/relay-protocol.h"

#define SG_RELAY_OUT_HIGH (512 * 1024)
#define SG_RELAY_ANSWERS_HIGH 32

typedef struct SgChannel SgChannel;

typedef struct
{
  int agent_fd;   /* the guest's port: a stream */
  int control_fd; /* the supervisor: datagrams */
  int notify_fd;  /* eventfd: a stream made progress */

  SgFrameReader *reader;
  GByteArray *out; /* frames for the guest, from out_done on */
  gsize out_done;
  GQueue answers; /* GBytes: datagrams for the supervisor */

  gboolean hello_sent, greeted;
  guint8 nonce[16];
  guint64 ignored;      /* bytes dropped while waiting for the answer to HELLO */
  GHashTable *calls;    /* serial -> const char *, the result's type */
  GHashTable *channels; /* id -> SgChannel, owned */
  gint64 events_since;  /* start of the current window, monotonic microseconds */
  guint events;         /* in it */
} SgRelay;

/* relay-guest.c: acts on one frame.  An error is a breach by the guest and ends the connection. */
gboolean sg_relay_guest_frame (SgRelay *relay, const SgFrame *frame, GError **error);

/* relay-control.c: receives and obeys one message of the supervisor.  Returns FALSE with an error
 * for nonsense, FALSE without one when the supervisor is gone. */
gboolean sg_relay_control_receive (SgRelay *relay, GError **error);
/* Queues an answer; `body` is consumed when floating. */
void sg_relay_control_answer (SgRelay *relay, SgRelayKind kind, GVariant *body);
/* Sends what can be sent without waiting; FALSE when the supervisor is gone. */
gboolean sg_relay_control_flush (SgRelay *relay);

/* relay-channel.c */
void sg_channel_free (SgChannel *channel);
/* Takes the descriptors; fds[2] is -1 with a tty. */
void sg_channel_open (SgRelay *relay, guint32 id, int fds[3]);
/* A frame on a command's channel. */
gboolean sg_channel_frame (SgRelay *relay, const SgFrame *frame, GError **error);
/* The client is gone: streams stop, the command is told. */
void sg_channel_drop (SgRelay *relay, guint32 id);
gboolean sg_channel_is_running (SgRelay *relay, guint32 id);
/* Nobody waits for any of these commands any more (a new HELLO). */
void sg_channels_forget (SgRelay *relay);
/* The connection is over: what has arrived is still to be written. */
void sg_channels_finish (SgRelay *relay);
/* Moves what can be moved: input, credits, ends.  Returns TRUE while a stream is being stopped, and
 * must then be called again soon. */
gboolean sg_channels_pump (SgRelay *relay);
