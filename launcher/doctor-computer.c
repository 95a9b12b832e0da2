/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The computer: virtualization, memory, room, and the places where a trace could stay. */
#include "launcher/doctor-internal.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/enforce-host.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MIB ((guint64)1024 * 1024)
/* A sandbox's start, and what the host keeps (docs: defaults). */
#define MEMORY_WANTED (2560 * MIB)
#define DISK_WANTED (512 * MIB)
#define ECRYPTFS_MAGIC 0xf15f

void
sg_look_virtualization (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  const SgAccelOptions defaults = { .fresh = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (SgAccel) accel
      = sg_accel_probe (host->accel != NULL ? host->accel : &defaults, cancellable, &error);

  if (accel == NULL)
    {
      finding->found = g_strdup_printf (_ ("cannot be tried: %s"), error->message);
      return;
    }
  finding->met = accel->kind == SG_ACCEL_KVM;
  finding->found = g_strdup (finding->met ? _ ("works (KVM)") : _ ("not usable"));
  finding->means = g_strdup (accel->reason);
  finding->mend = g_strdup (accel->fix);
}

void
sg_look_memory (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *text = sg_host_read (host, "/proc/meminfo");
  const char *line = text != NULL ? strstr (text, "MemAvailable:") : NULL;
  guint64 kib = 0;

  if (line == NULL || sscanf (line, "MemAvailable: %" G_GUINT64_FORMAT, &kib) != 1)
    {
      finding->met = TRUE; /* nothing known is nothing wrong */
      finding->found = g_strdup (_ ("not known"));
      return;
    }
  finding->met = kib * 1024 >= MEMORY_WANTED;
  finding->found = g_strdup_printf (_ ("%.1f GB free"), (double)kib / 1024 / 1024);
}

/* DIR, or the nearest directory above it that exists. */
static char *
existing (const char *dir)
{
  g_autofree char *at = g_strdup (dir);

  while (!g_file_test (at, G_FILE_TEST_IS_DIR))
    {
      char *up = g_path_get_dirname (at);
      g_free (at);
      at = up;
    }
  return g_steal_pointer (&at);
}

static char *
cache_place (const SgDoctorHost *host)
{
  g_autofree char *cache = host->cache != NULL ? g_strdup (host->cache) : sg_paths_cache ();

  return existing (cache);
}

void
sg_look_disk (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *place = cache_place (host);
  struct statvfs fs;
  guint64 room;

  if (statvfs (place, &fs) < 0 || faccessat (AT_FDCWD, place, W_OK | X_OK, AT_EACCESS) < 0)
    {
      finding->found = g_strdup_printf ("%s: %s", place, g_strerror (errno));
      finding->means
          = g_strdup_printf (_ ("The base is kept below %s, which cannot be written; set "
                                "XDG_CACHE_HOME to a directory that can."),
                             place);
      return;
    }
  room = (guint64)fs.f_bavail * fs.f_frsize;
  finding->met = room >= DISK_WANTED;
  finding->found = g_strdup_printf (_ ("%.1f GB free in %s"), (double)room / 1e9, place);
}

/* Local, not memory, and able to hold a file without a name. */
static gboolean
holds_nameless (const char *dir)
{
  sg_fd int fd = open (dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  struct statfs fs;

  if (fd < 0 || fstatfs (fd, &fs) < 0)
    return FALSE;
  return fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC && fs.f_type != NFS_SUPER_MAGIC
         && fs.f_type != ECRYPTFS_MAGIC;
}

void
sg_look_scratch (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *cache = cache_place (host), *var_tmp = sg_host_path (host, "/var/tmp");
  const char *places[] = { cache, var_tmp };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (holds_nameless (places[i]))
      {
        finding->met = TRUE;
        finding->found = g_strdup (places[i]);
        return;
      }
  finding->found = g_strdup_printf (_ ("neither %s nor %s"), cache, var_tmp);
}

void
sg_look_swap (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  gboolean any;
  g_auto (GStrv) plain = sg_plain_swaps (host->root != NULL ? host->root : "/", &any, &error);

  finding->met = plain != NULL && plain[0] == NULL;
  if (plain == NULL)
    finding->found = g_strdup_printf (_ ("cannot be looked at: %s"), error->message);
  else if (finding->met)
    finding->found = g_strdup (any ? _ ("encrypted or in memory") : _ ("no swap"));
  else
    {
      g_autofree char *all = g_strjoinv (" ", plain);

      finding->found = g_strdup_printf (
          plain[1] == NULL ? _ ("%s is not encrypted") : _ ("%s are not encrypted"), all);
      finding->mend = g_strdup_printf ("sudo swapoff %s", all);
    }
}

void
sg_look_hibernation (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *states = sg_host_read (host, "/sys/power/state");
  g_autofree char *disk = sg_host_read (host, "/sys/power/disk");
  g_autofree char *resume = sg_host_read (host, "/sys/power/resume");
  gboolean possible = states != NULL && strstr (states, "disk") != NULL && disk != NULL
                      && strstr (disk, "[disabled]") == NULL && resume != NULL
                      && !g_str_equal (resume, "0:0");

  if (possible)
    {
      g_autofree char *uuid_path = g_strdup_printf ("/sys/dev/block/%s/dm/uuid", resume);
      g_autofree char *uuid = sg_host_read (host, uuid_path);
      possible = uuid == NULL || !g_str_has_prefix (uuid, "CRYPT-");
    }
  finding->met = !possible;
  finding->found = g_strdup (possible ? _ ("set up, to a disk that is not encrypted")
                                      : _ ("not set up, or encrypted"));
  if (possible)
    finding->mend = g_strdup ("sudo systemctl mask hibernate.target hybrid-sleep.target "
                              "suspend-then-hibernate.target");
}

void
sg_look_runtime_directory (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  const char *dir = sg_host_getenv (host, "XDG_RUNTIME_DIR");

  finding->met = dir != NULL && g_path_is_absolute (dir) && access (dir, W_OK | X_OK) == 0;
  if (finding->met)
    finding->found = g_strdup (dir);
  else if (dir == NULL)
    finding->found = g_strdup (_ ("XDG_RUNTIME_DIR is not set"));
  else
    finding->found = g_strdup_printf (_ ("%s cannot be written"), dir);
}

void
sg_look_display (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  const char *wayland = sg_host_getenv (host, "WAYLAND_DISPLAY");
  const char *x11 = sg_host_getenv (host, "DISPLAY");

  finding->met = wayland != NULL || x11 != NULL;
  finding->found = wayland != NULL ? g_strdup_printf ("Wayland (%s)", wayland)
                   : x11 != NULL   ? g_strdup_printf ("X11 (%s)", x11)
                                   : g_strdup (_ ("neither WAYLAND_DISPLAY nor DISPLAY is set"));
}
