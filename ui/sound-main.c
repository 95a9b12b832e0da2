/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-sound: see sound.h.
 *
 * The window's process decodes what a guest draws, so it must not reach the sound server: whoever
 * reaches that can listen.  This process does, and reads nothing of a guest's but samples.  In this
 * order: files are limited, the grant is looked up (to listen), the server is connected, system
 * calls are limited (no more connections, no programs); then the samples. */
#include "ui/allowed.h"
#include "ui/confine.h"
#include "ui/link.h"
#include "ui/sound.h"

#include "common/report.h"

#include <errno.h>
#include <poll.h>
#include <pulse/error.h>
#include <pulse/simple.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET STDIN_FILENO
#define PLAY_USEC 120000  /* what the server holds: the least that does not stutter */
#define HEAR_USEC 20000   /* how much is heard at a time */
#define QUIET_MSEC 3000   /* after so long without a sample the process ends */
#define ANSWER_MSEC 5000  /* how long the session may take to tell what is granted */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (pa_simple, pa_simple_free)

/* --- the socket --- */

/* The next packet, which stays there; FALSE: there will be none, or none came for MSEC. */
static gboolean
next (SgSoundPacket *packet, SgSoundKind kind, int msec)
{
  struct pollfd fd = { .fd = SOCKET, .events = POLLIN };
  gssize n;
  int ready;

  do
    ready = poll (&fd, 1, msec);
  while (ready < 0 && errno == EINTR);
  if (ready <= 0)
    return FALSE;
  n = recv (SOCKET, packet, sizeof *packet, MSG_PEEK | MSG_TRUNC);
  return n > 0 && sg_sound_is_sane (packet, n, kind);
}

/* Whether its sound is of the kind of FIRST. */
static gboolean
is_as (const SgSoundHeader *header, const SgSoundHeader *first)
{
  return header->kind == first->kind && header->rate == first->rate
         && header->channels == first->channels;
}

static void
take (void)
{
  char nothing;

  (void)!recv (SOCKET, &nothing, sizeof nothing, MSG_TRUNC);
}

/* --- the server --- */

static pa_simple *
reach (const SgSoundHeader *header, pa_stream_direction_t direction)
{
  const pa_sample_spec spec = { .format = PA_SAMPLE_S16NE,
                                .rate = header->rate,
                                .channels = (guint8)header->channels };
  const pa_buffer_attr attr = { .maxlength = (guint32)-1,
                                .tlength = (guint32)pa_usec_to_bytes (PLAY_USEC, &spec),
                                .prebuf = (guint32)-1,
                                .minreq = (guint32)-1,
                                .fragsize = (guint32)pa_usec_to_bytes (HEAR_USEC, &spec) };
  g_autoptr (GError) error = NULL;
  int code = 0;
  g_autoptr (pa_simple) server
      = pa_simple_new (NULL, "Sandglass", direction, NULL, "Sandbox", &spec, NULL, &attr, &code);

  if (server == NULL)
    g_message ("no sound on this computer: %s", pa_strerror (code));
  else if (!sg_confine_calls (&error))
    g_message ("no sound: %s", error->message);
  else
    return g_steal_pointer (&server);
  return NULL;
}

static int
play (void)
{
  SgSoundPacket packet;
  SgSoundHeader first;
  g_autoptr (pa_simple) server = NULL;

  if (!next (&packet, SG_SOUND_PLAY, 0) || packet.header.kind == SG_SOUND_STOP)
    {
      take ();
      return SG_EXIT_OK;
    }
  first = packet.header;
  server = reach (&first, PA_STREAM_PLAYBACK);
  if (server == NULL)
    return SG_SOUND_NO_SERVER;
  while (next (&packet, SG_SOUND_PLAY, QUIET_MSEC) && is_as (&packet.header, &first))
    {
      take ();
      if (pa_simple_write (server, packet.samples, packet.header.length, NULL) < 0)
        return SG_SOUND_NO_SERVER;
    }
  pa_simple_drain (server, NULL);
  return SG_EXIT_OK;
}

/* --- the microphone --- */

static gboolean
too_late (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
told (SgLink *link, gpointer loop)
{
  if (*sg_link_grants (link) != '\0' || sg_link_is_over (link))
    g_main_loop_quit (loop);
}

/* The window asks; what the sandbox may, its session says. */
static gboolean
is_granted (const char *id)
{
  g_autoptr (GError) error = NULL;
  int fd = sg_link_reach (id, &error);
  g_autoptr (SgLink) link = fd >= 0 ? sg_link_new (fd) : NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SgAllowed) allowed = NULL;
  guint source;

  if (link == NULL)
    return FALSE;
  g_signal_connect (link, "changed", G_CALLBACK (told), loop);
  g_signal_connect (link, "gone", G_CALLBACK (told), loop);
  source = g_timeout_add (ANSWER_MSEC, too_late, loop);
  g_main_loop_run (loop);
  g_source_remove (source);
  allowed = sg_allowed_find (sg_link_grants (link), "audio-input");
  return g_strcmp0 (allowed->value, "on") == 0;
}

/* The server may be slow to give a sample; an end is an end at once. */
static gpointer
await_end (gpointer data)
{
  const SgSoundHeader *first = data;
  SgSoundPacket packet = { 0 };

  while (next (&packet, SG_SOUND_LISTEN, -1) && is_as (&packet.header, first))
    take ();
  if (packet.header.kind == SG_SOUND_STOP)
    take ();
  _exit (SG_EXIT_OK);
}

static int
listen_in (const char *id)
{
  SgSoundPacket packet = { 0 };
  SgSoundHeader first;
  g_autoptr (pa_simple) server = NULL;
  gsize size;

  if (!next (&packet, SG_SOUND_LISTEN, 0) || packet.header.kind == SG_SOUND_STOP)
    {
      take ();
      return SG_EXIT_OK;
    }
  first = packet.header;
  if (!is_granted (id))
    {
      g_message ("the sandbox may not listen");
      take ();
      return SG_SOUND_NOT_GRANTED;
    }
  server = reach (&first, PA_STREAM_RECORD);
  if (server == NULL)
    {
      take ();
      return SG_SOUND_NO_SERVER;
    }
  g_thread_unref (g_thread_new ("end", await_end, &first));
  size = (gsize)first.rate * HEAR_USEC / 1000000 * first.channels * sizeof (gint16);
  packet.header = (SgSoundHeader){ SG_SOUND_HEARD, first.rate, first.channels,
                                   (guint32)MIN (size, SG_SOUND_BYTES_MAX) };
  while (pa_simple_read (server, packet.samples, packet.header.length, NULL) == 0)
    sg_sound_send (SOCKET, &packet);
  return SG_SOUND_NO_SERVER;
}

int
main (int argc, char **argv)
{
  pid_t parent = getppid ();
  g_autoptr (GError) error = NULL;
  gboolean files;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent || parent == 1)
    return SG_EXIT_OURS;
  if (argc != 3 || strlen (argv[2]) != 8 || strspn (argv[2], "0123456789abcdef") != 8)
    return SG_EXIT_USAGE;
  signal (SIGPIPE, SIG_IGN);
  if (!sg_confine_sound_files (&files, &error))
    {
      sg_report (error);
      return SG_EXIT_OURS;
    }
  if (g_str_equal (argv[1], SG_SOUND_VERB_PLAY))
    return play ();
  return g_str_equal (argv[1], SG_SOUND_VERB_LISTEN) ? listen_in (argv[2]) : SG_EXIT_USAGE;
}
