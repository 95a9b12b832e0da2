/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host of the test's little internet: echoes by TCP and UDP on the ports given, and answers name
 * lookups on UDP 53 from the table given.
 *
 *   net-serve PORT… [NAME=ADDRESS…]
 *
 * TCP and UDP 9 read and forget; TCP 19 writes until the peer closes.  Says on stdout what arrives.
 */
#include "tests/unit/netgate-kit.h"

#include "launcher/netgate/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 64
#define PORT_SINK 9
#define PORT_SOURCE 19

static char **names;

static int
listen_on (int type, guint16 port)
{
  struct sockaddr_in6 address
      = { .sin6_family = AF_INET6, .sin6_port = htons (port), .sin6_addr = in6addr_any };
  int fd = socket (AF_INET6, type, 0), one = 1, zero = 0, size = 4 * 1024 * 1024;

  /* A window that is not what is measured. */
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) < 0
      || (type == SOCK_STREAM && listen (fd, 64) < 0))
    {
      perror ("bind");
      exit (1);
    }
  return fd;
}

typedef struct
{
  int fd;
  guint16 port;
} Client;

static void *
serve_client (void *data)
{
  Client *client = data;
  gsize size = 256 * 1024;
  char *buffer = g_malloc0 (size);
  gssize n;

  if (client->port == PORT_SOURCE)
    while (send (client->fd, buffer, size, MSG_NOSIGNAL) > 0)
      ;
  else
    while ((n = recv (client->fd, buffer, size, 0)) > 0)
      if (client->port != PORT_SINK)
        send (client->fd, buffer, (gsize)n, MSG_NOSIGNAL);
  close (client->fd);
  g_free (buffer);
  g_free (client);
  return NULL;
}

/* The answer to a lookup; 0: none. */
static gsize
answer (const guint8 *question, gsize len, guint8 *into)
{
  static SgDnsMessage message;
  gsize out;

  if (!sg_dns_parse (&message, question, len))
    return 0;
  out = kit_dns (into, TRUE, message.name, message.type);
  sg_put16 (into, message.id);
  for (char **name = names; *name != NULL; name++)
    {
      const char *equals = strchr (*name, '=');
      SgAddress address;
      gboolean v4;

      if (equals == NULL || strncmp (*name, message.name, (gsize)(equals - *name)) != 0
          || message.name[equals - *name] != '\0' || !sg_address_parse (equals + 1, &address))
        continue;
      v4 = sg_address_is_v4 (&address);
      if (message.type == (v4 ? SG_DNS_A : SG_DNS_AAAA))
        out = kit_dns_record (into, out, message.name, message.type, 300,
                              address.bytes + (v4 ? 12 : 0), v4 ? 4 : 16);
    }
  return out;
}

static void
serve_datagram (int fd, guint16 port)
{
  struct sockaddr_storage from;
  socklen_t from_len = sizeof from;
  static guint8 buffer[65536], reply[65536];
  gssize n = recvfrom (fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_len);
  gsize len;

  if (n < 0)
    return;
  if (port == PORT_SINK)
    return;
  if (port != 53)
    {
      /* For tests that ask what arrived. */
      printf ("udp %u ", port);
      for (gssize i = 0; i < MIN (n, 40); i++)
        putchar (g_ascii_isgraph (buffer[i]) ? buffer[i] : '.');
      putchar ('\n');
      fflush (stdout);
    }
  if (port != 53)
    {
      sendto (fd, buffer, (gsize)n, 0, (struct sockaddr *)&from, from_len);
      return;
    }
  len = answer (buffer, (gsize)n, reply);
  if (len > 0)
    sendto (fd, reply, len, 0, (struct sockaddr *)&from, from_len);
}

int
main (int argc, char **argv)
{
  struct pollfd fds[FDS_MAX];
  guint16 ports[FDS_MAX];
  int count = 0;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  names = argv;
  for (int i = 1; i < argc && strchr (argv[i], '=') == NULL; i++)
    for (int type = 0; type < 2; type++, count++)
      {
        ports[count] = (guint16)atoi (argv[i]);
        fds[count]
            = (struct pollfd){ .fd = listen_on (type == 0 ? SOCK_STREAM : SOCK_DGRAM, ports[count]),
                               .events = POLLIN };
      }
  puts ("ready");
  fflush (stdout);
  for (;;)
    {
      poll (fds, (nfds_t)count, -1);
      for (int i = 0; i < count; i++)
        {
          pthread_t thread;
          Client *client;

          if (fds[i].revents == 0)
            continue;
          if (i % 2 == 1)
            {
              serve_datagram (fds[i].fd, ports[i]);
              continue;
            }
          client = g_new (Client, 1);
          *client = (Client){ accept (fds[i].fd, NULL, NULL), ports[i] };
          printf ("tcp %u\n", ports[i]);
          fflush (stdout);
          if (client->fd >= 0 && pthread_create (&thread, NULL, serve_client, client) == 0)
            pthread_detach (thread);
        }
    }
}
