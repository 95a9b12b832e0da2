/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GLib has g_app_info_get_all(), but it watches every folder for changes, keeps a thread for it and
 * reads the list of the process's own environment.  Inside a machine that is cloned while it sleeps
 * nothing may wake up, so the folders are read once and their times compared when the menu opens.
 */
#include "apps.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 8

typedef struct
{
  char *path;
  struct timespec mtime;
} ReadDir;

struct SgApps
{
  GPtrArray *apps; /* owned SgApp, by name */
  GArray *dirs;    /* ReadDir; also of folders that are not there (mtime 0) */
  guint count[SG_CATEGORY_MAX];
};

static void
app_free (gpointer data)
{
  SgApp *app = data;

  g_free (app->id);
  g_free (app->name);
  g_free (app->comment);
  g_clear_object (&app->info);
  g_strfreev (app->tokens);
  g_free (app);
}

static void
read_dir_clear (gpointer data)
{
  g_free (((ReadDir *)data)->path);
}

const char *
sg_category_name (SgCategory category)
{
  static const char *const names[SG_CATEGORY_MAX] = {
    [SG_CATEGORY_ALL] = N_ ("All programs"),
    [SG_CATEGORY_INTERNET] = N_ ("Internet"),
    [SG_CATEGORY_OFFICE] = N_ ("Office"),
    [SG_CATEGORY_GRAPHICS] = N_ ("Graphics"),
    [SG_CATEGORY_MULTIMEDIA] = N_ ("Sound and video"),
    [SG_CATEGORY_GAMES] = N_ ("Games"),
    [SG_CATEGORY_EDUCATION] = N_ ("Education"),
    [SG_CATEGORY_SCIENCE] = N_ ("Science"),
    [SG_CATEGORY_DEVELOPMENT] = N_ ("Programming"),
    [SG_CATEGORY_ACCESSORIES] = N_ ("Accessories"),
    [SG_CATEGORY_SYSTEM] = N_ ("System tools"),
    [SG_CATEGORY_SETTINGS] = N_ ("Settings"),
    [SG_CATEGORY_OTHER] = N_ ("Other"),
  };

  return _ (names[category]);
}

/* The registered main categories.  Those that say what a program is *for* are looked for before
 * those that say what it is made of: a text editor is "GNOME;GTK;Utility;TextEditor". */
static SgCategory
category_of (const char *categories)
{
  static const struct
  {
    const char *word;
    SgCategory category;
  } words[] = {
    { "Settings", SG_CATEGORY_SETTINGS },       { "Game", SG_CATEGORY_GAMES },
    { "Education", SG_CATEGORY_EDUCATION },     { "Science", SG_CATEGORY_SCIENCE },
    { "Development", SG_CATEGORY_DEVELOPMENT }, { "Office", SG_CATEGORY_OFFICE },
    { "Graphics", SG_CATEGORY_GRAPHICS },       { "AudioVideo", SG_CATEGORY_MULTIMEDIA },
    { "Audio", SG_CATEGORY_MULTIMEDIA },        { "Video", SG_CATEGORY_MULTIMEDIA },
    { "Network", SG_CATEGORY_INTERNET },        { "System", SG_CATEGORY_SYSTEM },
    { "Utility", SG_CATEGORY_ACCESSORIES },
  };
  g_auto (GStrv) have = g_strsplit (categories ? categories : "", ";", 64);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strv_contains ((const char *const *)have, words[i].word))
      return words[i].category;
  return SG_CATEGORY_OTHER;
}

