/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands where sandglass-usbgate does, with no device behind it: plays a USB stick, by the usbredir
 * protocol, for a test on a computer that has none (made-up-node.c plays its device node).
 *
 *   made-up-stick make FILE IMAGE     writes what takes the device node's place: 64 KiB of
 *                                     descriptors, which are all that a session reads of it, and
 *                                     then the blocks of IMAGE
 *   made-up-stick --machine-fd=3 --device-fd=4
 *
 * Like a stick whose firmware lets whoever uses it change what it is: once its first block is
 * written and begins with "keyboard", it goes and comes back as a keyboard. */
#include "redir-kit.h"
#include "stick-disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 65536

#define STORAGE 0x08
#define KEYBOARD 0x03
#define BULK_IN 0x81
#define BULK_OUT 0x02
/* as usb_redir_ep_info_header counts them */
#define INDEX(endpoint) (((endpoint)&0x80) >> 3 | ((endpoint)&0x0f))

static struct usbredirparser *parser;
static StickDisk disk;
static bool is_keyboard, goes;

static const uint8_t device_descriptor[18]
    = { 18, 1, 0, 2, 0, 0, 0, 64, 0x81, 0x07, 0x81, 0x55, 0, 1, 1, 2, 3, 1 };
static const uint8_t storage_configuration[32]
    = { 9, 2, 32,       0, 1, 1,       0, 0x80, 50, /* */
        9, 4, 0,        0, 2, STORAGE, 6, 0x50, 0,  /* SCSI, bulk-only */
        7, 5, BULK_IN,  2, 0, 2,       0,           /* */
        7, 5, BULK_OUT, 2, 0, 2,       0 };
static const uint8_t keyboard_configuration[34]
    = { 9, 2,    34,      0, 1, 1,        0,    0x80, 50, /* */
        9, 4,    0,       0, 1, KEYBOARD, 1,    1,    0,  /* boot protocol */
        9, 0x21, 0x11,    1, 0, 1,        0x22, 63,   0,  /* */
        7, 5,    BULK_IN, 3, 8, 0,        8 };

/* --- what it says that it is --------------------------------------------------------------------
 */

static void
introduce (void)
{
  struct usb_redir_interface_info_header interfaces = { .interface_count = 1 };
  struct usb_redir_ep_info_header endpoints;

  memset (&endpoints, 0, sizeof endpoints);
  memset (endpoints.type, usb_redir_type_invalid, sizeof endpoints.type);
  endpoints.type[INDEX (0x00)] = endpoints.type[INDEX (0x80)] = usb_redir_type_control;
  endpoints.type[INDEX (BULK_IN)] = is_keyboard ? usb_redir_type_interrupt : usb_redir_type_bulk;
  endpoints.max_packet_size[INDEX (BULK_IN)] = is_keyboard ? 8 : 512;
  endpoints.interval[INDEX (BULK_IN)] = is_keyboard ? 8 : 0;
  interfaces.interface_class[0] = is_keyboard ? KEYBOARD : STORAGE;
  interfaces.interface_subclass[0] = is_keyboard ? 1 : 6;
  interfaces.interface_protocol[0] = is_keyboard ? 1 : 0x50;
  if (!is_keyboard)
    {
      endpoints.type[INDEX (BULK_OUT)] = usb_redir_type_bulk;
      endpoints.max_packet_size[INDEX (BULK_OUT)] = 512;
    }
  usbredirparser_send_interface_info (parser, &interfaces);
  usbredirparser_send_ep_info (parser, &endpoints);
}

static void
come (void)
{
  struct usb_redir_device_connect_header device = { .speed = usb_redir_speed_high,
                                                    .vendor_id = 0x0781,
                                                    .product_id = 0x5581,
                                                    .device_version_bcd = 0x0100 };

  introduce ();
  usbredirparser_send_device_connect (parser, &device);
}

static void
hello (void *priv, struct usb_redir_hello_header *h)
{
  come ();
}

static void
come_back (void *priv)
{
  is_keyboard = true;
  come ();
}

/* Its status has been fetched: the driver is content. */
static void
change (void)
{
  goes = true;
  usbredirparser_send_device_disconnect (parser);
  if (!usbredirparser_peer_has_cap (parser, usb_redir_cap_device_disconnect_ack))
    come_back (NULL);
}

