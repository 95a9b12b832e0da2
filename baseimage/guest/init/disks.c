/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtio disk's serial is in /sys/block/NAME/serial.  Usually both are there once the driver is
 * loaded; the socket of kernel events is opened before the first look, so none can be missed
 * between look and wait. */
#include "disks.h"

#include "baseimage/guest/serials.h"
#include "say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int
listen_to_kernel (void)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
  int fd = socket (AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

  if (fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) < 0)
    sg_die ("Cannot listen to kernel events: %s", strerror (errno));
  return fd;
}

/* The serial of a disk; empty where it has none. */
static void
read_serial (const char *disk, char serial[32])
{
  char path[288];
  ssize_t n;
  int fd;

  serial[0] = '\0';
  snprintf (path, sizeof path, "/sys/block/%s/serial", disk);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  n = read (fd, serial, 31);
  close (fd);
  serial[n > 0 ? n : 0] = '\0';
  serial[strcspn (serial, "\n")] = '\0';
}

/* Device names are short ("vda", "vdaa"); anything else is none of ours. */
static void
take_name (char into[32], const char *disk)
{
  if (strlen (disk) < 24)
    snprintf (into, 32, "/dev/%.24s", disk);
}

static void
look (SgDisks *disks)
{
  struct dirent *entry;
  char serial[32];
  DIR *dir = opendir ("/sys/block");

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    {
      if (entry->d_name[0] == '.')
        continue;
      read_serial (entry->d_name, serial);
      if (strcmp (serial, SG_SERIAL_BASE) == 0)
        take_name (disks->base, entry->d_name);
      else if (strcmp (serial, SG_SERIAL_SCRATCH) == 0)
        take_name (disks->scratch, entry->d_name);
    }
  if (dir != NULL)
    closedir (dir);
}

static long long
now_msec (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Waits for an event and takes all that have come. */
static int
wait_for_event (int fd, long long until)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  long long left = until - now_msec ();
  char event[4096];

  if (left <= 0 || poll (&p, 1, (int)left) == 0)
    return 0;
  while (recv (fd, event, sizeof event, 0) > 0)
    ;
  return 1;
}

void
sg_disks_find (SgDisks *ret_disks)
{
  long long until = now_msec () + SG_DISKS_PATIENCE * 1000LL;
  int events = listen_to_kernel ();

  memset (ret_disks, 0, sizeof *ret_disks);
  for (;;)
    {
      look (ret_disks);
      if (ret_disks->base[0] != '\0' && ret_disks->scratch[0] != '\0')
        break;
      if (!wait_for_event (events, until))
        sg_die ("The disk with %s was not found (serial %s)",
                ret_disks->base[0] == '\0' ? "the copy of this computer" : "room for changes",
                ret_disks->base[0] == '\0' ? SG_SERIAL_BASE : SG_SERIAL_SCRATCH);
    }
  close (events);
}
