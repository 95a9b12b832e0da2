/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stranger inside could learn.  The list is made from the tree as it would be built, not
 * from what we hope to have left out: a host's name is searched for in every copied file. */
#include "baseimage/accounts.h"
#include "baseimage/anonymous.h"
#include "baseimage/explain.h"
#include "baseimage/scan.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *const sg_identifying_anchors[]
    = { "/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors",
        "/etc/ca-certificates/trust-source/anchors", NULL };

typedef struct
{
  GPtrArray *found;
  SgTree *tree;
  char *host_name; /* owned */
  char **people;   /* owned */
} Search;

static void
identifying_free (gpointer data)
{
  SgIdentifying *one = data;

  g_free (one->value);
  g_free (one->path);
  g_free (one);
}

static SgIdentifying *
add (Search *search, const char *topic, const char *path, const char *value)
{
  SgIdentifying *one = g_new0 (SgIdentifying, 1);

  one->topic = topic;
  one->value = g_utf8_make_valid (value, -1);
  one->path = g_strdup (path);
  g_ptr_array_add (search->found, one);
  return one;
}

/* Where distributions' packages come from; any other server may be a company's own. */
static gboolean
is_public_source (const char *url)
{
  static const char *const hosts[]
      = { "debian.org",    "ubuntu.com",          "fedoraproject.org", "archlinux.org",
          "opensuse.org",  "rockylinux.org",      "almalinux.org",     "centos.org",
          "linuxmint.com", "launchpadcontent.net" };
  const char *host = strstr (url, "://") + 3;
  gsize len = strcspn (host, "/:");

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      gsize n = strlen (hosts[i]);
      if (len >= n && strncmp (host + len - n, hosts[i], n) == 0
          && (len == n || host[len - n - 1] == '.'))
        return TRUE;
    }
  return FALSE;
}

/* ---- single files ---- */

static void
add_first_line (Search *search, const char *topic, const char *path, gboolean stays)
{
  const SgNode *node = sg_tree_lookup (search->tree, path);
  gsize len;

  if (node == NULL)
    return;
  if (S_ISLNK (node->inode->mode))
    {
      add (search, topic, path, node->inode->target)->stays = stays;
      return;
    }
  if (node->inode->content != SG_CONTENT_GENERATED)
    return;
  const char *data = g_bytes_get_data (node->inode->data, &len);
  g_autofree char *text = g_strndup (data, len);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_strstrip (*line)[0] != '\0' && (*line)[0] != '#')
      {
        add (search, topic, path, *line)->stays = stays;
        return;
      }
}

/* Every child of a directory that is there because somebody put it there. */
static void
add_children (Search *search, const char *topic, const char *path)
{
  const SgNode *dir = sg_tree_lookup (search->tree, path);

  for (guint i = 0; dir != NULL && i < dir->n_children; i++)
    {
      g_autofree char *full = g_build_filename (path, dir->children[i]->name, NULL);
      add (search, topic, full, dir->children[i]->name);
    }
}

/* Hosts that packages come from. */
static void
add_sources (Search *search, const char *path, const SgNode *node)
{
  gsize len;

  if (node->inode->content != SG_CONTENT_GENERATED)
    return;
  const char *data = g_bytes_get_data (node->inode->data, &len);
  g_autofree char *text = g_strndup (data, len);
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n=", -1);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (char **word = words; *word != NULL; word++)
    if (strstr (*word, "://") != NULL && g_hash_table_add (seen, *word))
      add (search, "source of packages", path, *word)->stays = is_public_source (*word);
}

static void
add_all_sources (Search *search)
{
  static const char *const dirs[]
      = { "/etc/apt/sources.list.d", "/etc/yum.repos.d", "/etc/zypp/repos.d" };
  const SgNode *single = sg_tree_lookup (search->tree, "/etc/apt/sources.list");

  if (single != NULL)
    add_sources (search, "/etc/apt/sources.list", single);
  for (gsize i = 0; i < G_N_ELEMENTS (dirs); i++)
    {
      const SgNode *dir = sg_tree_lookup (search->tree, dirs[i]);
      for (guint k = 0; dir != NULL && k < dir->n_children; k++)
        {
          g_autofree char *path = g_build_filename (dirs[i], dir->children[k]->name, NULL);
          add_sources (search, path, dir->children[k]);
        }
    }
}

