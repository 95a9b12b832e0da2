/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/preferences.h"

#include "common/paths.h"
#include "ui/leave-key.h"

#include <glib/gstdio.h>

#define GROUP "Preferences"
#define FILE_MAX (64 * 1024)

struct _SgPreferences
{
  GObject parent;
  GKeyFile *file;               /* owned; also keeps what a newer version wrote */
  char *appearance, *leave_key; /* owned */
  char *ready;                  /* owned: a word of `ready_words` */
};

static const char *const ready_words[] = { "off", "one", "two" };
#define READY_DEFAULT 1

G_DEFINE_TYPE (SgPreferences, sg_preferences, G_TYPE_OBJECT)

static char *
file_name (void)
{
  g_autofree char *directory = sg_paths_config ();

  return g_build_filename (directory, "preferences", NULL);
}

static void
write_file (SgPreferences *self)
{
  g_autofree char *directory = sg_paths_config (), *name = file_name ();
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (directory, 0700);
  if (!g_key_file_save_to_file (self->file, name, &error))
    g_message ("preferences are not kept: %s", error->message);
}

static void
set (SgPreferences *self, char **place, const char *key, const char *value)
{
  if (g_strcmp0 (*place, value) == 0)
    return;
  g_free (*place);
  *place = g_strdup (value);
  if (value != NULL)
    g_key_file_set_string (self->file, GROUP, key, value);
  else
    g_key_file_remove_key (self->file, GROUP, key, NULL);
  write_file (self);
  g_signal_emit_by_name (self, "changed");
}

const char *
sg_preferences_appearance (SgPreferences *preferences)
{
  return preferences->appearance;
}

const char *
sg_preferences_leave_key (SgPreferences *preferences)
{
  return preferences->leave_key;
}

guint
sg_preferences_ready (SgPreferences *preferences)
{
  for (guint i = 0; i < G_N_ELEMENTS (ready_words); i++)
    if (g_strcmp0 (preferences->ready, ready_words[i]) == 0)
      return i;
  return READY_DEFAULT;
}

void
sg_preferences_set_ready (SgPreferences *preferences, guint number)
{
  set (preferences, &preferences->ready, "ReadySandboxes",
       ready_words[MIN (number, G_N_ELEMENTS (ready_words) - 1)]);
}

void
sg_preferences_set_appearance (SgPreferences *preferences, const char *appearance)
{
  set (preferences, &preferences->appearance, "Appearance", appearance);
}

void
sg_preferences_set_leave_key (SgPreferences *preferences, const char *name)
{
  set (preferences, &preferences->leave_key, "LeaveKey", name);
}

static void
sg_preferences_finalize (GObject *object)
{
  SgPreferences *self = SG_PREFERENCES (object);

  g_key_file_unref (self->file);
  g_free (self->appearance);
  g_free (self->leave_key);
  g_free (self->ready);
  G_OBJECT_CLASS (sg_preferences_parent_class)->finalize (object);
}

static void
sg_preferences_class_init (SgPreferencesClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_preferences_finalize;
  g_signal_new ("changed", SG_TYPE_PREFERENCES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
}

static void
sg_preferences_init (SgPreferences *self)
{
  self->file = g_key_file_new ();
}

SgPreferences *
sg_preferences_load (void)
{
  SgPreferences *self = g_object_new (SG_TYPE_PREFERENCES, NULL);
  g_autofree char *name = file_name (), *appearance = NULL, *key = NULL;
  GStatBuf st;

  if (g_stat (name, &st) == 0 && st.st_size <= FILE_MAX)
    g_key_file_load_from_file (self->file, name, G_KEY_FILE_KEEP_COMMENTS, NULL);
  appearance = g_key_file_get_string (self->file, GROUP, "Appearance", NULL);
  key = g_key_file_get_string (self->file, GROUP, "LeaveKey", NULL);
  self->ready = g_key_file_get_string (self->file, GROUP, "ReadySandboxes", NULL);
  if (g_strcmp0 (appearance, "light") == 0 || g_strcmp0 (appearance, "dark") == 0)
    self->appearance = g_steal_pointer (&appearance);
  self->leave_key = g_strdup (sg_leave_key_find (key)->name);
  return self;
}