static char *
one_line (const char *text, gsize max_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_new (NULL);
  gsize chars = 0;

  for (const char *p = valid; *p && chars < max_chars; p = g_utf8_next_char (p), chars++)
    {
      gunichar c = g_utf8_get_char (p);
      g_string_append_unichar (line, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_strstrip (g_string_free (line, FALSE));
}

static void
add_tokens (GPtrArray *tokens, const char *text)
{
  g_auto (GStrv) alternates = NULL;

  if (!text || !g_utf8_validate (text, -1, NULL))
    return;
  char **words = g_str_tokenize_and_fold (text, NULL, &alternates);
  for (guint i = 0; words[i]; i++)
    g_ptr_array_add (tokens, words[i]);
  g_free (words);
  for (guint i = 0; alternates && alternates[i]; i++)
    g_ptr_array_add (tokens, g_strdup (alternates[i]));
}

static void
fill_tokens (SgApp *app)
{
  GPtrArray *tokens = g_ptr_array_new ();
  const char *const *keywords = g_desktop_app_info_get_keywords (app->info);

  add_tokens (tokens, app->name);
  app->n_name_tokens = tokens->len;
  add_tokens (tokens, g_desktop_app_info_get_generic_name (app->info));
  add_tokens (tokens, app->comment);
  add_tokens (tokens, g_app_info_get_executable (G_APP_INFO (app->info)));
  for (guint i = 0; keywords && keywords[i]; i++)
    add_tokens (tokens, keywords[i]);
  g_ptr_array_add (tokens, NULL);
  app->tokens = (char **)g_ptr_array_free (tokens, FALSE);
}

static GDesktopAppInfo *
info_from (GKeyFile *file)
{
  g_key_file_remove_key (file, G_KEY_FILE_DESKTOP_GROUP, "DBusActivatable", NULL);
  return g_desktop_app_info_new_from_keyfile (file);
}

static GKeyFile *
read_key_file (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  struct stat st;

  if (stat (path, &st) != 0 || !S_ISREG (st.st_mode) || st.st_size > SG_DESKTOP_FILE_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s is not a program's file."),
                   path);
      return NULL;
    }
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error))
    return NULL;
  return g_steal_pointer (&file);
}

GDesktopAppInfo *
sg_app_info_read (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = read_key_file (path, error);
  GDesktopAppInfo *info = file ? info_from (file) : NULL;

  if (file && !info)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("The program that %s starts is not installed."), path);
  return info;
}

static void
add_file (SgApps *apps, GHashTable *seen, const char *path, const char *id)
{
  g_autoptr (GKeyFile) file = NULL;
  g_autoptr (GDesktopAppInfo) info = NULL;

  /* Seen first, judged later: a broken or hidden file in a first folder still stands for its id,
   * which is how one person (or the sandbox) takes a system-wide entry out. */
  if (apps->apps->len >= SG_APPS_MAX || !g_hash_table_add (seen, g_strdup (id)))
    return;
  file = read_key_file (path, NULL);
  if (!file || g_key_file_get_boolean (file, G_KEY_FILE_DESKTOP_GROUP, "Hidden", NULL)
      || g_key_file_get_boolean (file, G_KEY_FILE_DESKTOP_GROUP, "NoDisplay", NULL))
    return;
  info = info_from (file);
  if (!info || !g_desktop_app_info_get_show_in (info, SG_DESKTOP_NAME))
    return;

  SgApp *app = g_new0 (SgApp, 1);
  const char *comment = g_app_info_get_description (G_APP_INFO (info));
  app->id = g_strdup (id);
  app->name = one_line (g_app_info_get_display_name (G_APP_INFO (info)), 100);
  app->comment = comment ? one_line (comment, 200) : NULL;
  app->category = category_of (g_desktop_app_info_get_categories (info));
  app->info = g_steal_pointer (&info);
  fill_tokens (app);
  if (!*app->name)
    {
      app_free (app);
      return;
    }
  g_ptr_array_add (apps->apps, app);
  apps->count[app->category]++;
  apps->count[SG_CATEGORY_ALL]++;
}

