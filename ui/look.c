/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/look.h"

#include "common/paths.h"
#include "launcher/computer.h"

#include <glib/gi18n.h>
#include <unistd.h>

/* Not listed among the saved ones: its name begins with a dot. */
#define USUAL ".usual.wsb"

static SgLook *
look_new (const char *path, const char *const *policy_dirs, const SgDefaults *computer)
{
  SgLook *look = g_new0 (SgLook, 1);
  g_autoptr (GError) error = NULL;
  SgProfileHost host;

  look->defaults = *computer;
  look->defaults.purpose = SG_FOR_DESKTOP;
  look->policy = sg_policy_load_system ();
  for (const char *const *dir = policy_dirs; dir != NULL && *dir != NULL; dir++)
    sg_policy_add_dir (look->policy, *dir, geteuid (), TRUE);
  sg_profile_host_init (&host);
  if (path != NULL)
    look->profile = sg_profile_read (path, &host, &error);
  if (error != NULL)
    look->problem = g_strdup (error->message);
  else
    sg_look_again (look);
  return look;
}

SgLook *
sg_look_new (const char *path, const char *const *policy_dirs)
{
  SgDefaults computer = { 0 };

  sg_computer_look_all (&computer);
  return look_new (path, policy_dirs, &computer);
}

void
sg_look_free (SgLook *look)
{
  if (look == NULL)
    return;
  sg_policy_free (look->policy);
  sg_profile_free (look->profile);
  sg_grants_free (look->grants);
  g_free (look->problem);
  g_free (look);
}

void
sg_look_again (SgLook *look)
{
  sg_computer_look_locale (&look->defaults, look->profile);
  sg_grants_free (look->grants);
  look->grants = sg_grants_new (&look->defaults, look->profile, look->policy);
}

/* --- in a thread --- */

typedef struct
{
  char **paths, **policy_dirs; /* owned */
} Wanted;

static void
wanted_free (gpointer data)
{
  Wanted *wanted = data;

  g_strfreev (wanted->paths);
  g_strfreev (wanted->policy_dirs);
  g_free (wanted);
}

static void
look_at_all (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Wanted *wanted = data;
  GPtrArray *looks = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_look_free);

  SgDefaults computer = { 0 };

  sg_computer_look_all (&computer); /* once: it may run a program */
  for (char **path = wanted->paths; *path != NULL; path++)
    g_ptr_array_add (looks, look_new (**path != '\0' ? *path : NULL,
                                      (const char *const *)wanted->policy_dirs, &computer));
  g_task_return_pointer (task, looks, (GDestroyNotify)g_ptr_array_unref);
}

void
sg_look_async (const char *const *paths, const char *const *policy_dirs,
               GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->paths = g_strdupv ((char **)paths);
  wanted->policy_dirs = g_strdupv ((char **)policy_dirs);
  g_task_set_task_data (task, wanted, wanted_free);
  g_task_run_in_thread (task, look_at_all);
}

GPtrArray *
sg_look_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* --- words --- */

static void
word_free (gpointer data)
{
  g_free (((SgLookWord *)data)->words);
  g_free (data);
}

static void
add (GPtrArray *words, const char *icon, gboolean more, char *text)
{
  SgLookWord *word = g_new0 (SgLookWord, 1);

  word->icon = icon;
  word->words = text;
  word->more = more;
  g_ptr_array_add (words, word);
}

static void
add_network (GPtrArray *words, const SgGrants *grants)
{
  switch ((SgNetwork)sg_grants_number (grants, SG_SETTING_NETWORK))
    {
    case SG_NETWORK_NONE:
      add (words, "network-offline-symbolic", FALSE, g_strdup (_ ("No network")));
      return;
    case SG_NETWORK_PRIVATE:
      add (words, "network-workgroup-symbolic", FALSE, g_strdup (_ ("Only between sandboxes")));
      return;
    case SG_NETWORK_ALLOWLIST:
      add (words, "network-wired-symbolic", FALSE,
           g_strdup_printf (ngettext ("Only %u listed site", "Only %u listed sites",
                                      g_strv_length (grants->hosts)),
                            g_strv_length (grants->hosts)));
      return;
    case SG_NETWORK_INTERNET:
      add (words, "network-wired-symbolic", FALSE, g_strdup (_ ("Internet, no local network")));
      return;
    case SG_NETWORK_LAN:
      add (words, "network-server-symbolic", TRUE, g_strdup (_ ("Internet and local network")));
      return;
    }
}

