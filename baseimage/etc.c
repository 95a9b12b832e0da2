/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/etc.h"

#include "baseimage/guest/administrators.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  const char *path;
  mode_t perm;
} Folder;

static void
add_folders (SgTree *tree, const Folder *folders, gsize n, gboolean replace)
{
  for (gsize i = 0; i < n; i++)
    if (replace || sg_tree_lookup (tree, folders[i].path) == NULL)
      sg_tree_put_dir (tree, folders[i].path, folders[i].perm, 0, 0);
}

void
sg_etc_add_folders (SgTree *tree)
{
  static const Folder folders[] = {
    { "/boot", 0755 }, { "/dev", 0755 }, { "/etc", 0755 },  { "/home", 0755 }, { "/media", 0755 },
    { "/mnt", 0755 },  { "/opt", 0755 }, { "/proc", 0555 }, { "/root", 0700 }, { "/run", 0755 },
    { "/srv", 0755 },  { "/sys", 0555 }, { "/tmp", 01777 }, { "/var", 0755 },
  };

  add_folders (tree, folders, G_N_ELEMENTS (folders), TRUE);
}

void
sg_etc_add_var (SgTree *tree)
{
  static const Folder folders[] = {
    { "/var/cache", 0755 },    { "/var/lib", 0755 },        { "/var/lib/misc", 0755 },
    { "/var/local", 0755 },    { "/var/log", 0755 },        { "/var/opt", 0755 },
    { "/var/spool", 0755 },    { "/var/spool/mail", 0755 }, { "/var/empty", 0755 },
    { "/var/lib/dbus", 0755 },
  };

  add_folders (tree, folders, G_N_ELEMENTS (folders), FALSE);
  sg_tree_put_dir (tree, "/var/tmp", 01777, 0, 0);
  sg_tree_put_link (tree, "/var/run", "/run");
  sg_tree_put_link (tree, "/var/lock", "/run/lock");
  sg_tree_put_link (tree, "/var/lib/dbus/machine-id", "/etc/machine-id");
}

/* ---- who may log in ---- */

/* The lines of one gate.  pam_unix knows the accounts of this sandbox; pam_systemd gives a session
 * where it is installed ('-': no word when it is not). */
#define PAM_AUTH "auth required pam_unix.so nullok try_first_pass\n"
#define PAM_ACCOUNT "account required pam_unix.so\n"
#define PAM_PASSWORD "password required pam_unix.so nullok\n"
#define PAM_SESSION "session required pam_unix.so\n-session optional pam_systemd.so\n"
#define PAM_QUIET_SESSION "session required pam_unix.so\n"
#define PAM_ALL PAM_AUTH PAM_ACCOUNT PAM_PASSWORD PAM_SESSION
/* Administrators may become anybody: everything here is thrown away.  Who is one is listed in a file
 * of the payload, which the agent empties for a sandbox without an administrator. */
#define PAM_SU                                                                                     \
  "auth sufficient pam_rootok.so\n"                                                                \
  "auth [success=done default=ignore] pam_listfile.so quiet item=ruser sense=allow onerr=fail "     \
  "file=" SG_GUEST_ADMINISTRATORS "\n" PAM_AUTH PAM_ACCOUNT PAM_PASSWORD PAM_QUIET_SESSION

static const struct
{
  const char *name, *text;
} pam[] = {
  { "common-auth", PAM_AUTH },
  { "common-account", PAM_ACCOUNT },
  { "common-password", PAM_PASSWORD },
  { "common-session", PAM_SESSION },
  { "common-session-noninteractive", PAM_QUIET_SESSION },
  { "system-auth", PAM_ALL },
  { "password-auth", PAM_ALL },
  { "system-login", PAM_ALL },
  { "system-local-login", PAM_ALL },
  { "system-remote-login", PAM_ALL },
  { "system-services", PAM_ALL },
  { "postlogin", "session optional pam_permit.so\n" },
  { "fingerprint-auth", "auth required pam_deny.so\n" },
  { "smartcard-auth", "auth required pam_deny.so\n" },
  { "su", PAM_SU },
  { "su-l", PAM_SU },
};

static void
put_text (SgTree *tree, const char *path, mode_t perm, const char *text)
{
  sg_tree_put_file (tree, path, perm, 0, 0, text, strlen (text));
}

/* All of them, whatever the distribution calls its own: an extra gate harms nobody, a missing one
 * locks the door. */
static void
add_pam (SgTree *tree)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pam); i++)
    {
      g_autofree char *path = g_build_filename ("/etc/pam.d", pam[i].name, NULL);
      g_autofree char *text = g_strconcat ("#%PAM-1.0\n", pam[i].text, NULL);
      put_text (tree, path, 0644, text);
    }
}

/* ---- files ---- */

static const struct
{
  const char *path;
  mode_t perm;
  const char *text;
} files[] = {
  { "/etc/hostname", 0644, "sandbox\n" },
  { "/etc/hosts", 0644,
    "127.0.0.1\tlocalhost\n127.0.1.1\tsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n" },
  { "/etc/resolv.conf", 0644, "# Filled in when the sandbox has a network.\n" },
  { "/etc/nsswitch.conf", 0644,
    "passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files dns\n"
    "networks: files\nprotocols: files\nservices: files\nethers: files\nrpc: files\n"
    "netgroup: files\n" },
  { "/etc/fstab", 0644, "# The sandbox's disks are mounted before this is read.\n" },
  /* Valid, so that nothing takes this for a first boot; the agent gives each sandbox its own. */
  { "/etc/machine-id", 0444, "5a6e646f6c617373a0b1c2d3e4f50617\n" },
  { "/etc/adjtime", 0644, "0.0 0 0.0\n0\nUTC\n" },
  { "/etc/sudoers", 0440,
    "Defaults env_reset\n"
    "Defaults secure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n"
    "root ALL=(ALL:ALL) ALL\n"
    "@includedir /etc/sudoers.d\n" },
};

/* systemd compares these with the time of /usr to learn whether it was updated (systemd.unit(5),
 * ConditionNeedsUpdate=); it was not, so nothing is set up again. */
static void
add_updated (SgTree *tree)
{
  static const char *const paths[] = { "/etc/.updated", "/var/.updated" };
  const SgNode *usr = sg_tree_lookup (tree, "/usr");

  if (usr == NULL)
    return;
  g_autofree char *text = g_strdup_printf ("TIMESTAMP_NSEC=%" G_GINT64_FORMAT "\n",
                                           usr->inode->mtime_sec * G_GINT64_CONSTANT (1000000000)
                                               + usr->inode->mtime_nsec);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      SgNode *node = sg_tree_put_file (tree, paths[i], 0644, 0, 0, text, strlen (text));
      node->inode->mtime_sec = usr->inode->mtime_sec;
      node->inode->mtime_nsec = usr->inode->mtime_nsec;
    }
}

void
sg_etc_add_files (SgTree *tree)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    put_text (tree, files[i].path, files[i].perm, files[i].text);
  sg_tree_put_link (tree, "/etc/mtab", "../proc/self/mounts");
  sg_tree_put_dir (tree, "/etc/sudoers.d", 0750, 0, 0);
  add_pam (tree);
  add_updated (tree);
}
