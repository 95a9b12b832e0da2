/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/grants-load.h"

#include "launcher/computer.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY_DIR_OPTION "--policy-dir="

static const char *const purposes[SG_PURPOSE_MAX] = { "desktop", "command", "file", "link" };

/* --- what was asked -----------------------------------------------------------------------------
 */

void
sg_ask_clear (SgAsk *ask)
{
  g_free (ask->file);
  g_free (ask->sha256);
  g_free (ask->config);
  g_free (ask->purpose);
  g_strfreev (ask->writable);
  g_strfreev (ask->policy_dirs);
  g_free (ask->network);
  g_free (ask->program);
  g_strfreev (ask->allow);
  *ask = (SgAsk){ 0 };
}

GOptionEntry *
sg_ask_entries (SgAsk *ask)
{
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &ask->file, "What is asked: a .wsb file", "FILE" },
    { "profile-sha256", 0, 0, G_OPTION_ARG_STRING, &ask->sha256,
      "Only if that file has this digest", "HEX" },
    { "config", 0, 0, G_OPTION_ARG_STRING, &ask->config, "What is asked: the text of such a file",
      "TEXT" },
    { "for", 0, 0, G_OPTION_ARG_STRING, &ask->purpose, "desktop, command, file or link", "WHAT" },
    { "writable", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ask->writable,
      "A folder that ReadOnly was left out for, and that may be changed", "FOLDER" },
    { "without-these", 0, 0, G_OPTION_ARG_NONE, &ask->without_asks,
      "Leave out what the file asks for beyond the usual", NULL },
    { "look", 0, 0, G_OPTION_ARG_NONE, &ask->look, "A window will show it: as this desktop looks",
      NULL },
    { "program", 0, 0, G_OPTION_ARG_STRING, &ask->program,
      "One program has the window; its name", "NAME" },
    { "network", 0, 0, G_OPTION_ARG_STRING, &ask->network,
      "What it can reach: off, allowlist, internet or lan", "MODE" },
    { "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ask->allow, "With allowlist: this host too",
      "HOST" },
    /* Adds to the administrator's directory and never replaces it. */
    { "policy-dir", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &ask->policy_dirs,
      "Narrow by the files of DIR too", "DIR" },
    { NULL },
  };

  return g_memdup2 (entries, sizeof entries);
}

static void
add_argument (GPtrArray *argv, const char *option, const char *value)
{
  if (value != NULL)
    g_ptr_array_add (argv, g_strconcat (option, value, NULL));
}

static void
add_each (GPtrArray *argv, const char *option, char **values)
{
  for (char **value = values; value != NULL && *value != NULL; value++)
    add_argument (argv, option, *value);
}

void
sg_ask_arguments (const SgAsk *ask, GPtrArray *argv)
{
  add_argument (argv, "--profile=", ask->file);
  add_argument (argv, "--profile-sha256=", ask->sha256);
  add_argument (argv, "--config=", ask->config);
  add_argument (argv, "--for=", ask->purpose);
  add_each (argv, "--writable=", ask->writable);
  add_each (argv, POLICY_DIR_OPTION, ask->policy_dirs);
  add_argument (argv, "--network=", ask->network);
  add_argument (argv, "--program=", ask->program);
  add_each (argv, "--allow=", ask->allow);
  if (ask->without_asks)
    g_ptr_array_add (argv, g_strdup ("--without-these"));
  if (ask->look)
    g_ptr_array_add (argv, g_strdup ("--look"));
}

/* --- the rules ----------------------------------------------------------------------------------
 */

static void
add_dir (SgPolicy *policy, const char *dir)
{
  sg_policy_add_dir (policy, dir, geteuid (), TRUE);
}

SgPolicy *
sg_policy_load (char *const *argv)
{
  SgPolicy *policy = sg_policy_load_system ();

  for (; *argv != NULL; argv++)
    if (g_str_has_prefix (*argv, POLICY_DIR_OPTION))
      add_dir (policy, *argv + strlen (POLICY_DIR_OPTION));
  return policy;
}

SgPolicy *
sg_policy_load_for (const SgAsk *ask)
{
  SgPolicy *policy = sg_policy_load_system ();

  for (char **dir = ask->policy_dirs; dir != NULL && *dir != NULL; dir++)
    add_dir (policy, *dir);
  return policy;
}

