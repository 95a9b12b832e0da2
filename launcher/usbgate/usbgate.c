/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass-usbgate --machine-fd N --device-fd M`: between QEMU's usb-redir and one USB device of
 * this computer, which the person opened and handed over.  It speaks the usbredir protocol (by
 * libusbredirhost) and reads what the guest sends, so it is confined: two descriptors, no file.
 *
 * It ends when QEMU lets go of its end (the device goes back to this computer's own driver), when
 * the device is unplugged, or when a rule of the protocol is broken; the last line on standard
 * error says why, where it was not QEMU. */
#include "common/report.h"
#include "launcher/usbgate/confine.h"

#include <errno.h>
#include <libusb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirhost.h>

#define FDS_MOST 16 /* of the library; it has three */

typedef struct
{
  int machine, device;
  gboolean over; /* QEMU's end is closed */
  libusb_context *usb;
  struct usbredirhost *host;
} Gate;

/* --- what the library calls ---------------------------------------------------------------------
 */

static void
say (void *data, int level, const char *text)
{
  if (level <= usbredirparser_warning)
    sg_report_text ("%s", text);
}

static int
read_machine (void *data, uint8_t *bytes, int count)
{
  Gate *gate = data;
  ssize_t n = recv (gate->machine, bytes, (size_t)count, MSG_DONTWAIT);

  if (n > 0)
    return (int)n;
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  gate->over = TRUE;
  return -1;
}

static int
write_machine (void *data, uint8_t *bytes, int count)
{
  Gate *gate = data;
  ssize_t n = send (gate->machine, bytes, (size_t)count, MSG_DONTWAIT | MSG_NOSIGNAL);

  if (n >= 0)
    return (int)n;
  if (errno == EAGAIN || errno == EINTR)
    return 0;
  gate->over = TRUE;
  return -1;
}

/* One thread: nothing to lock. */
static void *
make_lock (void)
{
  return NULL;
}

static void
no_lock (void *lock)
{
}

static void
flush (void *data)
{
}

/* --- the loop -----------------------------------------------------------------------------------
 */

static int
time_to_wait (Gate *gate)
{
  struct timeval left;

  if (libusb_get_next_timeout (gate->usb, &left) != 1)
    return -1;
  return (int)MIN (left.tv_sec, 60) * 1000 + (int)(left.tv_usec / 1000) + 1;
}

/* FALSE at the end, with the reason in *ret_why (static) where QEMU did not want it. */
static gboolean
take_machine (Gate *gate, const char **ret_why)
{
  switch (usbredirhost_read_guest_data (gate->host))
    {
    case 0:
      return TRUE;
    case usbredirhost_read_device_rejected:
      *ret_why = "the machine does not take such a device";
      return FALSE;
    case usbredirhost_read_device_lost:
      *ret_why = "it was unplugged";
      return FALSE;
    case usbredirhost_read_parse_error:
      *ret_why = "what the machine says about it makes no sense";
      return FALSE;
    default:
      return FALSE;
    }
}

static gboolean
step (Gate *gate, const char **ret_why)
{
  const struct libusb_pollfd **usb = libusb_get_pollfds (gate->usb);
  struct pollfd fds[1 + FDS_MOST];
  struct timeval now = { 0 };
  nfds_t n = 1;

  fds[0] = (struct pollfd){
    .fd = gate->machine,
    .events = (short)(POLLIN | (usbredirhost_has_data_to_write (gate->host) > 0 ? POLLOUT : 0))
  };
  for (gsize i = 0; usb != NULL && usb[i] != NULL && n < G_N_ELEMENTS (fds); i++)
    fds[n++] = (struct pollfd){ .fd = usb[i]->fd, .events = usb[i]->events };
  libusb_free_pollfds (usb);
  if (poll (fds, n, time_to_wait (gate)) < 0)
    return errno == EINTR;
  if (libusb_handle_events_timeout_completed (gate->usb, &now, NULL) < 0)
    {
      *ret_why = "it does not answer";
      return FALSE;
    }
  if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !take_machine (gate, ret_why))
    return FALSE;
  return usbredirhost_has_data_to_write (gate->host) == 0
         || usbredirhost_write_guest_data (gate->host) == 0;
}

/* Takes the device from this computer's driver. */
static gboolean
open_device (Gate *gate)
{
  libusb_device_handle *handle = NULL;
  int failed;

  /* It is told its device, and is to look for no other. */
  libusb_set_option (NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
  failed = libusb_init (&gate->usb);
  if (failed == 0)
    failed = libusb_wrap_sys_device (gate->usb, gate->device, &handle);
  if (failed == 0)
    gate->host = usbredirhost_open_full (gate->usb, handle, say, read_machine, write_machine, flush,
                                         make_lock, no_lock, no_lock, no_lock, gate,
                                         "sandglass " SG_VERSION, usbredirparser_warning, 0);
  if (gate->host != NULL)
    return TRUE;
  sg_report_text ("the device cannot be taken over: %s",
                  failed != 0 ? libusb_strerror (failed) : "this computer does not let go of it");
  return FALSE;
}

int
main (int argc, char **argv)
{
  Gate gate = { .machine = -1, .device = -1 };
  const GOptionEntry entries[]
      = { { "machine-fd", 0, 0, G_OPTION_ARG_INT, &gate.machine, "QEMU's end", "N" },
          { "device-fd", 0, 0, G_OPTION_ARG_INT, &gate.device, "The device, open", "M" },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  const char *why = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || gate.machine < 0
      || gate.device < 0)
    {
      sg_report_text ("%s", error != NULL ? error->message
                                          : "--machine-fd and --device-fd are needed");
      return SG_EXIT_USAGE;
    }
  /* The device's own words are read before this; of the guest's, none is. */
  if (!open_device (&gate) || !sg_usbgate_confine (&error))
    {
      if (error != NULL)
        sg_report (error);
      return SG_EXIT_FAILED;
    }
  while (step (&gate, &why))
    ;
  usbredirhost_close (gate.host);
  if (why == NULL || gate.over)
    return SG_EXIT_OK;
  sg_report_text ("%s", why);
  return SG_EXIT_FAILED;
}
