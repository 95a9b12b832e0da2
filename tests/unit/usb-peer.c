/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `usb-peer GATE DEVICE`: stands where QEMU's usb-redir does, with a real gate and a real USB device
 * (DEVICE: its node).  Prints what the gate tells of it, its descriptor by a control transfer, and
 * how the gate ended once its end of the socket was closed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <usbredirparser.h>

#define WAIT_MSEC 30000

static struct
{
  int fd;
  int connected, answered;
  struct usbredirparser *parser;
} peer;

static void
say (void *priv, int level, const char *text)
{
  if (level <= usbredirparser_warning)
    fprintf (stderr, "usb-peer: %s\n", text);
}

static int
receive (void *priv, uint8_t *data, int count)
{
  ssize_t n = recv (peer.fd, data, (size_t)count, MSG_DONTWAIT);

  return n > 0 ? (int)n : n < 0 && errno == EAGAIN ? 0 : -1;
}

static int
transmit (void *priv, uint8_t *data, int count)
{
  ssize_t n = send (peer.fd, data, (size_t)count, MSG_NOSIGNAL);

  return n >= 0 ? (int)n : -1;
}

static void
hello (void *priv, struct usb_redir_hello_header *h)
{
  printf ("hello %s\n", h->version);
}

static void
device_connect (void *priv, struct usb_redir_device_connect_header *d)
{
  struct usb_redir_control_packet_header get = { .endpoint = 0x80,
                                                 .request = 6 /* GET_DESCRIPTOR */,
                                                 .requesttype = 0x80,
                                                 .value = 0x0100,
                                                 .length = 18 };

  printf ("device %04x:%04x\n", d->vendor_id, d->product_id);
  peer.connected = 1;
  usbredirparser_send_control_packet (peer.parser, 7, &get, NULL, 0);
}

static void
device_disconnect (void *priv)
{
  printf ("disconnected\n");
}

static void
interface_info (void *priv, struct usb_redir_interface_info_header *info)
{
  for (uint32_t i = 0; i < info->interface_count && i < 32; i++)
    printf ("interface class %02x\n", info->interface_class[i]);
}

static void
ep_info (void *priv, struct usb_redir_ep_info_header *info)
{
}

static void
control_packet (void *priv, uint64_t id, struct usb_redir_control_packet_header *h, uint8_t *data,
                int length)
{
  if (length >= 18)
    printf ("descriptor of %d bytes, %02x%02x:%02x%02x, status %d\n", length, data[9], data[8],
            data[11], data[10], h->status);
  else
    printf ("no descriptor, status %d\n", h->status);
  peer.answered = 1;
  free (data);
}

static pid_t
start_gate (const char *gate, const char *device)
{
  int ends[2], fd = open (device, O_RDWR | O_CLOEXEC);
  pid_t pid;

  if (fd < 0 || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    {
      perror (device);
      exit (1);
    }
  pid = fork ();
  if (pid == 0)
    {
      int machine = fcntl (ends[1], F_DUPFD, 10), held = fcntl (fd, F_DUPFD, 10);

      dup2 (machine, 3);
      dup2 (held, 4);
      execl (gate, gate, "--machine-fd=3", "--device-fd=4", NULL);
      _exit (127);
    }
  close (ends[1]);
  peer.fd = ends[0];
  return pid;
}

static void
make_parser (void)
{
  uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };

  usbredirparser_caps_set_cap (caps, usb_redir_cap_connect_device_version);
  usbredirparser_caps_set_cap (caps, usb_redir_cap_ep_info_max_packet_size);
  usbredirparser_caps_set_cap (caps, usb_redir_cap_64bits_ids);
  peer.parser = usbredirparser_create ();
  peer.parser->log_func = say;
  peer.parser->read_func = receive;
  peer.parser->write_func = transmit;
  peer.parser->hello_func = hello;
  peer.parser->device_connect_func = device_connect;
  peer.parser->device_disconnect_func = device_disconnect;
  peer.parser->interface_info_func = interface_info;
  peer.parser->ep_info_func = ep_info;
  peer.parser->control_packet_func = control_packet;
  usbredirparser_init (peer.parser, "usb-peer", caps, USB_REDIR_CAPS_SIZE, 0);
}

int
main (int argc, char **argv)
{
  int status;
  pid_t gate;

  if (argc != 3)
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  gate = start_gate (argv[1], argv[2]);
  make_parser ();
  while (!peer.answered)
    {
      struct pollfd fds = { .fd = peer.fd, .events = POLLIN };

      usbredirparser_do_write (peer.parser);
      if (poll (&fds, 1, WAIT_MSEC) <= 0 || usbredirparser_do_read (peer.parser) != 0)
        break;
    }
  close (peer.fd);
  waitpid (gate, &status, 0);
  printf ("gate %s %d\n", WIFSIGNALED (status) ? "killed by" : "ended with",
          WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status));
  return peer.connected && peer.answered && status == 0 ? 0 : 1;
}
