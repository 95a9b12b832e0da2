/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first process of a small real guest: brings the network up as the agent does, then works
 * through the probes in /probes and says what it saw.  Static; needs busybox beside it.  With an
 * argument it is a program in a sandbox: it takes the probes from its standard input, and no more.
 *
 *   tcp ADDRESS PORT open|refused|silent      udp ADDRESS PORT answer|silent
 *   name NAME ADDRESS|none|refused|unknown    ping ADDRESS answer|silent
 *   download ADDRESS PORT got|refused         flow ADDRESS PORT stopped
 *   host WORDS…                               asks the machine's starter for something ("mode off")
 *   raw KIND ADDRESS PORT                     a crafted packet, as root with a packet socket;
 * whether it got through is seen at the other end */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <resolv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 3000

/* ADDRESS and PORT as a socket address; its length. */
static socklen_t
name_of (const char *address, int port, struct sockaddr_storage *to)
{
  struct sockaddr_in *v4 = (struct sockaddr_in *)to;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

  memset (to, 0, sizeof *to);
  if (inet_pton (AF_INET, address, &v4->sin_addr) == 1)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons ((uint16_t)port);
      return sizeof *v4;
    }
  inet_pton (AF_INET6, address, &v6->sin6_addr);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons ((uint16_t)port);
  return sizeof *v6;
}

