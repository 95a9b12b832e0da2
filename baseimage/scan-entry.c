/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One entry: what it is, what the rules say, and what of it has to be read now. */
#include "baseimage/scan-internal.h"

#include "baseimage/sources-clean.h"
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* What is copied is small: a few hundred kilobytes, some megabytes of dpkg's status.  Nothing that
 * is to be copied is linked instead: who serves the base does not see /etc. */
#define COPY_MAX (64u << 20)
#define ETC_COPY_MAX (8u << 20)

#define WANTED_STATX (STATX_BASIC_STATS | STATX_BTIME)

void
sg_entry_clear (SgEntry *entry)
{
  g_clear_pointer (&entry->target, g_free);
  g_clear_pointer (&entry->data, g_bytes_unref);
  g_clear_pointer (&entry->cap, g_free);
}

static void
take_facts (SgEntry *entry, const struct statx *sx)
{
  entry->mode = sx->stx_mode;
  entry->uid = sx->stx_uid;
  entry->gid = sx->stx_gid;
  entry->nlink = sx->stx_nlink;
  entry->identity = (SgIdentity){
    .dev = makedev (sx->stx_dev_major, sx->stx_dev_minor),
    .ino = sx->stx_ino,
    .mtime_sec = sx->stx_mtime.tv_sec,
    .mtime_nsec = sx->stx_mtime.tv_nsec,
    .size = sx->stx_size,
  };
  if (sx->stx_mask & STATX_BTIME)
    {
      entry->identity.btime_sec = sx->stx_btime.tv_sec;
      entry->identity.btime_nsec = sx->stx_btime.tv_nsec;
    }
}

/* ---- contents that are wanted now ---- */

/* The whole file, when it is small and stays the same while it is read. */
static GBytes *
read_contents (const SgLook *look, const char *name, const SgEntry *entry)
{
  sg_fd int fd = openat (look->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat st;
  gsize size = entry->identity.size;

  if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || (gsize)st.st_size != size)
    return NULL;
  g_autofree char *data = g_malloc (size + 1);
  gssize n = sg_read_all (fd, data, size + 1, NULL);
  return n == (gssize)size ? g_bytes_new_take (g_steal_pointer (&data), size) : NULL;
}

static GBytes *
contents_of (SgLook *look)
{
  SgEntry *entry = look->entry;

  gsize most = look->zone == SG_ZONE_ETC ? ETC_COPY_MAX : COPY_MAX;

  if (!look->tried_data && S_ISREG (entry->mode) && entry->identity.size <= most)
    entry->data = read_contents (look, look->entry_name, entry);
  look->tried_data = TRUE;
  return entry->data;
}

/* The rules ask; only now, and only in /etc, is a file read to compare it with its package's. */
static SgOwned
answer_owned (const char *path, gpointer data)
{
  SgLook *look = data;
  SgPackages *packages = sg_scan_packages (look->scan);
  gboolean in_etc = look->zone == SG_ZONE_ETC && (look->entry->mode & S_IROTH) != 0;
  GBytes *bytes = in_etc ? contents_of (look) : NULL;
  gsize len = 0;
  const void *text = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;

  return sg_packages_owned (packages, path, text, len);
}

/* Every file of /etc that is taken though no package vouches for its contents is looked through. */
static gboolean
has_secret_inside (SgLook *look)
{
  GBytes *bytes = look->zone == SG_ZONE_ETC ? contents_of (look) : NULL;
  gsize len;

  if (bytes == NULL)
    return FALSE;
  const char *text = g_bytes_get_data (bytes, &len);
  return sg_rules_holds_secret (text, len)
         && sg_packages_owned (sg_scan_packages (look->scan), look->scratch->str, text, len)
                != SG_OWNED_INTACT;
}