/* --- control transfers --------------------------------------------------------------------------
 */

static int
string_descriptor (uint8_t index, uint8_t bytes[64])
{
  static const char *const strings[] = { NULL, "SanDisk", "Ultra", "123456" };
  int n = 2;

  if (index == 0)
    memcpy (bytes, "\x04\x03\x09\x04", (size_t)(n = 4));
  else if (index < sizeof strings / sizeof *strings)
    for (const char *c = strings[index]; *c != '\0'; c++, n += 2)
      bytes[n] = (uint8_t)*c, bytes[n + 1] = 0;
  else
    return -1;
  bytes[0] = (uint8_t)n;
  bytes[1] = 3;
  return n;
}

/* The length; less than zero: it has none. */
static int
descriptor (uint16_t value, uint8_t bytes[64])
{
  switch (value >> 8)
    {
    case 1:
      memcpy (bytes, device_descriptor, sizeof device_descriptor);
      return sizeof device_descriptor;
    case 2:
      if (is_keyboard)
        memcpy (bytes, keyboard_configuration, sizeof keyboard_configuration);
      else
        memcpy (bytes, storage_configuration, sizeof storage_configuration);
      return is_keyboard ? sizeof keyboard_configuration : sizeof storage_configuration;
    case 3:
      return string_descriptor ((uint8_t)value, bytes);
    default:
      return -1;
    }
}

static void
control (void *priv, uint64_t id, struct usb_redir_control_packet_header *h, uint8_t *data,
         int length)
{
  uint8_t bytes[64] = { 0 };
  int n = -1;

  usbredirparser_free_packet_data (parser, data);
  switch (h->requesttype << 8 | h->request)
    {
    case 0x8006: /* GET_DESCRIPTOR */
      n = descriptor (h->value, bytes);
      break;
    case 0x8000: /* GET_STATUS of the device, of an endpoint */
    case 0x8200:
      n = 2;
      break;
    case 0xa1fe: /* GET MAX LUN */
      n = 1;
      break;
    case 0x210a: /* SET_IDLE, SET_PROTOCOL of a keyboard */
    case 0x210b:
      n = 0;
      break;
    case 0x21ff: /* bulk-only reset */
      stick_disk_reset (&disk);
      n = 0;
      break;
    case 0x0201: /* CLEAR_FEATURE of an endpoint */
      n = 0;
    }
  h->status = n < 0 ? usb_redir_stall : usb_redir_success;
  n = n < 0 ? 0 : n < h->length ? n : h->length;
  h->length = (uint16_t)n;
  usbredirparser_send_control_packet (parser, id, h, n > 0 ? bytes : NULL, n);
}

static void
set_configuration (void *priv, uint64_t id, struct usb_redir_set_configuration_header *h)
{
  struct usb_redir_configuration_status_header status = { .configuration = h->configuration };

  introduce ();
  usbredirparser_send_configuration_status (parser, id, &status);
}

static void
get_configuration (void *priv, uint64_t id)
{
  struct usb_redir_configuration_status_header status = { .configuration = 1 };

  usbredirparser_send_configuration_status (parser, id, &status);
}

static void
set_alternative (void *priv, uint64_t id, struct usb_redir_set_alt_setting_header *h)
{
  struct usb_redir_alt_setting_status_header status = { .interface = h->interface, .alt = h->alt };

  usbredirparser_send_alt_setting_status (parser, id, &status);
}

static void
get_alternative (void *priv, uint64_t id, struct usb_redir_get_alt_setting_header *h)
{
  struct usb_redir_alt_setting_status_header status = { .interface = h->interface };

  usbredirparser_send_alt_setting_status (parser, id, &status);
}

/* --- bulk transfers -----------------------------------------------------------------------------
 */

