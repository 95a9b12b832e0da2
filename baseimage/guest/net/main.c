/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets up the one network card: `sandglass-net MAC MTU ADDRESS4/LEN GATEWAY4 ADDRESS6/LEN GATEWAY6
 * DNS HTTP-PROXY HTTPS-PROXY`, run as root by the session once it has plugged the card in, and
 * again when the addresses become others.  "-" where there is none: between sandboxes only, there
 * is no gateway.
 *
 * All is told by the host, so nothing is asked of a network (no DHCP, no router advertisement), and
 * no program of the host's is needed (iproute2, NetworkManager may be missing).  ioctls, for they
 * are enough: one card, one address and one route of each kind.
 *
 * Says what failed on standard error.  0 when the card is there and up. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <net/route.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Finding the new device and loading its driver takes seconds under emulation. */
#define WAIT_STEPS 1000
#define STEP_USEC 50000
/* The driver is loaded by udev; where that does not happen it is asked for after this long. */
#define MODPROBE_STEP 40

static void
fail (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  exit (1);
}

static int
read_line (const char *dir, const char *name, const char *file, char *line, int size)
{
  char path[512];
  FILE *stream;
  int ok;

  snprintf (path, sizeof path, "%s/%s/%s", dir, name, file);
  stream = fopen (path, "re");
  ok = stream != NULL && fgets (line, size, stream) != NULL;
  if (stream != NULL)
    fclose (stream);
  if (ok)
    line[strcspn (line, "\n")] = '\0';
  return ok;
}

/* The name of the card with that address, in NAME (IFNAMSIZ). */
static int
find_card (const char *mac, char *name)
{
  DIR *dir = opendir ("/sys/class/net");
  struct dirent *entry;
  int found = 0;
  char line[64];

  while (dir != NULL && !found && (entry = readdir (dir)) != NULL)
    if (entry->d_name[0] != '.' && strlen (entry->d_name) < IFNAMSIZ
        && read_line ("/sys/class/net", entry->d_name, "address", line, sizeof line)
        && strcasecmp (line, mac) == 0)
      {
        strcpy (name, entry->d_name);
        found = 1;
      }
  if (dir != NULL)
    closedir (dir);
  return found;
}

static void
load_driver (void)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      execlp ("modprobe", "modprobe", "-q", "virtio_net", NULL);
      _exit (127);
    }
  if (pid > 0)
    waitpid (pid, NULL, 0);
}

static void
wait_for_card (const char *mac, char *name)
{
  for (int step = 0; step < WAIT_STEPS; step++)
    {
      if (find_card (mac, name))
        return;
      if (step == MODPROBE_STEP)
        load_driver ();
      usleep (STEP_USEC);
    }
  fprintf (stderr, "the network card did not appear\n");
  exit (1);
}

/* Settings that a kernel without IPv6 has not got. */
static void
set (const char *card, const char *key, const char *value)
{
  char path[128];
  int fd;

  snprintf (path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", card, key);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write (fd, value, strlen (value)) < 0)
    fail (path);
  if (fd >= 0)
    close (fd);
}

/* TEXT "ADDRESS/LEN" is cut at the slash; the length. */
static unsigned
cut_prefix (char *text)
{
  char *slash = strchr (text, '/');

  if (slash == NULL)
    {
      fprintf (stderr, "%s has no length\n", text);
      exit (2);
    }
  *slash = '\0';
  return (unsigned)strtoul (slash + 1, NULL, 10);
}

static struct sockaddr
address4 (const char *text)
{
  union
  {
    struct sockaddr any;
    struct sockaddr_in in;
  } address = { .in = { .sin_family = AF_INET } };

  if (text != NULL && inet_pton (AF_INET, text, &address.in.sin_addr) != 1)
    fail (text);
  return address.any;
}

static struct sockaddr
netmask (unsigned len)
{
  union
  {
    struct sockaddr any;
    struct sockaddr_in in;
  } mask = { .in = { .sin_family = AF_INET } };

  mask.in.sin_addr.s_addr = htonl (len == 0 ? 0 : ~0u << (32 - len));
  return mask.any;
}

static void
set_up_link (int fd, const char *card, int mtu)
{
  struct ifreq request = { 0 };

  memcpy (request.ifr_name, card, IFNAMSIZ);
  request.ifr_mtu = mtu;
  if (ioctl (fd, SIOCSIFMTU, &request) < 0)
    fail ("size of packets");
  if (ioctl (fd, SIOCGIFFLAGS, &request) < 0)
    fail ("flags");
  request.ifr_flags |= IFF_UP;
  if (ioctl (fd, SIOCSIFFLAGS, &request) < 0)
    fail ("switching on");
}

static int
is_none (const char *text)
{
  return strcmp (text, "-") == 0;
}

/* What an earlier run has set; the address itself is replaced. */
static void
forget_4 (int fd, const char *card)
{
  struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = (char *)card };

  route.rt_dst = address4 (NULL);
  route.rt_genmask = netmask (0);
  while (ioctl (fd, SIOCDELRT, &route) == 0)
    ;
}