static int
open_to (const char *address, const char *port, int type)
{
  struct sockaddr_storage to;
  socklen_t len = name_of (address, atoi (port), &to);
  int fd = socket (to.ss_family, type | SOCK_NONBLOCK, 0);

  if (connect (fd, (struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS)
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static int
wait_for (int fd, short events)
{
  struct pollfd poll_fd = { .fd = fd, .events = events };

  return poll (&poll_fd, 1, WAIT_MS);
}

static const char *
probe_tcp (const char *address, const char *port)
{
  int fd = open_to (address, port, SOCK_STREAM), problem = 0;
  socklen_t len = sizeof problem;
  const char *result = "refused";
  char word[8];

  if (fd < 0)
    return "refused";
  if (wait_for (fd, POLLOUT) == 0)
    result = "silent";
  else if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &problem, &len) == 0 && problem == 0
           && send (fd, "hello", 5, MSG_NOSIGNAL) == 5)
    result = wait_for (fd, POLLIN) == 0   ? "silent"
             : recv (fd, word, 5, 0) == 5 ? "open"
                                          : "refused";
  close (fd);
  return result;
}

static const char *
probe_udp (const char *address, const char *port)
{
  int fd = open_to (address, port, SOCK_DGRAM);
  const char *result = "silent";
  char word[8];

  if (fd < 0)
    return "silent";
  if (send (fd, "hello", 5, 0) == 5 && wait_for (fd, POLLIN) > 0 && recv (fd, word, 5, 0) == 5)
    result = "answer";
  close (fd);
  return result;
}

static const char *
probe_ping (const char *address)
{
  int v6 = strchr (address, ':') != NULL;
  int fd = socket (v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
  struct sockaddr_storage to;
  socklen_t len = name_of (address, 0, &to);
  unsigned char echo[16] = { v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO };
  const char *result = "silent";

  if (fd < 0)
    return "silent";
  if (sendto (fd, echo, sizeof echo, 0, (struct sockaddr *)&to, len) == sizeof echo
      && wait_for (fd, POLLIN) > 0 && recv (fd, echo, sizeof echo, 0) > 0)
    result = "answer";
  close (fd);
  return result;
}

static const char *
probe_name (const char *name, const char *wanted)
{
  static char text[INET6_ADDRSTRLEN];
  int type = strchr (wanted, ':') != NULL ? ns_t_aaaa : ns_t_a;
  unsigned char answer[4096];
  ns_msg message;
  ns_rr record;
  int len;

  res_init ();
  _res.retry = 1;
  _res.retrans = 2;
  len = res_query (name, ns_c_in, type, answer, sizeof answer);
  if (len < 0)
    {
      /* res_query() hides the code; the header has it. */
      len = res_mkquery (ns_o_query, name, ns_c_in, type, NULL, 0, NULL, answer, sizeof answer);
      unsigned char reply[4096];
      int fd = open_to ("192.0.0.3", "53", SOCK_DGRAM), got;

      if (fd < 0 || send (fd, answer, (size_t)len, 0) < 0 || wait_for (fd, POLLIN) <= 0)
        return "silent";
      got = (int)recv (fd, reply, sizeof reply, 0);
      close (fd);
      if (got < 12)
        return "silent";
      return (reply[3] & 15) == 3 ? "unknown" : (reply[3] & 15) == 5 ? "refused" : "none";
    }
  if (ns_initparse (answer, len, &message) < 0)
    return "malformed";
  for (int i = 0; i < ns_msg_count (message, ns_s_an); i++)
    if (ns_parserr (&message, ns_s_an, i, &record) == 0 && (int)ns_rr_type (record) == type)
      return inet_ntop (type == ns_t_a ? AF_INET : AF_INET6, ns_rr_rdata (record), text,
                        sizeof text);
  return "none";
}

/* Reads what a server sends without end: 1 MB of it ("got"), or (WHOLE) until nothing comes any more
 * ("stopped"), and says when the last of it came, in milliseconds of the wall clock. */
static const char *
probe_download (const char *address, const char *port, int whole)
{
  int fd = open_to (address, port, SOCK_STREAM);
  const char *result = "refused";
  char buffer[65536];
  struct timespec last = { 0 };
  long all = 0;
  ssize_t n = 0;

  if (fd < 0)
    return "refused";
  if (wait_for (fd, POLLOUT) > 0)
    {
      result = "silent";
      while (wait_for (fd, POLLIN) > 0 && (n = recv (fd, buffer, sizeof buffer, 0)) > 0)
        {
          if (all == 0 && whole)
            puts ("flowing");
          fflush (stdout);
          clock_gettime (CLOCK_REALTIME, &last);
          all += n;
          if (!whole && all > 1000000)
            break;
        }
      if (!whole && all > 1000000)
        result = "got";
      else if (all > 0)
        result = "stopped";
      else if (n < 0)
        result = "refused";
      if (whole)
        printf ("last %lld\n", (long long)last.tv_sec * 1000 + last.tv_nsec / 1000000);
    }
  close (fd);
  return result;
}

/* --- crafted packets
 * --------------------------------------------------------------------------------- */

static uint16_t
checksum (const unsigned char *bytes, size_t len)
{
  uint32_t sum = 0;

  for (size_t i = 0; i + 1 < len; i += 2)
    sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return htons ((uint16_t)~sum);
}

/* An IPv4 header of HEADER bytes for LEN bytes behind it. */
static void
ip_header (unsigned char *ip, size_t header, unsigned char protocol, const char *from,
           const char *to, size_t len)
{
  uint16_t total = htons ((uint16_t)(header + len)), sum;

  ip[0] = (unsigned char)(0x40 | header / 4);
  memcpy (ip + 2, &total, 2);
  ip[8] = 64;
  ip[9] = protocol;
  inet_pton (AF_INET, from, ip + 12);
  inet_pton (AF_INET, to, ip + 16);
  ip[10] = ip[11] = 0;
  sum = checksum (ip, header);
  memcpy (ip + 10, &sum, 2);
}

static size_t
udp (unsigned char *into, const char *port, const char *text)
{
  uint16_t to = htons ((uint16_t)atoi (port)), len = htons ((uint16_t)(8 + strlen (text)));

  memset (into, 0, 8);
  into[0] = 0x77;
  memcpy (into + 2, &to, 2);
  memcpy (into + 4, &len, 2);
  memcpy (into + 8, text, strlen (text));
  return 8 + strlen (text);
}

static void
send_frame (const unsigned char *frame, size_t len)
{
  struct sockaddr_ll to
      = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex ("eth0"), .sll_halen = 6 };
  int fd = socket (AF_PACKET, SOCK_RAW, 0);

  memcpy (to.sll_addr, frame, 6);
  if (sendto (fd, frame, len, 0, (struct sockaddr *)&to, sizeof to) < 0)
    perror ("packet socket");
  close (fd);
}

static void
own_mac (unsigned char mac[6])
{
  struct ifreq request = { .ifr_name = "eth0" };
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  if (ioctl (fd, SIOCGIFHWADDR, &request) < 0)
    perror ("eth0");
  memcpy (mac, request.ifr_hwaddr.sa_data, 6);
  close (fd);
}

static void
probe_raw (const char *kind, const char *to, const char *port)
{
  static const unsigned char gate[6] = { 2, 0x53, 0x47, 0, 0, 1 };
  unsigned char self[6];
  unsigned char frame[256] = { 0 }, *ip = frame + 14;
  const char *from = "192.0.0.2";
  size_t header = 20, len;
  char text[64];

  own_mac (self);
  snprintf (text, sizeof text, "raw-%s", kind);
  memcpy (frame, gate, 6);
  memcpy (frame + 6, self, 6);
  frame[12] = 8;
  if (strcmp (kind, "source") == 0)
    from = "192.168.77.66";
  if (strcmp (kind, "mac") == 0)
    frame[11] ^= 1;
  if (strcmp (kind, "everybody") == 0)
    memset (frame, 0xff, 6);
  if (strcmp (kind, "vlan") == 0)
    {
      memcpy (frame + 12, "\x81\0\0\5\10\0", 6);
      ip += 4;
    }
  if (strcmp (kind, "route") == 0)
    {
      /* a loose source route: by the address given, to the one inside */
      header = 28;
      memcpy (ip + 20, "\x83\7\4", 3);
      inet_pton (AF_INET, to, ip + 23);
      to = "93.184.216.34";
    }
  if (strcmp (kind, "ipip") == 0 || strcmp (kind, "6in4") == 0)
    {
      len = udp (ip + 40, port, text);
      ip_header (ip + 20, 20, 17, from, to, len);
      ip_header (ip, 20, kind[0] == '6' ? 41 : 4, from, "93.184.216.34", 20 + len);
      send_frame (frame, 14 + 40 + len);
      return;
    }
  len = udp (ip + header, port, text);
  if (strcmp (kind, "fragment") == 0)
    {
      /* the first piece has 8 bytes of data, so that the port is in it and nothing else */
      ip_header (ip, 20, 17, from, to, 8);
      ip[6] = 0x20;
      send_frame (frame, 14 + 20 + 8);
      memmove (ip + 20, ip + 28, len - 8);
      ip_header (ip, 20, 17, from, to, len - 8);
      ip[6] = 0;
      ip[7] = 1;
      send_frame (frame, 14 + 20 + len - 8);
      return;
    }
  ip_header (ip, header, 17, from, to, len);
  send_frame (frame, (size_t)(ip - frame) + header + len);
}

/* --- the work
 * ---------------------------------------------------------------------------------------- */

static void
ask_host (const char *what)
{
  char line[64];

  printf ("host: %s\n", what);
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL && strncmp (line, "done", 4) != 0)
    ;
}

