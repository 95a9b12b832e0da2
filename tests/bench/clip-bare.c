/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clip-bare ID FILE: the clipboard without the broker, as other SPICE windows do it: FILE's text is
 * announced inside at once, whoever is there, and given to who asks.  Says "ready"; then each line
 * on standard input is a paste key (Ctrl+V) for the sandbox, sent at once. */
#include "ui/link.h"

#include <gio/gunixinputstream.h>
#include <spice-client.h>
#include <spice/vd_agent.h>
#include <stdio.h>
#include <unistd.h>

#define SCAN_CONTROL 0x1d
#define SCAN_V 0x2f

static struct
{
  SgLink *link;
  SpiceSession *session;
  SpiceMainChannel *main;
  SpiceInputsChannel *inputs;
  char *text;
  gsize length;
  gboolean connected, announced;
  GMainLoop *loop;
} bare;

static void
announce (void)
{
  guint32 type = VD_AGENT_CLIPBOARD_UTF8_TEXT;
  gboolean agent = FALSE;

  if (bare.main == NULL || bare.inputs == NULL || bare.announced)
    return;
  g_object_get (bare.main, "agent-connected", &agent, NULL);
  if (!agent)
    return;
  bare.announced = TRUE;
  spice_main_channel_clipboard_selection_grab (bare.main, VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD,
                                               &type, 1);
  puts ("ready");
  fflush (stdout);
}

static gboolean
give (SpiceMainChannel *channel, guint selection, guint type, gpointer data)
{
  spice_main_channel_clipboard_selection_notify (channel, selection, type,
                                                 (const guchar *)bare.text, bare.length);
  return TRUE;
}

static void
opened (GObject *source, GAsyncResult *result, gpointer channel)
{
  int fd = sg_link_open_display_finish (SG_LINK (source), result, NULL);

  if (fd < 0 || !spice_channel_open_fd (channel, fd))
    g_main_loop_quit (bare.loop);
}

static void
on_open_fd (SpiceChannel *channel, int with_tls, gpointer data)
{
  sg_link_open_display_async (bare.link, opened, channel);
}

static void
on_channel_event (SpiceChannel *channel, SpiceChannelEvent event, gpointer data)
{
  if (event != SPICE_CHANNEL_OPENED)
    return;
  if (SPICE_IS_INPUTS_CHANNEL (channel))
    bare.inputs = SPICE_INPUTS_CHANNEL (channel);
  announce ();
}

static void
on_channel_new (SpiceSession *session, SpiceChannel *channel, gpointer data)
{
  if (SPICE_IS_MAIN_CHANNEL (channel))
    {
      bare.main = SPICE_MAIN_CHANNEL (channel);
      g_signal_connect (channel, "main-clipboard-selection-request", G_CALLBACK (give), NULL);
      g_signal_connect (channel, "main-agent-update", G_CALLBACK (announce), NULL);
    }
  else if (!SPICE_IS_INPUTS_CHANNEL (channel))
    return;
  g_signal_connect (channel, "open-fd", G_CALLBACK (on_open_fd), NULL);
  g_signal_connect (channel, "channel-event", G_CALLBACK (on_channel_event), NULL);
  if (SPICE_IS_INPUTS_CHANNEL (channel))
    spice_channel_connect (channel);
}

static void
on_changed (SgLink *link, gpointer data)
{
  if (bare.connected || !g_str_equal (sg_link_state (link), "running"))
    return;
  bare.connected = TRUE;
  spice_session_open_fd (bare.session, -1);
}

static void
got_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (line == NULL)
    {
      g_main_loop_quit (bare.loop);
      return;
    }
  spice_inputs_channel_key_press (bare.inputs, SCAN_CONTROL);
  spice_inputs_channel_key_press (bare.inputs, SCAN_V);
  spice_inputs_channel_key_release (bare.inputs, SCAN_V);
  spice_inputs_channel_key_release (bare.inputs, SCAN_CONTROL);
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source), 0, NULL, got_line, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) keys = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (keys);
  int fd = argc == 3 ? sg_link_reach (argv[1], NULL) : -1;

  if (fd < 0 || !g_file_get_contents (argv[2], &bare.text, &bare.length, NULL))
    return 2;
  bare.loop = g_main_loop_new (NULL, FALSE);
  bare.session = spice_session_new ();
  g_object_set (bare.session, "enable-audio", FALSE, "enable-usbredir", FALSE, "enable-smartcard",
                FALSE, NULL);
  g_signal_connect (bare.session, "channel-new", G_CALLBACK (on_channel_new), NULL);
  bare.link = sg_link_new (fd);
  g_signal_connect (bare.link, "changed", G_CALLBACK (on_changed), NULL);
  g_data_input_stream_read_line_async (lines, 0, NULL, got_line, NULL);
  g_main_loop_run (bare.loop);
  return 0;
}