/* The card's addresses but for the link-local one, and the routes that go with them. */
static void
forget_6 (int fd, int index)
{
  struct in6_rtmsg route = { .rtmsg_flags = RTF_UP, .rtmsg_ifindex = index };
  char line[128], digits[33], text[40];
  unsigned at, len, scope;
  FILE *stream;

  while (ioctl (fd, SIOCDELRT, &route) == 0)
    ;
  stream = fopen ("/proc/net/if_inet6", "re");
  while (stream != NULL && fgets (line, sizeof line, stream) != NULL)
    {
      struct in6_ifreq own = { .ifr6_ifindex = index };

      if (sscanf (line, "%32s %x %x %x", digits, &at, &len, &scope) != 4 || (int)at != index
          || scope != 0 || strlen (digits) != 32)
        continue;
      for (int i = 0; i < 8; i++)
        snprintf (text + 5 * i, 6, "%.4s:", digits + 4 * i);
      text[39] = '\0';
      own.ifr6_prefixlen = len;
      if (inet_pton (AF_INET6, text, &own.ifr6_addr) == 1)
        ioctl (fd, SIOCDIFADDR, &own);
    }
  if (stream != NULL)
    fclose (stream);
}

static void
set_up_4 (int fd, const char *card, char *address, const char *gateway)
{
  unsigned len = cut_prefix (address);
  struct ifreq request = { 0 };
  struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = (char *)card };

  forget_4 (fd, card);
  memcpy (request.ifr_name, card, IFNAMSIZ);
  request.ifr_addr = address4 (address);
  if (ioctl (fd, SIOCSIFADDR, &request) < 0)
    fail ("IPv4 address");
  request.ifr_netmask = netmask (len);
  if (ioctl (fd, SIOCSIFNETMASK, &request) < 0)
    fail ("IPv4 netmask");
  if (is_none (gateway))
    return;
  route.rt_dst = address4 (NULL);
  route.rt_genmask = netmask (0);
  route.rt_gateway = address4 (gateway);
  if (ioctl (fd, SIOCADDRT, &route) < 0 && errno != EEXIST)
    fail ("IPv4 route");
}

static void
set_up_6 (const char *card, char *address, const char *gateway)
{
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int index = (int)if_nametoindex (card);
  struct in6_ifreq own = { .ifr6_ifindex = index };
  struct in6_rtmsg route
      = { .rtmsg_flags = RTF_UP | RTF_GATEWAY, .rtmsg_metric = 1, .rtmsg_ifindex = index };

  if (fd < 0)
    return; /* this kernel has no IPv6 */
  forget_6 (fd, index);
  if (is_none (address))
    {
      close (fd);
      return;
    }
  own.ifr6_prefixlen = cut_prefix (address);
  if (inet_pton (AF_INET6, address, &own.ifr6_addr) != 1)
    fail (address);
  if (ioctl (fd, SIOCSIFADDR, &own) < 0 && errno != EEXIST)
    fail ("IPv6 address");
  if (!is_none (gateway))
    {
      if (inet_pton (AF_INET6, gateway, &route.rtmsg_gateway) != 1)
        fail (gateway);
      if (ioctl (fd, SIOCADDRT, &route) < 0 && errno != EEXIST)
        fail ("IPv6 route");
    }
  close (fd);
}

/* Aside, then renamed: it may be a link to somewhere. */
static void
write_resolv_conf (const char *server)
{
  FILE *file = fopen ("/etc/resolv.conf.new", "we");

  if (file == NULL
      || fprintf (file, "nameserver %s\n", server) < 0
      || fclose (file) != 0 || rename ("/etc/resolv.conf.new", "/etc/resolv.conf") < 0)
    fail ("/etc/resolv.conf");
}

/* For commands and programs that start from now on: the agent and the shell read the first file,
 * shells and package managers theirs.  Addresses that are the guest's own need no proxy. */
static void
write_proxies (const char *http, const char *https)
{
  static const char own[] = "localhost,127.0.0.1,::1";
  FILE *files[2] = { fopen ("/run/sandglass/network.env", "we"),
                     fopen ("/etc/profile.d/sandglass-network.sh", "we") };
  FILE *apt;

  for (int i = 0; i < 2; i++)
    {
      const char *before = i == 0 ? "" : "export ";

      if (files[i] == NULL)
        continue; /* nobody there who would read it */
      if (!is_none (http))
        fprintf (files[i], "%shttp_proxy=%s\n%sHTTP_PROXY=%s\n", before, http, before, http);
      if (!is_none (https))
        fprintf (files[i], "%shttps_proxy=%s\n%sHTTPS_PROXY=%s\n", before, https, before, https);
      if (!is_none (http) || !is_none (https))
        fprintf (files[i], "%sno_proxy=%s\n%sNO_PROXY=%s\n", before, own, before, own);
      fclose (files[i]);
    }
  apt = fopen ("/etc/apt/apt.conf.d/95sandglass-network", "we");
  if (apt == NULL)
    return;
  if (!is_none (http))
    fprintf (apt, "Acquire::http::Proxy \"%s\";\n", http);
  if (!is_none (https))
    fprintf (apt, "Acquire::https::Proxy \"%s\";\n", https);
  fclose (apt);
}

int
main (int argc, char **argv)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  char card[IFNAMSIZ] = "";

  if (argc != 10)
    {
      fprintf (stderr, "sandglass-net is run by the session\n");
      return 2;
    }
  wait_for_card (argv[1], card);
  /* The addresses are ours alone: nobody to ask, and nobody to be told others by. */
  set (card, "accept_dad", "0");
  set (card, "accept_ra", "0");
  set (card, "autoconf", "0");
  if (fd < 0)
    fail ("IPv4");
  set_up_link (fd, card, atoi (argv[2]));
  set_up_4 (fd, card, argv[3], argv[4]);
  set_up_6 (card, argv[5], argv[6]);
  write_resolv_conf (argv[7]);
  write_proxies (argv[8], argv[9]);
  return 0;
}