static void
stamp_one (GString *stamp, const char *path)
{
  struct stat st;

  if (lstat (path, &st) == 0)
    g_string_append_printf (stamp, "%s %lu:%lu %ld %ld.%09ld\n", path, (gulong)st.st_dev,
                            (gulong)st.st_ino, (long)st.st_size, (long)st.st_ctim.tv_sec,
                            (long)st.st_ctim.tv_nsec);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
stamp_dir (GString *stamp, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  stamp_one (stamp, path);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (files, g_build_filename (path, name, NULL));
  g_ptr_array_sort (files, compare);
  for (guint i = 0; i < files->len; i++)
    stamp_one (stamp, files->pdata[i]);
}

char *
sg_policy_stamp (const SgAsk *ask)
{
  GString *stamp = g_string_new (NULL);

  stamp_dir (stamp, SG_POLICY_DIR);
  for (char **dir = ask->policy_dirs; dir != NULL && *dir != NULL; dir++)
    stamp_dir (stamp, *dir);
  return g_string_free (stamp, FALSE);
}

/* --- the outcome --------------------------------------------------------------------------------
 */

static gboolean
take_purpose (SgDefaults *defaults, const char *word, GError **error)
{
  for (guint i = 0; i < SG_PURPOSE_MAX; i++)
    if (word == NULL || g_str_equal (word, purposes[i]))
      {
        defaults->purpose = i;
        return TRUE;
      }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--for takes desktop, command, file or link, not '%s'", word);
  return FALSE;
}

static SgProfile *
read_profile (const SgAsk *ask, GError **error)
{
  g_autoptr (SgProfile) profile = NULL;
  SgProfileHost host;

  sg_profile_host_init (&host);
  if (ask->file != NULL && ask->config != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "A profile is a file or a text, not both");
      return NULL;
    }
  profile = ask->file != NULL
                ? sg_profile_read (ask->file, &host, error)
                : sg_profile_parse (ask->config, strlen (ask->config), "--config", &host, error);
  if (profile == NULL || ask->sha256 == NULL || g_strcmp0 (profile->sha256, ask->sha256) == 0)
    return g_steal_pointer (&profile);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "%s was changed since it was looked at; open it again", ask->file);
  return NULL;
}

static void
ask_number (SgGranted *granted, SgSetting setting, int value, const char *option)
{
  g_autofree char *rule = g_strdup_printf ("%s=%d", option, value);

  if (value <= 0)
    return;
  if (granted->profile == NULL)
    granted->profile = sg_profile_new ("the command line");
  sg_profile_ask (granted->profile, setting, value, rule);
}

gboolean
sg_ask_network_parse (const char *word, SgNetwork *ret, GError **error)
{
  gint64 value;

  if (sg_setting_parse_choice (sg_setting_info (SG_SETTING_NETWORK), word, &value))
    {
      *ret = (SgNetwork)value;
      return TRUE;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "A network is off, internet, lan, allowlist or private, not '%s'", word);
  return FALSE;
}

gboolean
sg_ask_network (SgProfile *profile, const char *word, const char *const *hosts, GError **error)
{
  g_autofree char *rule = word != NULL ? g_strconcat ("--network=", word, NULL) : NULL;
  SgNetwork network = SG_NETWORK_ALLOWLIST;

  if (word != NULL && !sg_ask_network_parse (word, &network, error))
    return FALSE;
  for (const char *const *host = hosts; host != NULL && *host != NULL; host++)
    if (!sg_profile_ask_host (profile, *host))
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     "'%s' is no name of a host, no \"*.name\" and no address", *host);
        return FALSE;
      }
  if (network == SG_NETWORK_ALLOWLIST && profile->hosts->len == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "Which hosts? Name them with --allow HOST");
      return FALSE;
    }
  sg_profile_ask (profile, SG_SETTING_NETWORK, network, rule != NULL ? rule : "--allow");
  return TRUE;
}

static gboolean
take_network (SgGranted *granted, const SgAsk *ask, GError **error)
{
  if (ask->network == NULL && ask->allow == NULL)
    return TRUE;
  if (granted->profile == NULL)
    granted->profile = sg_profile_new ("the command line");
  return sg_ask_network (granted->profile, ask->network, (const char *const *)ask->allow, error);
}

SgGranted *
sg_granted_new (SgPolicy *policy, const SgAsk *ask, GError **error)
{
  g_autoptr (SgGranted) granted = g_new0 (SgGranted, 1);

  granted->policy = policy;
  if (!take_purpose (&granted->defaults, ask->purpose, error))
    return NULL;
  granted->defaults.without_asks = ask->without_asks;
  granted->writable = g_strdupv (ask->writable);
  granted->defaults.writable = (const char *const *)granted->writable;
  if (ask->file != NULL || ask->config != NULL)
    {
      granted->profile = read_profile (ask, error);
      if (granted->profile == NULL)
        return NULL;
    }
  sg_computer_look (&granted->defaults, granted->profile);
  if (!take_network (granted, ask, error))
    return NULL;
  ask_number (granted, SG_SETTING_MEMORY, ask->memory_mb, "--memory");
  ask_number (granted, SG_SETTING_CPUS, ask->cpus, "--cpus");
  granted->grants = sg_grants_new (&granted->defaults, granted->profile, policy);
  return g_steal_pointer (&granted);
}

void
sg_granted_free (SgGranted *granted)
{
  if (granted == NULL)
    return;
  g_clear_pointer (&granted->policy, sg_policy_free);
  g_clear_pointer (&granted->profile, sg_profile_free);
  g_clear_pointer (&granted->grants, sg_grants_free);
  g_strfreev (granted->writable);
  g_free (granted);
}

gboolean
sg_granted_may_run (const SgGranted *granted, GError **error)
{
  g_autofree char *notes = NULL;

  if (granted->grants->may_run)
    return TRUE;
  if (granted->profile != NULL && sg_profile_has_errors (granted->profile))
    notes = sg_profile_notes_text (granted->profile);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s%s%s", granted->grants->refusal,
               notes != NULL ? "\n" : "", notes != NULL ? g_strchomp (notes) : "");
  return FALSE;
}