static void
take_regular (SgLook *look, const char *name)
{
  SgEntry *entry = look->entry;
  SgVerdict verdict = entry->rule->verdict;

  if (verdict == SG_RULE_CLEANED)
    {
      g_autoptr (GBytes) raw = contents_of (look) != NULL ? g_steal_pointer (&entry->data) : NULL;
      if (raw != NULL)
        entry->data = sg_clean (look->scratch->str, raw);
      if (entry->data == NULL)
        entry->rule = sg_rules_get ("went-away");
      return;
    }
  if (has_secret_inside (look))
    {
      entry->rule = sg_rules_get ("etc-secret-inside");
      return;
    }
  if (verdict != SG_RULE_COPIED)
    g_clear_pointer (&entry->data, g_bytes_unref);
  else if (contents_of (look) == NULL)
    entry->rule = sg_rules_get (entry->identity.size > ETC_COPY_MAX ? "too-large" : "went-away");
}

/* ---- the parts that are no contents ---- */

static void
take_link (const SgLook *look, const char *name, SgEntry *entry)
{
  char target[PATH_MAX];
  ssize_t n = readlinkat (look->fd, name, target, sizeof target);

  if (n > 0 && (gsize)n < sizeof target)
    entry->target = g_strndup (target, (gsize)n);
  else
    entry->rule = sg_rules_get ("went-away");
}

/* File capabilities: the one attribute that changes what a program may do. */
static void
take_capabilities (SgLook *look, const char *name, SgEntry *entry)
{
  guint8 value[64];
  g_autofree char *full = g_strconcat (sg_scan_root (look->scan), look->scratch->str, NULL);
  ssize_t n = lgetxattr (full, "security.capability", value, sizeof value);

  if (n <= 0)
    return;
  entry->cap = g_memdup2 (value, (gsize)n);
  entry->cap_len = (gsize)n;
}

/* ---- mounts ---- */

static gboolean
is_mounted (const SgLook *look, const struct statx *sx)
{
  if (sx->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
    return (sx->stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  return S_ISDIR (sx->stx_mode) && makedev (sx->stx_dev_major, sx->stx_dev_minor) != look->dev;
}

static gboolean
is_foreign (const SgLook *look, const char *name, const struct statx *sx)
{
  if (!is_mounted (look, sx))
    return FALSE;
  sg_fd int fd = openat (look->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0
         || !sg_scan_is_system_fs (look->scan, fd, makedev (sx->stx_dev_major, sx->stx_dev_minor));
}

/* ---- all of it ---- */

static void
judge (SgLook *look, const char *name, const struct statx *sx)
{
  SgEntry *entry = look->entry;
  SgFacts facts = {
    .path = look->scratch->str, .mode = entry->mode, .uid = entry->uid, .size = entry->identity.size
  };

  if (look->scratch->len >= PATH_MAX)
    entry->rule = sg_rules_get ("path-too-long");
  else if (is_foreign (look, name, sx))
    entry->rule = sg_rules_get ("other-file-system");
  else
    entry->rule = sg_rules_judge (look->zone, &facts, &look->ask);
}

void
sg_entry_look (SgLook *look, const char *name, SgEntry *entry)
{
  struct statx sx;

  look->ask = (SgRuleAsk){ answer_owned, look, sg_scan_owner (look->scan) };
  look->entry = entry;
  look->entry_name = name;
  look->tried_data = FALSE;
  g_string_truncate (look->scratch, 0);
  g_string_append (look->scratch, look->path);
  g_string_append_c (look->scratch, '/');
  g_string_append (look->scratch, name);
  if (statx (look->fd, name, AT_SYMLINK_NOFOLLOW | AT_STATX_SYNC_AS_STAT | AT_NO_AUTOMOUNT,
             WANTED_STATX, &sx)
      < 0)
    {
      entry->rule = errno == ENOENT ? NULL : sg_rules_get ("went-away");
      return;
    }
  take_facts (entry, &sx);
  judge (look, name, &sx);
  if (!sg_rule_is_in (entry->rule) || entry->rule->verdict == SG_RULE_OURS)
    return;
  if (S_ISLNK (entry->mode))
    take_link (look, name, entry);
  else if (S_ISREG (entry->mode))
    take_regular (look, name);
  if (S_ISREG (entry->mode) && (entry->mode & 0111) != 0 && sg_rule_is_in (entry->rule))
    take_capabilities (look, name, entry);
}
