/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/accounts.h"
#include "baseimage/etc.h"
#include "baseimage/sources.h"
#include "common/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCOUNTS_MAX (4u << 20) /* bytes of /etc/passwd that are looked at */

void
sg_gather_user (gboolean anonymous, uid_t *ret_uid, gid_t *ret_gid)
{
  sg_accounts_choose (anonymous ? 0 : getuid (), anonymous ? 0 : getgid (), ret_uid, ret_gid);
}

/* ---- before the scan: what to look at ---- */

/* Names directly below the root's directory PATH.  Free with g_ptr_array_unref(). */
static GPtrArray *
list (SgScan *scan, const char *path)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  int fd = openat (sg_scan_rootfd (scan), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (dir != NULL)
    closedir (dir);
  return names;
}

/* /opt/X is in when a package has it, or anything in it that is named in the database. */
static void
add_opt (SgScan *scan)
{
  g_autoptr (GPtrArray) names = list (scan, "opt");
  gboolean no_database = names->len > 0 && sg_packages_kind (sg_scan_packages (scan)) == NULL;

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename ("/opt", g_ptr_array_index (names, i), NULL);
      struct stat st;
      gboolean ours = no_database
                          ? fstatat (sg_scan_rootfd (scan), path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0
                                && st.st_uid == sg_scan_owner (scan)
                          : sg_packages_owns (sg_scan_packages (scan), path);
      if (ours)
        sg_scan_add (scan, path, SG_ZONE_OPT);
      else
        sg_scan_decide (scan, path, sg_rules_get ("opt-other"));
    }
}

static gboolean
is_one_of (const char *name, const char *const *names)
{
  for (; *names != NULL; names++)
    if (strcmp (name, *names) == 0)
      return TRUE;
  return FALSE;
}

static const char *const system_dirs[]
    = { "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "libo32", "libexec", NULL };
static const char *const looked_at[] = { "etc", "opt", "var", NULL };
static const char *const homes[] = { "home", "root", NULL };
static const char *const mount_points[]
    = { "dev", "proc", "sys", "run", "tmp", "mnt", "media", "srv", "boot", "lost+found", NULL };

static void
add_top (SgScan *scan)
{
  g_autoptr (GPtrArray) names = list (scan, ".");

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_strconcat ("/", name, NULL);
      if (is_one_of (name, system_dirs))
        sg_scan_add (scan, path, SG_ZONE_USR);
      else if (is_one_of (name, homes))
        sg_scan_decide (scan, path, sg_rules_get ("homes"));
      else if (is_one_of (name, mount_points))
        sg_scan_decide (scan, path, sg_rules_get ("mount-points"));
      else if (!is_one_of (name, looked_at))
        sg_scan_decide (scan, path, sg_rules_get ("elsewhere"));
    }
  sg_scan_add (scan, "/var/lib", SG_ZONE_VAR);
  sg_scan_add (scan, "/var/cache", SG_ZONE_VAR);
  sg_scan_add (scan, "/etc", SG_ZONE_ETC);
}

/* ---- after it ---- */

static void
add_skeleton_dir (const char *path, gpointer data)
{
  SgScan *scan = data;

  /* Where a whole directory is taken or left out, nothing is added to it. */
  if (g_str_has_prefix (path, "/var/run/") || g_str_has_prefix (path, "/var/lock/"))
    return;
  if (sg_tree_lookup (sg_scan_tree (scan), path) == NULL && sg_scan_take_dir (scan, path))
    sg_scan_decide (scan, path, sg_rules_get ("skeleton"));
}

/* A package's directory in /etc whose contents are left out is there, empty; what the list says of
 * it stays true. */
static void
add_etc_dir (const char *path, gpointer data)
{
  SgScan *scan = data;

  if (sg_tree_lookup (sg_scan_tree (scan), path) == NULL)
    sg_scan_take_dir (scan, path);
}

/* Directories of /etc in which nothing was taken, unless a package has them. */
static void
prune (SgScan *scan, SgNode *dir, const char *path)
{
  for (guint i = dir->n_children; i > 0; i--)
    {
      SgNode *child = dir->children[i - 1];
      if (!S_ISDIR (child->inode->mode))
        continue;
      g_autofree char *full = g_build_filename (path, child->name, NULL);
      prune (scan, child, full);
      if (child->n_children == 0 && sg_packages_kind (sg_scan_packages (scan)) != NULL
          && !sg_packages_owns (sg_scan_packages (scan), full))
        sg_tree_remove (sg_scan_tree (scan), full);
    }
}

static char *
read_host (SgScan *scan, const char *path)
{
  sg_fd int fd = sg_scan_open (scan, path);
  g_autofree char *text = g_malloc (ACCOUNTS_MAX + 1);
  gssize n = fd >= 0 ? sg_read_all (fd, text, ACCOUNTS_MAX, NULL) : -1;

  if (n < 0)
    return NULL;
  text[n] = '\0';
  return g_strdup (text);
}

static void
write_ours (SgScan *scan, uid_t uid, gid_t gid)
{
  SgTree *tree = sg_scan_tree (scan);
  g_autofree char *passwd = read_host (scan, "/etc/passwd");
  g_autofree char *group = read_host (scan, "/etc/group");
  SgHostAccounts accounts = { passwd, group };
  gboolean bash = sg_tree_lookup (tree, "/usr/bin/bash") != NULL
                  || sg_tree_lookup (tree, "/bin/bash") != NULL;

  sg_accounts_add (tree, &accounts, uid, gid, bash ? "/bin/bash" : "/bin/sh");
  sg_etc_add_folders (tree);
  sg_etc_add_var (tree);
  sg_etc_add_files (tree);
}

/* ---- snaps ---- */

/* A snap is an image of its own under a daemon of its own; its programs are not plain files. */
static void
note_snaps_in (SgScan *scan, const char *dir)
{
  g_autoptr (GPtrArray) names = list (scan, dir + 1);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (dir, name, NULL);
      if (strcmp (name, "bin") != 0 && strcmp (name, "README") != 0)
        sg_scan_decide (scan, path, sg_rules_get ("snap"));
    }
}

static void
note_snaps (SgScan *scan)
{
  note_snaps_in (scan, "/snap");
  note_snaps_in (scan, "/var/lib/snapd/snap"); /* where /snap is a link or not there */
}

gboolean
sg_gather_system (SgScan *scan, uid_t uid, gid_t gid, SgBaseProgress progress, gpointer data,
                  GError **error)
{
  SgTree *tree = sg_scan_tree (scan);

  sg_tree_set_epoch (tree, SG_EPOCH_SEC);
  add_top (scan);
  if (!sg_scan_run (scan, progress, data, error))
    return FALSE;
  add_opt (scan); /* which has to wait for the package database */
  if (!sg_scan_run (scan, progress, data, error))
    return FALSE;
  sg_packages_each (sg_scan_packages (scan), "/var/", add_skeleton_dir, scan);
  sg_packages_each (sg_scan_packages (scan), "/etc/", add_etc_dir, scan);
  if (sg_packages_problem (sg_scan_packages (scan)) != NULL)
    sg_scan_decide (scan, "/var/lib/rpm", sg_rules_get ("database-unread"));
  SgNode *etc = sg_tree_lookup (tree, "/etc");
  if (etc != NULL && S_ISDIR (etc->inode->mode))
    prune (scan, etc, "/etc");
  write_ours (scan, uid, gid);
  note_snaps (scan);
  return TRUE;
}
