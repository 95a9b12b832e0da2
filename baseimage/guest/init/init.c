/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process 1 of the initramfs.  In order:
 *
 *   1. /proc, /sys, /dev
 *   2. the modules of /modules/order
 *   3. the two disks, told apart by serial; where one is late, kernel events are waited for
 *   4. overlay: the base (EROFS, read-only) below, the scratch disk (ext4) on top
 *   5. the initramfs is emptied (its memory counts), and systemd takes over
 *
 * What fails is said on the console in words for the person, and the machine goes off: there is
 * nobody inside to mend it. */
#include "disks.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT "/root"
#define BASE "/base"
#define SCRATCH "/scratch"

static void
make_dir (const char *path, mode_t mode)
{
  if (mkdir (path, mode) < 0 && errno != EEXIST)
    sg_die ("Cannot make the directory %s: %s", path, strerror (errno));
}

static void
mount_on (const char *what, const char *where, const char *type, unsigned long flags,
          const char *options)
{
  make_dir (where, 0755);
  if (mount (what, where, type, flags, options) < 0)
    sg_die ("Cannot mount %s (%s) on %s: %s", what, type, where, strerror (errno));
}

static void
mount_kernel_views (void)
{
  mount_on ("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
  mount_on ("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount_on ("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* ---- modules ---- */

static void
load_module (const char *name, int required)
{
  char path[256];
  int fd;

  snprintf (path, sizeof path, "/modules/%s", name);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || syscall (SYS_finit_module, fd, "", 0) < 0)
    if (required && errno != EEXIST)
      sg_die ("The kernel module %s cannot be loaded: %s", name, strerror (errno));
  if (fd >= 0)
    close (fd);
  unlink (path);
}

static void
load_modules (void)
{
  char line[128];
  FILE *order = fopen ("/modules/order", "re");

  if (order == NULL)
    sg_die ("The list of kernel modules is missing");
  while (fgets (line, sizeof line, order) != NULL)
    {
      line[strcspn (line, "\n")] = '\0';
      if (line[0] == '-')
        load_module (line + 1, 0);
      else if (line[0] != '\0')
        load_module (line, 1);
    }
  fclose (order);
}

/* ---- the root file system ---- */

static void
mount_disk (const char *words, const char *disk, const char *where, const char *type,
            unsigned long flags)
{
  make_dir (where, 0755);
  if (mount (disk, where, type, flags, NULL) < 0)
    sg_die ("%s cannot be read: %s", words, strerror (errno));
}

static void
mount_root (const SgDisks *disks)
{
  mount_disk ("The copy of this computer", disks->base, BASE, "erofs", MS_RDONLY | MS_NODEV);
  mount_disk ("The disk for changes", disks->scratch, SCRATCH, "ext4", MS_NOATIME);
  make_dir (SCRATCH "/upper", 0755);
  make_dir (SCRATCH "/work", 0700);
  mount_on ("sandglass", ROOT, "overlay", MS_NOATIME,
            "lowerdir=" BASE ",upperdir=" SCRATCH "/upper,workdir=" SCRATCH "/work");
}

static void
move_into_root (const char *from, const char *to)
{
  make_dir (to, 0755);
  if (mount (from, to, NULL, MS_MOVE, NULL) < 0)
    sg_die ("Cannot move %s into the sandbox: %s", from, strerror (errno));
}

static void
switch_root (void)
{
  move_into_root ("/dev", ROOT "/dev");
  move_into_root ("/proc", ROOT "/proc");
  move_into_root ("/sys", ROOT "/sys");
  unlink ("/modules/order");
  rmdir ("/modules");
  unlink ("/init");
  if (chdir (ROOT) < 0 || mount (".", "/", NULL, MS_MOVE, NULL) < 0 || chroot (".") < 0
      || chdir ("/") < 0)
    sg_die ("Cannot enter the sandbox's root: %s", strerror (errno));
}

static void
start_systemd (void)
{
  static const char *const places[]
      = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/sbin/init" };

  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    execl (places[i], places[i], (char *)NULL);
  sg_die ("The copy of this computer has no systemd that starts: %s", strerror (errno));
}

int
main (void)
{
  SgDisks disks;

  umask (0);
  mount_kernel_views ();
  load_modules ();
  sg_disks_find (&disks);
  mount_root (&disks);
  switch_root ();
  start_systemd ();
}
