/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass-print [PATH]`: the print service inside, which is none: it listens where programs look
 * for CUPS and passes what they say to the gate outside, over its standard input and output
 * (wire.h).  Run as root by the session where printing is granted; ends when its input does.
 *
 * It reads nothing of what it passes.  What comes from outside is always taken, so that neither
 * side waits for the other: a program that does not read what it asked for is cut off. */
#include "baseimage/guest/print/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define USUAL "/run/cups/cups.sock"
#define OUT_MOST (64u * 1024)
#define CLIENT_MOST (8u * 1024 * 1024)

typedef struct
{
  unsigned char *bytes;
  size_t len, room;
} Buffer;

typedef struct
{
  int fd;     /* -1: none */
  int opened; /* the number is in use: not ended by both */
  int ended;  /* by us */
  int closes; /* outside has ended it: what is left is written, then it is closed */
  Buffer to;
} Client;

static Client clients[SG_PRINT_CHANNELS];
static Buffer in, out;

static void
fail (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  exit (1);
}

static void
append (Buffer *buffer, const void *bytes, size_t len)
{
  if (buffer->len + len > buffer->room)
    {
      buffer->room = (buffer->len + len) * 2;
      buffer->bytes = realloc (buffer->bytes, buffer->room);
      if (buffer->bytes == NULL)
        fail ("memory");
    }
  memcpy (buffer->bytes + buffer->len, bytes, len);
  buffer->len += len;
}

static void
drop (Buffer *buffer, size_t len)
{
  buffer->len -= len;
  memmove (buffer->bytes, buffer->bytes + len, buffer->len);
}

static void
put_frame (unsigned char kind, unsigned n, const void *bytes, size_t len)
{
  const unsigned char header[SG_PRINT_HEADER]
      = { kind,
          0,
          (unsigned char)(n >> 8),
          (unsigned char)n,
          (unsigned char)(len >> 24),
          (unsigned char)(len >> 16),
          (unsigned char)(len >> 8),
          (unsigned char)len };

  append (&out, header, sizeof header);
  if (len > 0)
    append (&out, bytes, len);
}

/* --- programs inside ----------------------------------------------------------------------------
 */

static int
listen_at (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0 || strlen (path) >= sizeof address.sun_path)
    fail ("socket");
  strcpy (address.sun_path, path);
  if (strcmp (path, USUAL) == 0 && mkdir ("/run/cups", 0755) < 0 && errno != EEXIST)
    fail ("/run/cups");
  unlink (path);
  umask (0);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) < 0 || listen (fd, SG_PRINT_CHANNELS) < 0)
    fail (path);
  return fd;
}

static int
free_number (void)
{
  for (int i = 0; i < SG_PRINT_CHANNELS; i++)
    if (!clients[i].opened)
      return i;
  return -1;
}

static void
greet (int listener)
{
  int n = free_number ();
  int fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd < 0)
    return;
  clients[n].fd = fd;
  clients[n].opened = 1;
  clients[n].ended = clients[n].closes = 0;
  put_frame (SG_PRINT_OPEN, (unsigned)n, NULL, 0);
}

/* Our end of it. */
static void
end_client (int n)
{
  Client *client = &clients[n];

  if (client->fd >= 0)
    close (client->fd);
  client->fd = -1;
  client->to.len = 0;
  if (!client->ended)
    put_frame (SG_PRINT_END, (unsigned)n, NULL, 0);
  client->ended = 1;
  if (client->closes)
    client->opened = 0;
}

static void
read_client (int n)
{
  unsigned char bytes[SG_PRINT_DATA_MOST];
  ssize_t got = read (clients[n].fd, bytes, sizeof bytes);

  if (got > 0 && !clients[n].closes)
    put_frame (SG_PRINT_DATA, (unsigned)n, bytes, (size_t)got);
  else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
    end_client (n);
}

static void
write_client (int n)
{
  Client *client = &clients[n];
  ssize_t put = client->to.len > 0
                    ? send (client->fd, client->to.bytes, client->to.len, MSG_NOSIGNAL)
                    : 0;

  if (put > 0)
    drop (&client->to, (size_t)put);
  if (put < 0 && errno != EAGAIN && errno != EINTR)
    end_client (n);
  else if (client->closes && client->to.len == 0)
    shutdown (client->fd, SHUT_WR); /* it may still be sending: it closes when it has read this */
}

/* --- from outside -------------------------------------------------------------------------------
 */

static void
take_frame (unsigned kind, unsigned n, const unsigned char *bytes, size_t len)
{
  Client *client = n < SG_PRINT_CHANNELS ? &clients[n] : NULL;

  if (client == NULL || !client->opened)
    return;
  if (kind == SG_PRINT_DATA && client->fd >= 0)
    {
      append (&client->to, bytes, len);
      if (client->to.len > CLIENT_MOST)
        end_client ((int)n);
      else
        write_client ((int)n);
    }
  else if (kind == SG_PRINT_END)
    {
      client->closes = 1;
      if (client->fd >= 0)
        write_client ((int)n);
      if (client->ended)
        client->opened = 0;
    }
}

static void
read_outside (void)
{
  unsigned char bytes[SG_PRINT_DATA_MOST];
  ssize_t got = read (0, bytes, sizeof bytes);
  size_t at = 0;

  if (got == 0)
    exit (0);
  if (got < 0)
    {
      if (errno != EAGAIN && errno != EINTR)
        fail ("standard input");
      return;
    }
  append (&in, bytes, (size_t)got);
  while (in.len - at >= SG_PRINT_HEADER)
    {
      const unsigned char *h = in.bytes + at;
      size_t len = (size_t)h[4] << 24 | (size_t)h[5] << 16 | (size_t)h[6] << 8 | h[7];

      if (len > SG_PRINT_DATA_MOST)
        exit (1);
      if (in.len - at < SG_PRINT_HEADER + len)
        break;
      take_frame (h[0], (unsigned)h[2] << 8 | h[3], h + SG_PRINT_HEADER, len);
      at += SG_PRINT_HEADER + len;
    }
  drop (&in, at);
}

static void
write_outside (void)
{
  ssize_t put = write (1, out.bytes, out.len);

  if (put > 0)
    drop (&out, (size_t)put);
  else if (put < 0 && errno != EAGAIN && errno != EINTR)
    exit (0); /* the session ends */
}

/* --- the loop -----------------------------------------------------------------------------------
 */

static void
step (int listener)
{
  struct pollfd fds[3 + SG_PRINT_CHANNELS];
  int room = out.len < OUT_MOST;

  fds[0] = (struct pollfd){ .fd = 0, .events = POLLIN };
  fds[1] = (struct pollfd){ .fd = out.len > 0 ? 1 : -1, .events = POLLOUT };
  fds[2] = (struct pollfd){ .fd = room && free_number () >= 0 ? listener : -1, .events = POLLIN };
  for (int i = 0; i < SG_PRINT_CHANNELS; i++)
    fds[3 + i] = (struct pollfd){
      .fd = clients[i].opened ? clients[i].fd : -1,
      .events = (short)((room ? POLLIN : 0) | (clients[i].to.len > 0 ? POLLOUT : 0)),
    };
  if (poll (fds, 3 + SG_PRINT_CHANNELS, -1) < 0)
    {
      if (errno != EINTR)
        fail ("poll");
      return;
    }
  if (fds[1].revents != 0)
    write_outside ();
  for (int i = 0; i < SG_PRINT_CHANNELS; i++)
    {
      short what = fds[3 + i].revents;

      if (fds[3 + i].fd < 0)
        continue;
      if ((what & POLLOUT) != 0)
        write_client (i);
      if ((what & (POLLIN | POLLHUP | POLLERR)) != 0 && clients[i].fd >= 0)
        read_client (i);
    }
  if (fds[0].revents != 0)
    read_outside ();
  if (fds[2].revents != 0)
    greet (listener);
}

int
main (int argc, char **argv)
{
  int listener;

  for (int i = 0; i < SG_PRINT_CHANNELS; i++)
    clients[i].fd = -1;
  listener = listen_at (argc > 1 ? argv[1] : USUAL);
  fcntl (0, F_SETFL, fcntl (0, F_GETFL) | O_NONBLOCK);
  fcntl (1, F_SETFL, fcntl (1, F_GETFL) | O_NONBLOCK);
  for (;;)
    step (listener);
}