/* ---- names in what is copied ---- */

static gboolean
holds_word (const char *text, gsize len, const char *word)
{
  const char *at = text, *end = text + len;
  gsize n = strlen (word);

  while ((at = memmem (at, (gsize)(end - at), word, n)) != NULL)
    {
      gboolean begins = at == text || !g_ascii_isalnum (at[-1]);
      gboolean ends = at + n == end || !g_ascii_isalnum (at[n]);
      if (begins && ends)
        return TRUE;
      at += n;
    }
  return FALSE;
}

static void
search_file (Search *search, const char *path, const SgInode *inode)
{
  gsize len;
  const char *text = g_bytes_get_data (inode->data, &len);

  /* Short names are words of every language ("bob" is fine, "a" is not). */
  if (search->host_name != NULL && strlen (search->host_name) > 2
      && holds_word (text, len, search->host_name))
    add (search, "name of this computer", path, search->host_name);
  for (char **person = search->people; *person != NULL; person++)
    if (strlen (*person) > 2 && holds_word (text, len, *person))
      add (search, "user name", path, *person);
}

static void
search_below (Search *search, const SgNode *dir, const char *path)
{
  for (guint i = 0; i < dir->n_children; i++)
    {
      const SgNode *node = dir->children[i];
      g_autofree char *full = g_build_filename (path, node->name, NULL);
      if (S_ISDIR (node->inode->mode))
        search_below (search, node, full);
      else if (node->inode->content == SG_CONTENT_GENERATED
               && node->inode->mtime_sec != SG_EPOCH_SEC)
        search_file (search, full, node->inode);
    }
}

/* ---- all ---- */

/* Programs that tell which company manages the computer. */
static void
add_agents (Search *search)
{
  static const char *const places[]
      = { "/opt/CrowdStrike", "/opt/sentinelone", "/opt/microsoft", "/opt/Tanium",     "/opt/cisco",
          "/opt/zscaler",     "/opt/forticlient", "/opt/google",    "/opt/puppetlabs", "/opt/chef",
          "/opt/qualys",      "/opt/rapid7",      "/opt/traps",     "/opt/f5" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (sg_tree_lookup (search->tree, places[i]) != NULL)
      add (search, "program of a company", places[i], places[i]);
}

static void
add_user_number (Search *search, uid_t uid)
{
  g_autofree char *text = g_strdup_printf ("%u", uid);
  add (search, "your user number", "/etc/passwd", text)->stays
      = uid == SG_USUAL_UID; /* nearly everybody's */
}

static char *
host_file (const char *root, const char *path)
{
  g_autofree char *full = g_build_filename (root != NULL ? root : "/", path, NULL);
  char *text = NULL;

  return g_file_get_contents (full, &text, NULL, NULL) ? text : NULL;
}

GPtrArray *
sg_identifying_in (SgTree *tree, const char *root, uid_t uid)
{
  g_autofree char *name = host_file (root, "etc/hostname");
  g_autofree char *passwd = host_file (root, "etc/passwd");
  Search search = { .tree = tree };

  search.found = g_ptr_array_new_with_free_func (identifying_free);
  search.host_name = name != NULL ? g_strstrip (name) : NULL;
  g_autofree char *people = sg_accounts_people (passwd);
  g_auto (GStrv) persons = g_strsplit (g_strchomp (people), "\n", -1);
  search.people = persons;
  add_first_line (&search, "time zone", "/etc/localtime", TRUE);
  add_first_line (&search, "time zone", "/etc/timezone", TRUE);
  add_first_line (&search, "language", "/etc/default/locale", TRUE);
  add_first_line (&search, "language", "/etc/locale.conf", TRUE);
  add_first_line (&search, "version of the system", "/etc/debian_version", TRUE);
  for (gsize i = 0; sg_identifying_anchors[i] != NULL; i++)
    add_children (&search, "certificate added by hand", sg_identifying_anchors[i]);
  add_children (&search, "program installed by hand", "/usr/local/bin");
  add_children (&search, "program installed by hand", "/usr/local/sbin");
  add_children (&search, "installed below /opt", "/opt");
  add_agents (&search);
  add_all_sources (&search);
  add_user_number (&search, uid);
  search_below (&search, sg_tree_lookup (tree, "/etc"), "/etc");
  return search.found;
}