static void
bulk (void *priv, uint64_t id, struct usb_redir_bulk_packet_header *h, uint8_t *data, int length)
{
  uint32_t wanted = h->length | (uint32_t)h->length_high << 16;
  const uint8_t *bytes = NULL;
  ssize_t n;

  h->status = usb_redir_success;
  if (h->endpoint == BULK_IN)
    n = stick_disk_in (&disk, wanted, &bytes);
  else
    n = stick_disk_out (&disk, data, (size_t)length) ? length : -1;
  usbredirparser_free_packet_data (parser, data);
  if (n < 0)
    h->status = usb_redir_stall;
  n = n < 0 ? 0 : n;
  h->length = (uint16_t)n;
  h->length_high = (uint16_t)(n >> 16);
  usbredirparser_send_bulk_packet (parser, id, h, (uint8_t *)bytes, bytes != NULL ? (int)n : 0);
  if (disk.told && !goes && disk.phase == STICK_COMMAND)
    change ();
}

/* A keyboard on which nobody types. */
static void
start_interrupts (void *priv, uint64_t id, struct usb_redir_start_interrupt_receiving_header *h)
{
  struct usb_redir_interrupt_receiving_status_header status = { .endpoint = h->endpoint };

  usbredirparser_send_interrupt_receiving_status (parser, id, &status);
}

static void
stop_interrupts (void *priv, uint64_t id, struct usb_redir_stop_interrupt_receiving_header *h)
{
  struct usb_redir_interrupt_receiving_status_header status = { .endpoint = h->endpoint };

  usbredirparser_send_interrupt_receiving_status (parser, id, &status);
}

/* Each is answered at once: there is nothing to cancel. */
static void
cancel (void *priv, uint64_t id)
{
}

static void
reset (void *priv)
{
  stick_disk_reset (&disk);
}

/* --- the rest of the protocol -------------------------------------------------------------------
 */

static void
say (void *priv, int level, const char *text)
{
  if (level <= usbredirparser_warning)
    fprintf (stderr, "%s\n", text);
}

static void
make_parser (void)
{
  parser = redir_kit_new ();
  parser->log_func = say;
  parser->hello_func = hello;
  parser->reset_func = reset;
  parser->set_configuration_func = set_configuration;
  parser->get_configuration_func = get_configuration;
  parser->set_alt_setting_func = set_alternative;
  parser->get_alt_setting_func = get_alternative;
  parser->control_packet_func = control;
  parser->bulk_packet_func = bulk;
  parser->start_interrupt_receiving_func = start_interrupts;
  parser->stop_interrupt_receiving_func = stop_interrupts;
  parser->cancel_data_packet_func = cancel;
  parser->device_disconnect_ack_func = come_back;
}

/* --- its device node ----------------------------------------------------------------------------
 */

static int
make (const char *path, const char *image)
{
  static uint8_t bytes[DESCRIPTORS];
  int in = open (image, O_RDONLY | O_CLOEXEC);
  int out = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  size_t at = sizeof device_descriptor + sizeof storage_configuration;
  ssize_t n = sizeof bytes;

  memcpy (bytes, device_descriptor, sizeof device_descriptor);
  memcpy (bytes + sizeof device_descriptor, storage_configuration, sizeof storage_configuration);
  /* the rest are descriptors of its maker's own, which nobody reads */
  while (at < sizeof bytes)
    {
      size_t left = sizeof bytes - at, length = left < 255 ? left : left == 256 ? 254 : 255;

      bytes[at] = (uint8_t)length;
      bytes[at + 1] = 0x41;
      at += length;
    }
  while (in >= 0 && out >= 0 && n > 0 && write (out, bytes, (size_t)n) == n)
    n = read (in, bytes, sizeof bytes);
  if (in < 0 || out < 0 || n != 0 || close (out) < 0)
    {
      perror (path);
      return 1;
    }
  return 0;
}

int
main (int argc, char **argv)
{
  struct stat st;

  if (argc == 4 && strcmp (argv[1], "make") == 0)
    return make (argv[2], argv[3]);
  if (fstat (REDIR_DEVICE, &st) < 0 || st.st_size <= DESCRIPTORS)
    {
      fputs ("it does not answer\n", stderr);
      return 1;
    }
  disk.fd = REDIR_DEVICE;
  disk.start = DESCRIPTORS;
  disk.blocks = (uint32_t)((st.st_size - DESCRIPTORS) / STICK_BLOCK);
  make_parser ();
  redir_kit_run (parser, "made-up-stick", usb_redir_cap_device_disconnect_ack);
  return 0;
}