/* PREFIX is what of the id comes from the folders above: "kde/" gives "kde-". */
static void
add_folder (SgApps *apps, GHashTable *seen, const char *path, const char *prefix, guint depth)
{
  ReadDir read = { .path = g_strdup (path) };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  struct stat st;
  const char *name;

  if (stat (path, &st) == 0)
    read.mtime = st.st_mtim;
  g_array_append_val (apps->dirs, read);
  GDir *dir = g_dir_open (path, 0, NULL);
  if (!dir)
    return;
  while ((name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_strdup (name));
  g_dir_close (dir);

  for (guint i = 0; i < names->len; i++)
    {
      name = names->pdata[i];
      g_autofree char *child = g_build_filename (path, name, NULL);
      g_autofree char *id = g_strconcat (prefix, name, NULL);

      if (g_str_has_suffix (name, ".desktop"))
        add_file (apps, seen, child, id);
      else if (depth < DEPTH_MAX && g_file_test (child, G_FILE_TEST_IS_DIR))
        {
          g_autofree char *below = g_strconcat (id, "-", NULL);
          add_folder (apps, seen, child, below, depth + 1);
        }
    }
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  const SgApp *one = *(SgApp *const *)a, *two = *(SgApp *const *)b;
  int order = g_utf8_collate (one->name, two->name);

  return order ? order : strcmp (one->id, two->id);
}

SgApps *
sg_apps_load (const char *const *dirs)
{
  SgApps *apps = g_new0 (SgApps, 1);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  apps->apps = g_ptr_array_new_with_free_func (app_free);
  apps->dirs = g_array_new (FALSE, FALSE, sizeof (ReadDir));
  g_array_set_clear_func (apps->dirs, read_dir_clear);
  for (guint i = 0; dirs[i]; i++)
    {
      g_autofree char *path = g_build_filename (dirs[i], "applications", NULL);
      add_folder (apps, seen, path, "", 0);
    }
  g_ptr_array_sort (apps->apps, by_name);
  return apps;
}

void
sg_apps_free (SgApps *apps)
{
  if (!apps)
    return;
  g_ptr_array_unref (apps->apps);
  g_array_unref (apps->dirs);
  g_free (apps);
}

gboolean
sg_apps_stale (const SgApps *apps)
{
  for (guint i = 0; i < apps->dirs->len; i++)
    {
      const ReadDir *dir = &g_array_index (apps->dirs, ReadDir, i);
      struct stat st = { 0 };

      (void)stat (dir->path, &st); /* not there: zeros */
      if (st.st_mtim.tv_sec != dir->mtime.tv_sec || st.st_mtim.tv_nsec != dir->mtime.tv_nsec)
        return TRUE;
    }
  return FALSE;
}

static gboolean
word_begins_any (const char *word, char *const *tokens, guint n)
{
  for (guint i = 0; i < n && tokens[i]; i++)
    if (g_str_has_prefix (tokens[i], word))
      return TRUE;
  return FALSE;
}

static gboolean
all_words_in (char *const *words, char *const *tokens, guint n)
{
  for (guint i = 0; words[i]; i++)
    if (!word_begins_any (words[i], tokens, n))
      return FALSE;
  return TRUE;
}

GPtrArray *
sg_apps_list (const SgApps *apps, SgCategory category, const char *search)
{
  GPtrArray *first = g_ptr_array_new ();
  g_autoptr (GPtrArray) second = g_ptr_array_new ();
  g_auto (GStrv) words = NULL;

  if (search && g_utf8_validate (search, -1, NULL))
    words = g_str_tokenize_and_fold (search, NULL, NULL);
  for (guint i = 0; i < apps->apps->len; i++)
    {
      SgApp *app = apps->apps->pdata[i];

      if (category != SG_CATEGORY_ALL && app->category != category)
        continue;
      if (!words || all_words_in (words, app->tokens, app->n_name_tokens))
        g_ptr_array_add (first, app);
      else if (all_words_in (words, app->tokens, G_MAXUINT))
        g_ptr_array_add (second, app);
    }
  g_ptr_array_extend (first, second, NULL, NULL);
  return first;
}

gboolean
sg_apps_has (const SgApps *apps, SgCategory category)
{
  return apps->count[category] > 0;
}

static gboolean
has_class (const SgApp *app, const char *wm_class)
{
  const char *announced = g_desktop_app_info_get_startup_wm_class (app->info);
  g_autofree char *program
      = g_path_get_basename (g_app_info_get_executable (G_APP_INFO (app->info)));
  g_autofree char *file = g_strconcat (wm_class, ".desktop", NULL);

  return (announced && g_ascii_strcasecmp (announced, wm_class) == 0)
         || g_ascii_strcasecmp (app->id, file) == 0 || g_ascii_strcasecmp (program, wm_class) == 0;
}

const SgApp *
sg_apps_by_class (const SgApps *apps, const char *wm_class)
{
  for (guint i = 0; i < apps->apps->len; i++)
    if (has_class (apps->apps->pdata[i], wm_class))
      return apps->apps->pdata[i];
  return NULL;
}
