/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire between the host and the agent inside the guest: the one header both sides share.
 *
 * Transport: the virtio-serial port SG_AGENT_PORT, a byte stream without a reconnect event.  It
 * carries frames: a 12-byte header, then LENGTH bytes.  All integers are little-endian.
 *
 *     u32 length    bytes after the header, at most SG_FRAME_MAX
 *     u16 type      SgFrameType
 *     u16 zero      must be 0
 *     u32 channel   one running command (chosen by the host, never 0, never reused); 0: the machine
 * itself
 *
 * Payloads with structure are GVariants in normal form, little-endian, of exactly the type named
 * below; the reader refuses anything else (g_variant_is_normal_form).  Payloads of data frames are
 * raw bytes.
 *
 * The host believes nothing: whatever breaks these rules ends the connection and, with it, the
 * sandbox's agent; it never ends the supervisor.
 *
 * Handshake: the host sends HELLO first (also the first frame after a clone wakes); whatever the
 * agent had in flight before belongs to nobody and it drops all its commands.  The agent answers
 * HELLO_OK with the same nonce.  The host ignores bytes before the first HELLO_OK that matches (it
 * scans frame by frame; a garbled stream ends it).
 *
 * Flow control: each direction of each stream starts with SG_WINDOW bytes of credit; a sender takes
 * what it sends from it and stops at zero; the receiver gives credit back with CREDIT once the
 * bytes have really gone on (written to the client, or to the command's pipe). So a stuck reader
 * stops its own command only. */
#pragma once

#include <glib.h>

#define SG_AGENT_PORT "org.sandglass.agent"
#define SG_PROTOCOL_VERSION 1
#define SG_FRAME_HEADER 12
#define SG_FRAME_MAX (64 * 1024)
#define SG_WINDOW (256 * 1024)
#define SG_MAX_CHANNELS 64

typedef enum
{
  /* channel 0 */
  SG_FRAME_HELLO = 1, /* host: (uay) version, nonce (16 bytes)                                   */
  SG_FRAME_HELLO_OK = 2, /* agent: (uay) version, the same nonce */
  SG_FRAME_CALL = 3,  /* host: (usv) serial, method, argument: see "Calls"                       */
  SG_FRAME_REPLY = 4, /* agent: (ubsv) serial, ok, message when not ok, result (unit when none)  */
  SG_FRAME_EVENT = 5, /* agent: (sv) name, value: "desktop-ready" b; "notice" s                  */

  /* channel != 0: one command */
  SG_FRAME_EXEC = 16, /* host: (aayaayaysbqq) argv, env as K=V, cwd, user, tty, rows, columns    */
  SG_FRAME_STARTED = 17, /* agent: (u) pid inside */
  SG_FRAME_STDIN = 18, /* host: bytes; empty: end of input.  agent: empty only: the command reads
                          no more */
  SG_FRAME_STDOUT = 19, /* agent: bytes; empty: end (with tty everything comes here).  host: empty
                           only: nobody reads this any more, close it so that the writer gets EPIPE */
  SG_FRAME_STDERR = 20, /* as STDOUT */
  SG_FRAME_CREDIT = 21, /* both: (yu) stream 0 stdin, 1 stdout, 2 stderr; bytes */
  SG_FRAME_SIGNAL
  = 22, /* host: (i) signal for the command's process group (tty: the foreground one) */
  SG_FRAME_RESIZE = 23, /* host: (qq) rows, columns */
  SG_FRAME_EXIT = 24 /* agent, last on its channel: (bis) signalled, code or signal number, message;
                        code 126/127 with a message when the command could not be run            */
} SgFrameType;

#define SG_TYPE_HELLO "(uay)"
#define SG_TYPE_CALL "(usv)"
#define SG_TYPE_REPLY "(ubsv)"
#define SG_TYPE_EVENT "(sv)"
#define SG_TYPE_EXEC "(aayaayaysbqq)"
#define SG_TYPE_STARTED "(u)"
#define SG_TYPE_CREDIT "(yu)"
#define SG_TYPE_SIGNAL "(i)"
#define SG_TYPE_RESIZE "(qq)"
#define SG_TYPE_EXIT "(bis)"

/* Calls (argument -> result):
 *   "clock"    x   microseconds since the epoch: set the guest's clock.               -> ()
 *   "entropy"  ay  1 to 512 bytes: mix in and force a reseed (RNDADDENTROPY, RNDRESEEDCRNG).  -> ()
 *   "identity" a{sv} machine-id s, hostname s, boot-id s: make this clone unique.      -> ()
 *   "settings" a{sv} keyboard s, timezone s, locale s, administrator b: applied live.   -> ()
 *   "memory"   ()  what programs can still have (bytes); how long some of them stood still for
 *                  memory in the last ten seconds (hundredths of a percent).            -> (tu)
 *   "ready"    ()  answers when the desktop is ready (or at once, if it is).            -> (b) with
 * a desktop "poweroff" ()  sync nothing, stop the machine.                                      ->
 * ()
 */

typedef struct
{
  guint32 length;
  guint16 type;
  guint32 channel;
} SgFrameHeader;

/* Packs and unpacks the 12 bytes.  Unpacking returns FALSE for a length over SG_FRAME_MAX or a
 * non-zero reserved field: the stream is broken then and must be closed. */
static inline void
sg_frame_pack (const SgFrameHeader *header, guint8 out[SG_FRAME_HEADER])
{
  guint32 length = GUINT32_TO_LE (header->length), channel = GUINT32_TO_LE (header->channel);
  guint16 type = GUINT16_TO_LE (header->type), zero = 0;

  memcpy (out, &length, 4);
  memcpy (out + 4, &type, 2);
  memcpy (out + 6, &zero, 2);
  memcpy (out + 8, &channel, 4);
}

static inline gboolean
sg_frame_unpack (const guint8 in[SG_FRAME_HEADER], SgFrameHeader *ret_header)
{
  guint32 length, channel;
  guint16 type, zero;

  memcpy (&length, in, 4);
  memcpy (&type, in + 4, 2);
  memcpy (&zero, in + 6, 2);
  memcpy (&channel, in + 8, 4);
  ret_header->length = GUINT32_FROM_LE (length);
  ret_header->type = GUINT16_FROM_LE (type);
  ret_header->channel = GUINT32_FROM_LE (channel);
  return ret_header->length <= SG_FRAME_MAX && zero == 0;
}
