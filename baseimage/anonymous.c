/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy that does not tell which computer it is of.
 *
 * What is taken out is what `base explain --identifying` finds, by the same search, so that the two
 * cannot drift apart; asked about an anonymous copy, it must find nothing but the language, the
 * version of the system and the distribution's own servers.  Beyond the list:
 *
 * - All of /usr/local goes, not only its programs.
 * - A certificate that was added by hand is also in the bundles that are made from it.  There each
 *   is looked for by its bytes (DER), whatever the bundle's text calls it; a binary store of
 *   certificates goes as a whole where there are any.
 *
 * Which packages are installed stays, and can be told from inside: the sandbox is made of them. */
#include "baseimage/anonymous.h"

#include "baseimage/accounts.h"
#include "common/fd.h"

#include <string.h>
#include <sys/stat.h>

#define CERTIFICATE_MAX (1u << 20)
#define LINK_ROUNDS 4 /* links to links to what was taken out */

typedef struct
{
  SgScan *scan;
  SgTree *tree;
  GPtrArray *certificates; /* GBytes, DER; owned */
} Work;

static void
take_out (Work *work, const char *path)
{
  /* The scanner's list may hold the path's bytes: they are gone from the tree after this. */
  sg_scan_decide (work->scan, path, sg_rules_get ("anonymous"));
  sg_tree_remove (work->tree, path);
}

/* ---- certificates in PEM ---- */

typedef struct
{
  const char *begin, *end; /* the whole block with its last line */
  GBytes *der;             /* owned */
} Block;

/* The next certificate at or after AT; FALSE when there is none. */
static gboolean
next_block (const char *at, Block *ret_block)
{
  static const char first[] = "-----BEGIN ", last[] = "-----END ";

  const char *begin = strstr (at, first);
  const char *line = begin != NULL ? strchr (begin, '\n') : NULL;
  const char *end = line != NULL ? strstr (line, last) : NULL;
  gsize len;

  if (end == NULL)
    return FALSE;
  g_autofree char *body = g_strndup (line, (gsize)(end - line));
  guchar *der = g_base64_decode (body, &len);
  ret_block->begin = begin;
  ret_block->end = end + strcspn (end, "\n");
  ret_block->end += *ret_block->end == '\n';
  ret_block->der = g_bytes_new_take (der, len);
  return TRUE;
}

/* "TRUSTED CERTIFICATE" has more behind the certificate. */
static gboolean
is_by_hand (const Work *work, GBytes *der)
{
  gsize len, known_len;
  const void *data = g_bytes_get_data (der, &len);

  for (guint i = 0; i < work->certificates->len; i++)
    {
      const void *known = g_bytes_get_data (work->certificates->pdata[i], &known_len);
      if (len >= known_len && memcmp (data, known, known_len) == 0)
        return TRUE;
    }
  return FALSE;
}

/* TEXT without the certificates added by hand and the comments before them; NULL when it has none
 * of them.  *ret_left: how many stay. */
static char *
without_ours (const Work *work, const char *text, guint *ret_left)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean found = FALSE;
  const char *at = text;
  Block block;

  for (*ret_left = 0; next_block (at, &block); at = block.end)
    {
      g_autoptr (GBytes) der = block.der;
      if (is_by_hand (work, der))
        found = TRUE;
      else
        {
          g_string_append_len (out, at, (gssize)(block.end - at));
          (*ret_left)++;
        }
    }
  g_string_append (out, at);
  return found ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

/* ---- the certificates that were added by hand ---- */

static void
add_certificates (Work *work, const char *data, gsize len)
{
  g_autofree char *text = g_strndup (data, len);
  const char *at = text;
  Block block;

  if (strstr (text, "-----BEGIN ") == NULL && len > 0)
    g_ptr_array_add (work->certificates, g_bytes_new (data, len));
  for (; next_block (at, &block); at = block.end)
    if (g_bytes_get_size (block.der) > 0)
      g_ptr_array_add (work->certificates, block.der);
    else
      g_bytes_unref (block.der);
}

static void
read_certificates (Work *work, const char *path)
{
  SgNode *node = sg_tree_lookup (work->tree, path);

  for (guint i = 0; node != NULL && S_ISDIR (node->inode->mode) && i < node->n_children; i++)
    {
      g_autofree char *below = g_build_filename (path, node->children[i]->name, NULL);
      read_certificates (work, below);
    }
  if (node == NULL || !S_ISREG (node->inode->mode))
    return;
  g_autofree char *data = g_malloc (CERTIFICATE_MAX);
  sg_fd int fd = sg_scan_open (work->scan, path);
  gssize n = fd >= 0 ? sg_read_all (fd, data, CERTIFICATE_MAX, NULL) : -1;
  if (n > 0)
    add_certificates (work, data, (gsize)n);
}

/* ---- where they were put ---- */

