/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseimage/explain.h"

#include "baseimage/anonymous.h"
#include "baseimage/explain-internal.h"
#include "baseimage/guest-payload.h"
#include "baseimage/kernel.h"
#include "baseimage/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define LINK_HOPS_MAX 40

void
sg_explanation_free (SgExplanation *explanation)
{
  if (explanation == NULL)
    return;
  g_free (explanation->path);
  g_free (explanation->rule_path);
  g_free (explanation);
}

SgTree *
sg_explain_gather (const char *root, gboolean anonymous, const char *watch, SgScan **ret_scan,
                   GCancellable *cancellable, GError **error)
{
  g_autofree char *top = g_canonicalize_filename (root != NULL ? root : "/", NULL);
  g_autoptr (SgTree) tree = sg_tree_new ();
  g_autoptr (SgScan) scan = sg_scan_new (top, tree, cancellable, error);
  g_autoptr (SgKernel) kernel = sg_kernel_find (top, NULL);
  SgGuestFacts facts = { .root = top, .kernel_release = kernel != NULL ? kernel->release : "" };

  if (scan == NULL)
    return NULL;
  if (watch != NULL)
    sg_scan_watch (scan, watch);
  sg_gather_user (anonymous, &facts.user_uid, &facts.user_gid);
  if (!sg_gather_system (scan, facts.user_uid, facts.user_gid, NULL, NULL, error))
    return NULL;
  if (anonymous)
    sg_anonymise (scan);
  if (!sg_guest_payload_add (tree, &facts, error))
    return NULL;
  *ret_scan = g_steal_pointer (&scan);
  return g_steal_pointer (&tree);
}

/* ---- links on the way ---- */

/* PATH without links among its directories, as the host below ROOT has them.  (The last component
 * may be a link: that is what is asked about.)  Free with g_free(). */
static char *
resolve_parents (const char *root, const char *path)
{
  g_autofree char *rest = g_canonicalize_filename (path, "/");
  GString *done = g_string_new (NULL);
  guint hops = 0;

  for (char *at = rest; *at != '\0';)
    {
      at += strspn (at, "/");
      gsize len = strcspn (at, "/");
      gsize before = done->len;
      g_string_append_c (done, '/');
      g_string_append_len (done, at, (gssize)len);
      at += len;
      g_autofree char *full = g_build_filename (root, done->str, NULL);
      g_autofree char *target = *at != '\0' ? g_file_read_link (full, NULL) : NULL;
      if (target == NULL || ++hops > LINK_HOPS_MAX)
        continue;
      g_string_truncate (done, before);
      g_autofree char *folder = g_strdup (before > 0 ? done->str : "/");
      g_autofree char *led = g_canonicalize_filename (target, folder);
      char *again = g_build_filename (led, at, NULL);
      g_free (rest);
      at = rest = again;
      g_string_truncate (done, 0);
    }
  return g_string_free (done, FALSE);
}

/* ---- the answer ---- */

static const char *
kind_word (mode_t mode)
{
  return S_ISREG (mode) ? "file" : S_ISDIR (mode) ? "directory" : S_ISLNK (mode) ? "link" : "other";
}

static const char *
source_word (const SgInode *inode, const SgRule *rule)
{
  gboolean copied
      = rule != NULL && (rule->verdict == SG_RULE_COPIED || rule->verdict == SG_RULE_CLEANED);

  switch (inode->content)
    {
    case SG_CONTENT_LINKED:
      return "linked";
    case SG_CONTENT_GENERATED:
      return copied ? "copied" : "written";
    case SG_CONTENT_NONE:
    default:
      return NULL;
    }
}

/* What no rule speaks of, or what was written over what a rule let in, comes with Sandglass. */
static const SgRule *
rule_of_entry (const SgInode *inode, const SgRule *rule, const char *rule_path, const char *path)
{
  if (rule == NULL || strcmp (rule_path, path) != 0)
    return NULL;
  gboolean replaced = !S_ISDIR (inode->mode) && inode->mtime_sec == SG_EPOCH_SEC;
  return replaced && rule->verdict != SG_RULE_OURS ? NULL : rule;
}

SgExplanation *
sg_explain (const char *root, gboolean anonymous, const char *path, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (SgExplanation) said = g_new0 (SgExplanation, 1);
  g_autoptr (SgTree) tree = NULL;
  g_autoptr (SgScan) scan = NULL;
  const char *rule_path = NULL;
  struct stat st;

  said->path = resolve_parents (root != NULL ? root : "/", path);
  tree = sg_explain_gather (root, anonymous, said->path, &scan, cancellable, error);
  if (tree == NULL)
    return NULL;
  said->rule = sg_scan_watched (scan, &rule_path);
  said->rule_path = g_strdup (rule_path);
  const SgNode *node = sg_tree_lookup (tree, said->path);
  gboolean seen = fstatat (sg_scan_rootfd (scan), said->path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0;
  /* In a closed directory there may be anything. */
  gboolean there = seen || errno == EACCES;
  if (node != NULL)
    {
      said->where = SG_EXPLAIN_IN;
      said->kind = kind_word (node->inode->mode);
      said->source = source_word (node->inode, said->rule);
      said->rule = rule_of_entry (node->inode, said->rule, said->rule_path, said->path);
      return g_steal_pointer (&said);
    }
  said->where = there || (said->rule != NULL && said->rule->verdict == SG_RULE_OUT)
                    ? SG_EXPLAIN_OUT
                    : SG_EXPLAIN_NOWHERE;
  said->kind = seen ? kind_word (st.st_mode) : "other";
  if (said->rule == NULL)
    {
      said->rule = sg_rules_get (g_str_has_prefix (said->path, "/var/") ? "state" : "elsewhere");
      said->rule_path = g_strdup (said->path);
    }
  return g_steal_pointer (&said);
}

GPtrArray *
sg_explain_identifying (const char *root, gboolean anonymous, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (SgScan) scan = NULL;
  g_autoptr (SgTree) tree = sg_explain_gather (root, anonymous, NULL, &scan, cancellable, error);
  uid_t uid;
  gid_t gid;

  if (tree == NULL)
    return NULL;
  sg_gather_user (anonymous, &uid, &gid);
  return sg_identifying_in (tree, root, uid);
}
