/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/confine.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define READ_WRITE (READ | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* Every right of the interface's first version; later ones by the version that the kernel has. */
static guint64
all_rights (int version)
{
  guint64 rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

  if (version >= 2)
    rights |= 1ULL << 13; /* refer: links and moves between directories */
  if (version >= 3)
    rights |= 1ULL << 14; /* truncate */
  return rights;
}

static void
allow (int ruleset, guint64 rights, const char *path)
{
  struct landlock_path_beneath_attr rule = { .allowed_access = rights };
  sg_fd int fd = path != NULL ? open (path, O_PATH | O_CLOEXEC) : -1;
  struct stat st;

  if (fd < 0 || fstat (fd, &st) < 0)
    return; /* not here: nothing to allow */
  if (!S_ISDIR (st.st_mode))
    rule.allowed_access &= ~(guint64)LANDLOCK_ACCESS_FS_READ_DIR;
  rule.parent_fd = fd;
  syscall (SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static void
allow_in (int ruleset, const char *parent, const char *const *names)
{
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (parent, names[i], NULL);
      allow (ruleset, READ, path);
    }
}

/* Where programs, libraries, fonts, themes, and drivers are looked up, sometimes late. */
static void
allow_system (int ruleset)
{
  static const char *const readable[] = { "/usr",
                                          "/lib",
                                          "/lib32",
                                          "/lib64",
                                          "/etc",
                                          "/opt",
                                          "/nix/store",
                                          "/gnu/store",
                                          "/run/current-system",
                                          "/var/cache/fontconfig",
                                          "/var/lib/dbus",
                                          "/sys",
                                          "/proc/self",
                                          "/proc/sys",
                                          "/proc/cpuinfo",
                                          "/proc/meminfo",
                                          "/proc/filesystems" };
  static const char *const writable[] = { "/dev/null", "/dev/zero", "/dev/urandom", "/dev/dri" };
  const char *const *data = g_get_system_data_dirs ();
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *beside = self != NULL ? g_path_get_dirname (self) : NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (readable); i++)
    allow (ruleset, READ, readable[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (writable); i++)
    allow (ruleset, READ_WRITE, writable[i]);
  for (gsize i = 0; data[i] != NULL; i++)
    allow_in (ruleset, data[i],
              (const char *const[]){ "fonts", "icons", "themes", "locale", "glib-2.0", "mime",
                                     "X11", NULL });
  allow (ruleset, READ, beside); /* a build tree */
}

static void
allow_personal (int ruleset)
{
  const char *authority = g_getenv ("XAUTHORITY");

  allow_in (ruleset, g_get_user_config_dir (),
            (const char *const[]){ "gtk-3.0", "fontconfig", "dconf", NULL });
  allow_in (ruleset, g_get_user_data_dir (),
            (const char *const[]){ "fonts", "icons", "themes", "glib-2.0", NULL });
  allow_in (ruleset, g_get_user_cache_dir (), (const char *const[]){ "fontconfig", NULL });
  allow_in (
      ruleset, g_get_home_dir (),
      (const char *const[]){ ".fonts", ".icons", ".themes", ".XCompose", ".Xauthority", NULL });
  allow (ruleset, READ_FILE, authority);
}

/* What the sound server's library needs beside the system: its settings, its cookie, and the folder
 * of its socket.  No data folder of the person's. */
static void
allow_sound (int ruleset)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "pulse", NULL);
  g_autofree char *old = g_build_filename (g_get_home_dir (), ".pulse-cookie", NULL);

  allow_in (ruleset, g_get_user_config_dir (), (const char *const[]){ "pulse", NULL });
  allow (ruleset, READ, socket);
  allow (ruleset, READ_FILE, old);
  allow (ruleset, READ_FILE, g_getenv ("PULSE_COOKIE"));
}

static gboolean
limit_files (void (*allow_own) (int ruleset))
{
  int version
      = (int)syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  struct landlock_ruleset_attr attr = { 0 };
  sg_fd int ruleset = -1;

  if (version < 1)
    return FALSE;
  attr.handled_access_fs = all_rights (version);
  ruleset = (int)syscall (SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
  if (ruleset < 0)
    return FALSE;
  allow_system (ruleset);
  allow_own (ruleset);
  return syscall (SYS_landlock_restrict_self, ruleset, 0) == 0;
}

static gboolean
confine (void (*allow_own) (int ruleset), gboolean *ret_files, GError **error)
{
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return sg_errno (error, "The window's process cannot be confined");
  *ret_files = limit_files (allow_own);
  return TRUE;
}

gboolean
sg_confine_files (gboolean *ret_files, GError **error)
{
  return confine (allow_personal, ret_files, error);
}

gboolean
sg_confine_sound_files (gboolean *ret_files, GError **error)
{
  return confine (allow_sound, ret_files, error);
}
