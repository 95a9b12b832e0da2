/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redir-kit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void
say_nothing (void *priv, int level, const char *text)
{
}

static int
receive (void *priv, uint8_t *data, int count)
{
  ssize_t n = recv (REDIR_MACHINE, data, (size_t)count, MSG_DONTWAIT);

  return n > 0 ? (int)n : n < 0 && errno == EAGAIN ? 0 : -1;
}

static int
transmit (void *priv, uint8_t *data, int count)
{
  ssize_t n = send (REDIR_MACHINE, data, (size_t)count, MSG_NOSIGNAL);

  return n >= 0 ? (int)n : -1;
}

static void
rejected (void *priv)
{
  fputs ("the machine does not take such a device\n", stderr);
  _exit (1);
}

static void
no_filter (void *priv, struct usbredirfilter_rule *rules, int count)
{
}

struct usbredirparser *
redir_kit_new (void)
{
  struct usbredirparser *parser = usbredirparser_create ();

  parser->log_func = say_nothing;
  parser->read_func = receive;
  parser->write_func = transmit;
  parser->filter_reject_func = rejected;
  parser->filter_filter_func = no_filter;
  return parser;
}

void
redir_kit_run (struct usbredirparser *parser, const char *name, int more)
{
  static const int can[] = { usb_redir_cap_connect_device_version, usb_redir_cap_filter,
                             usb_redir_cap_ep_info_max_packet_size, usb_redir_cap_64bits_ids,
                             usb_redir_cap_32bits_bulk_length };
  uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };
  struct pollfd fds = { .fd = REDIR_MACHINE, .events = POLLIN };

  for (size_t i = 0; i < sizeof can / sizeof *can; i++)
    usbredirparser_caps_set_cap (caps, can[i]);
  if (more >= 0)
    usbredirparser_caps_set_cap (caps, more);
  usbredirparser_init (parser, name, caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
  do
    usbredirparser_do_write (parser);
  while (poll (&fds, 1, -1) > 0 && usbredirparser_do_read (parser) == 0);
}
