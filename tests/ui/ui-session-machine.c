/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/ui/ui-session.h"

#include "common/fd.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Answers are read and dropped: only their order matters here. */
static void
monitor (const char *command, int fd)
{
  char control[CMSG_SPACE (sizeof (int))] = { 0 }, answer[4096];
  struct iovec piece = { (void *)command, strlen (command) };
  struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };

  if (fd >= 0)
    {
      struct cmsghdr *head;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      head = CMSG_FIRSTHDR (&message);
      head->cmsg_level = SOL_SOCKET;
      head->cmsg_type = SCM_RIGHTS;
      head->cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (head), &fd, sizeof fd);
    }
  if (sendmsg (fake.monitor, &message, MSG_NOSIGNAL) < 0
      || read (fake.monitor, answer, sizeof answer) <= 0)
    fake_note ("the monitor is gone");
}

/* At the first look: most of what a session says needs no machine. */
static void
start_qemu (void)
{
  int theirs;

  if (!sg_socketpair (&fake.monitor, &theirs, NULL))
    abort ();
  fake.qemu = fork ();
  if (fake.qemu != 0)
    {
      char greeting[1024];

      close (theirs);
      if (read (fake.monitor, greeting, sizeof greeting) <= 0)
        fake_note ("no monitor");
      monitor ("{\"execute\":\"qmp_capabilities\"}\n", -1);
      return;
    }
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  dup2 (theirs, 3);
  execlp ("qemu-system-x86_64", "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-accel",
          "tcg", "-m", "32", "-display", "none", "-device", "virtio-vga", "-spice",
          "disable-ticketing=on,port=0,image-compression=off,streaming-video=off", "-chardev",
          "socket,id=q,fd=3", "-mon", "chardev=q,mode=control", NULL);
  _exit (127);
}

void
fake_end_machine (void)
{
  if (fake.qemu > 0)
    kill (fake.qemu, SIGKILL);
}

int
fake_open_display (void)
{
  int ours, theirs;

  if (fake.qemu == 0)
    start_qemu ();
  if (!sg_socketpair (&ours, &theirs, NULL))
    abort ();
  monitor ("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"d\"}}\n", theirs);
  monitor ("{\"execute\":\"add_client\",\"arguments\":{\"protocol\":\"spice\",\"fdname\":\"d\","
           "\"skipauth\":true}}\n",
           -1);
  close (theirs);
  return ours;
}

/* 1280x800 points of changing colours. */
int
fake_make_picture (void)
{
  static guint8 shade;
  gsize size = 1280 * 800 * 3;
  g_autofree char *points = g_malloc (size);
  int fd = memfd_create ("picture", MFD_CLOEXEC);

  memset (points, shade += 40, size);
  if (fd < 0 || !sg_write_all (fd, "P6\n1280 800\n255\n", 16, NULL)
      || !sg_write_all (fd, points, size, NULL))
    fake_note ("no picture");
  return fd;
}

/* As launcher/session-picture.c does. */
int
fake_take_picture (void)
{
  int fd = memfd_create ("picture", MFD_CLOEXEC), theirs;
  g_autofree char *again = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (fake.qemu == 0)
    start_qemu ();
  theirs = open (again, O_WRONLY | O_CLOEXEC);
  monitor ("{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":78}}\n", theirs);
  close (theirs);
  monitor ("{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"/dev/fdset/78\"}}\n", -1);
  monitor ("{\"execute\":\"remove-fd\",\"arguments\":{\"fdset-id\":78}}\n", -1);
  return fd;
}