static void
clean_file (Work *work, const char *path, const SgInode *inode)
{
  const char *name = strrchr (path, '/') + 1;
  gsize len;
  guint left;

  if (g_str_has_prefix (name, "cacerts"))
    {
      take_out (work, path);
      return;
    }
  const char *data = g_bytes_get_data (inode->data, &len);
  g_autofree char *text = g_strndup (data, len);
  g_autofree char *cleaned = without_ours (work, text, &left);
  if (cleaned == NULL)
    return;
  if (left == 0)
    take_out (work, path);
  else
    sg_tree_put_file (work->tree, path, inode->mode & 07777, inode->uid, inode->gid, cleaned,
                      strlen (cleaned));
}

/* Paths below PATH for which WANTED holds; the tree may be changed while they are gone through. */
static void
collect (const SgNode *dir, const char *path, gboolean (*wanted) (const SgInode *inode),
         GPtrArray *paths)
{
  for (guint i = 0; dir != NULL && i < dir->n_children; i++)
    {
      const SgNode *node = dir->children[i];
      g_autofree char *full = g_build_filename (path, node->name, NULL);
      if (wanted (node->inode))
        g_ptr_array_add (paths, g_strdup (full));
      if (S_ISDIR (node->inode->mode))
        collect (node, full, wanted, paths);
    }
}

static gboolean
is_copied_file (const SgInode *inode)
{
  return S_ISREG (inode->mode) && inode->content == SG_CONTENT_GENERATED;
}

static gboolean
is_link (const SgInode *inode)
{
  return S_ISLNK (inode->mode);
}

static void
clean_bundles (Work *work)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  if (work->certificates->len == 0)
    return;
  collect (sg_tree_lookup (work->tree, "/etc"), "/etc", is_copied_file, paths);
  for (guint i = 0; i < paths->len; i++)
    clean_file (work, paths->pdata[i], sg_tree_lookup (work->tree, paths->pdata[i])->inode);
}

/* Links of DIR to what is not there (any more). */
static void
take_out_dangling (Work *work, const char *dir)
{
  for (guint round = 0; round < LINK_ROUNDS; round++)
    {
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      collect (sg_tree_lookup (work->tree, dir), dir, is_link, paths);
      for (guint i = 0; i < paths->len; i++)
        {
          const SgNode *node = sg_tree_lookup (work->tree, paths->pdata[i]);
          g_autofree char *folder = g_path_get_dirname (paths->pdata[i]);
          g_autofree char *target = g_canonicalize_filename (node->inode->target, folder);
          if (sg_tree_lookup (work->tree, target) == NULL)
            take_out (work, paths->pdata[i]);
        }
    }
}

/* ---- the rest ---- */

static void
take_out_children (Work *work, const char *path)
{
  SgNode *dir = sg_tree_lookup (work->tree, path);

  while (dir != NULL && dir->n_children > 0)
    {
      g_autofree char *full
          = g_build_filename (path, dir->children[dir->n_children - 1]->name, NULL);
      take_out (work, full);
    }
}

/* Its folders stay, for programs look into them. */
static void
empty_local (Work *work)
{
  SgNode *local = sg_tree_lookup (work->tree, "/usr/local");
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; local != NULL && i < local->n_children; i++)
    g_ptr_array_add (paths, g_build_filename ("/usr/local", local->children[i]->name, NULL));
  for (guint i = 0; i < paths->len; i++)
    if (S_ISDIR (sg_tree_lookup (work->tree, paths->pdata[i])->inode->mode))
      take_out_children (work, paths->pdata[i]);
    else
      take_out (work, paths->pdata[i]);
}

static void
set_time_zone (Work *work)
{
  static const char *const zones[] = { "/usr/share/zoneinfo/Etc/UTC", "/usr/share/zoneinfo/UTC" };

  sg_tree_remove (work->tree, "/etc/localtime");
  for (gsize i = 0; i < G_N_ELEMENTS (zones); i++)
    if (sg_tree_lookup (work->tree, zones[i]) != NULL)
      {
        sg_tree_put_link (work->tree, "/etc/localtime", zones[i]);
        break;
      }
  if (sg_tree_lookup (work->tree, "/etc/timezone") != NULL)
    sg_tree_put_file (work->tree, "/etc/timezone", 0644, 0, 0, "Etc/UTC\n", 8);
}

static void
take_out_found (Work *work)
{
  const char *root = sg_scan_root (work->scan);
  g_autoptr (GPtrArray) found
      = sg_identifying_in (work->tree, root[0] != '\0' ? root : "/", SG_USUAL_UID);

  for (guint i = 0; i < found->len; i++)
    {
      const SgIdentifying *one = found->pdata[i];
      if (!one->stays && one->path != NULL && sg_tree_lookup (work->tree, one->path) != NULL)
        take_out (work, one->path);
    }
}

void
sg_anonymise (SgScan *scan)
{
  g_autoptr (GPtrArray) certificates
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  Work work = { scan, sg_scan_tree (scan), certificates };

  for (gsize i = 0; sg_identifying_anchors[i] != NULL; i++)
    read_certificates (&work, sg_identifying_anchors[i]);
  set_time_zone (&work);
  take_out_found (&work);
  empty_local (&work);
  clean_bundles (&work);
  take_out_dangling (&work, "/etc/ssl/certs");
  take_out_dangling (&work, "/etc/pki");
  take_out_dangling (&work, "/etc/ca-certificates");
}