static void
add_company (GPtrArray *words, const SgGrants *grants)
{
  guint n = g_strv_length (grants->company_networks);

  if (n > 0)
    add (words, "network-workgroup-symbolic", TRUE,
         g_strdup_printf (ngettext ("%u company network", "%u company networks", n), n));
}

static void
count_folders (const SgGrants *grants, guint *given, guint *changeable)
{
  *given = *changeable = 0;
  for (guint i = 0; i < grants->folders->len; i++)
    {
      const SgGrantedFolder *folder = grants->folders->pdata[i];

      *given += folder->granted;
      *changeable += folder->granted && folder->writable;
    }
}

static void
add_folders (GPtrArray *words, const SgGrants *grants)
{
  guint given, changeable;

  count_folders (grants, &given, &changeable);
  if (given == 0)
    add (words, "folder-symbolic", FALSE, g_strdup (_ ("None of your files")));
  else if (changeable == 0)
    add (
        words, "folder-symbolic", TRUE,
        g_strdup_printf (ngettext ("%u folder, read only", "%u folders, read only", given), given));
  else
    add (words, "folder-symbolic", TRUE,
         g_strdup_printf (ngettext ("%u folder, may change %u", "%u folders, may change %u", given),
                          given, changeable));
}

/* What is off by default is worth a picture only when it is on. */
static void
add_devices (GPtrArray *words, const SgGrants *grants)
{
  const struct
  {
    SgSetting setting;
    const char *icon, *yes;
  } devices[] = {
    { SG_SETTING_AUDIO_INPUT, "audio-input-microphone-symbolic", _ ("Microphone") },
    { SG_SETTING_VIDEO_INPUT, "camera-web-symbolic", _ ("Camera") },
    { SG_SETTING_PRINTERS, "printer-symbolic", _ ("Printers") },
    { SG_SETTING_USB, "media-removable-symbolic", _ ("USB devices") },
    { SG_SETTING_VGPU, "video-display-symbolic", _ ("Graphics card") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    if (sg_grants_number (grants, devices[i].setting) != 0)
      add (words, devices[i].icon, TRUE, g_strdup (devices[i].yes));
  if (sg_grants_number (grants, SG_SETTING_CLIPBOARD_IN) == SG_CLIPBOARD_OFF
      && sg_grants_number (grants, SG_SETTING_CLIPBOARD_OUT) == SG_CLIPBOARD_OFF)
    add (words, "edit-paste-symbolic", FALSE, g_strdup (_ ("No clipboard")));
  else if (sg_grants_number (grants, SG_SETTING_CLIPBOARD_OUT) == SG_CLIPBOARD_ALLOW)
    add (words, "edit-paste-symbolic", TRUE, g_strdup (_ ("Clipboard without asking")));
}

GPtrArray *
sg_look_words (const SgLook *look)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (word_free);

  if (look->grants == NULL)
    return words;
  add_network (words, look->grants);
  add_company (words, look->grants);
  add_folders (words, look->grants);
  add_devices (words, look->grants);
  return words;
}

static const char *
files_word (const SgGrants *grants)
{
  guint given, changeable;

  count_folders (grants, &given, &changeable);
  return given == 0        ? _ ("your files no")
         : changeable == 0 ? _ ("your files: some, read only")
                           : _ ("your files: some");
}

char *
sg_look_line (const SgLook *look)
{
  const char *network = NULL;

  if (look->grants == NULL)
    return g_strdup ("");
  switch ((SgNetwork)sg_grants_number (look->grants, SG_SETTING_NETWORK))
    {
    case SG_NETWORK_NONE:
      network = _ ("Network no");
      break;
    case SG_NETWORK_PRIVATE:
      network = _ ("Network only between sandboxes");
      break;
    case SG_NETWORK_ALLOWLIST:
      network = _ ("Only listed sites");
      break;
    case SG_NETWORK_INTERNET:
      network = _ ("Internet yes - local network no");
      break;
    case SG_NETWORK_LAN:
      network = _ ("Internet yes - local network yes");
      break;
    }
  return g_strjoin (" - ", network, files_word (look->grants),
                    sg_grants_number (look->grants, SG_SETTING_AUDIO_INPUT) ? _ ("microphone yes")
                                                                            : _ ("microphone no"),
                    NULL);
}

char *
sg_look_usual_path (void)
{
  g_autofree char *directory = sg_paths_config ();

  return g_build_filename (directory, USUAL, NULL);
}

char *
sg_look_usual_changed (void)
{
  g_autofree char *path = sg_look_usual_path ();

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}