static void
work (char *line)
{
  char *words[5] = { 0 }, copy[256];
  const char *got = NULL;
  int n = 0;

  line[strcspn (line, "\n")] = '\0';
  snprintf (copy, sizeof copy, "%s", line);
  for (char *word = strtok (copy, " "); word != NULL && n < 5; word = strtok (NULL, " "))
    words[n++] = word;
  if (n < 2)
    return;
  if (strcmp (words[0], "host") == 0)
    {
      ask_host (line + 5);
      return;
    }
  if (strcmp (words[0], "raw") == 0)
    {
      probe_raw (words[1], words[2], words[3]);
      return;
    }
  if (strcmp (words[0], "tcp") == 0)
    got = probe_tcp (words[1], words[2]);
  else if (strcmp (words[0], "udp") == 0)
    got = probe_udp (words[1], words[2]);
  else if (strcmp (words[0], "name") == 0)
    got = probe_name (words[1], words[2]);
  else if (strcmp (words[0], "download") == 0 || strcmp (words[0], "flow") == 0)
    got = probe_download (words[1], words[2], words[0][0] == 'f');
  else if (strcmp (words[0], "ping") == 0)
    got = probe_ping (words[1]);
  printf ("%s %s: %s\n", got != NULL && strcmp (got, words[n - 1]) == 0 ? "ok    " : "FAILED", line,
          got != NULL ? got : "no such probe");
  fflush (stdout);
}

static void
work_all (FILE *probes)
{
  char line[256];

  while (probes != NULL && fgets (line, sizeof line, probes) != NULL)
    work (line);
}

int
main (int argc, char **argv __attribute__ ((unused)))
{
  if (argc > 1)
    {
      work_all (stdin); /* in a sandbox, which is up */
      return 0;
    }
  mount ("proc", "/proc", "proc", 0, NULL);
  mount ("sys", "/sys", "sysfs", 0, NULL);
  mount ("dev", "/dev", "devtmpfs", 0, NULL);
  if (freopen ("/dev/ttyS0", "r", stdin) == NULL || freopen ("/dev/ttyS0", "w", stdout) == NULL)
    return 1;
  system (
      "/bin/busybox stty -F /dev/ttyS0 -echo raw;"
      "exec >/dev/ttyS0 2>&1; for m in $(/bin/busybox cat /modules); do /bin/busybox insmod "
      "/$m.ko; done;"
      "ip='/bin/busybox ip'; $ip link set lo up; echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad;"
      "$ip link set eth0 mtu 65520 up; $ip addr add 192.0.0.2/29 dev eth0;"
      "$ip -6 addr add fd73:616e:6467:6c61::2/64 dev eth0;"
      "$ip route add default via 192.0.0.1; $ip -6 route add default via fe80::1 dev eth0;"
      "echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range");
  puts ("guest is up");
  fflush (stdout);
  work_all (fopen ("/probes", "r"));
  puts ("guest is done");
  fflush (stdout);
  sleep (1);
  reboot (RB_POWER_OFF);
  return 0;
}
