/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands where sandglass-usbgate does, for test-session-usb: plays a USB device with one interface,
 * whose class is the position in the file that it is given as the device (0: ends at once). */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirparser.h>

#define MACHINE 3
#define DEVICE 4

static struct usbredirparser *parser;
static uint8_t class;

static void
say (void *priv, int level, const char *text)
{
}

static int
receive (void *priv, uint8_t *data, int count)
{
  ssize_t n = recv (MACHINE, data, (size_t)count, MSG_DONTWAIT);

  return n > 0 ? (int)n : n < 0 && errno == EAGAIN ? 0 : -1;
}

static int
transmit (void *priv, uint8_t *data, int count)
{
  ssize_t n = send (MACHINE, data, (size_t)count, MSG_NOSIGNAL);

  return n >= 0 ? (int)n : -1;
}

static void
hello (void *priv, struct usb_redir_hello_header *h)
{
  struct usb_redir_interface_info_header interfaces = { .interface_count = 1 };
  struct usb_redir_ep_info_header endpoints;
  struct usb_redir_device_connect_header device
      = { .speed = usb_redir_speed_high, .vendor_id = 0x046d, .product_id = 0x082d };

  memset (&endpoints, 0, sizeof endpoints);
  memset (endpoints.type, usb_redir_type_invalid, sizeof endpoints.type);
  endpoints.type[0] = endpoints.type[16] = usb_redir_type_control;
  interfaces.interface_class[0] = class;
  usbredirparser_send_interface_info (parser, &interfaces);
  usbredirparser_send_ep_info (parser, &endpoints);
  usbredirparser_send_device_connect (parser, &device);
}

static void
rejected (void *priv)
{
  fputs ("the machine does not take such a device\n", stderr);
  _exit (1);
}

static void
nothing (void *priv)
{
}

static void
no_filter (void *priv, struct usbredirfilter_rule *rules, int count)
{
}

int
main (void)
{
  uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };
  off_t at = lseek (DEVICE, 0, SEEK_CUR);

  if (at <= 0)
    {
      fputs ("it does not answer\n", stderr);
      _exit (1);
    }
  class = (uint8_t)at;
  usbredirparser_caps_set_cap (caps, usb_redir_cap_connect_device_version);
  usbredirparser_caps_set_cap (caps, usb_redir_cap_filter);
  usbredirparser_caps_set_cap (caps, usb_redir_cap_ep_info_max_packet_size);
  usbredirparser_caps_set_cap (caps, usb_redir_cap_64bits_ids);
  usbredirparser_caps_set_cap (caps, usb_redir_cap_32bits_bulk_length);
  parser = usbredirparser_create ();
  parser->log_func = say;
  parser->read_func = receive;
  parser->write_func = transmit;
  parser->hello_func = hello;
  parser->filter_reject_func = rejected;
  parser->filter_filter_func = no_filter;
  parser->reset_func = nothing;
  usbredirparser_init (parser, "made-up-usbgate", caps, USB_REDIR_CAPS_SIZE,
                       usbredirparser_fl_usb_host);
  for (;;)
    {
      struct pollfd fds = { .fd = MACHINE, .events = POLLIN };

      usbredirparser_do_write (parser);
      if (poll (&fds, 1, -1) <= 0 || usbredirparser_do_read (parser) != 0)
        _exit (0);
    }
}
