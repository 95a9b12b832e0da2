/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands where sandglass-usbgate does, for test-session-usb: plays a USB device with one interface,
 * whose class is the position in the file that it is given as the device (0: ends at once). */
#include "tests/usb/redir-kit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct usbredirparser *parser;
static uint8_t class;

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
nothing (void *priv)
{
}

int
main (void)
{
  off_t at = lseek (REDIR_DEVICE, 0, SEEK_CUR);

  if (at <= 0)
    {
      fputs ("it does not answer\n", stderr);
      _exit (1);
    }
  class = (uint8_t)at;
  parser = redir_kit_new ();
  parser->hello_func = hello;
  parser->reset_func = nothing;
  redir_kit_run (parser, "made-up-usbgate", -1);
  _exit (0);
}
