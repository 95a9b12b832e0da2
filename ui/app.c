/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/app.h"

#include "common/report.h"
#include "ui/check-window.h"
#include "ui/editing.h"
#include "ui/launcher-window.h"
#include "ui/preferences-window.h"
#include "ui/preferences.h"
#include "ui/ready.h"
#include "ui/resources.h"
#include "ui/running.h"
#include "ui/words.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define ID "org.sandglass.Sandglass"

struct _SgApp
{
  GtkApplication parent;
  GtkWidget *launcher, *check, *preferences_window; /* NULL: not open */
  SgPreferences *preferences;                       /* owned */
  SgReady *ready;                                   /* owned */
  SgRunning *running;                               /* owned */
  gboolean only_edits;
  const char *first; /* static: an action for when the window is there; NULL: none */
};

G_DEFINE_TYPE (SgApp, sg_app, GTK_TYPE_APPLICATION)

/* --- sandboxes --- */

static void show_launcher (SgApp *self);

static void
on_problem (SgRunning *running, SgSandbox *sandbox, SgProblem *problem, gpointer data)
{
  SgApp *self = data;
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *body = sg_words_unmarked (problem->message);

  if (self->launcher != NULL && gtk_window_is_active (GTK_WINDOW (self->launcher)))
    {
      sg_launcher_window_tell (SG_LAUNCHER_WINDOW (self->launcher), problem);
      return;
    }
  notification = g_notification_new (problem->title);
  g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.activate");
  if (g_application_get_dbus_connection (G_APPLICATION (self)) != NULL) /* GLib does not look */
    g_application_send_notification (G_APPLICATION (self), NULL, notification);
  show_launcher (self);
  sg_launcher_window_tell (SG_LAUNCHER_WINDOW (self->launcher), problem);
}

static void
on_over (SgSandbox *sandbox, gpointer data)
{
  g_application_release (G_APPLICATION (data));
  g_object_unref (sandbox);
}

static void
on_open (SgLauncherWindow *window, gpointer data)
{
  SgApp *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *usual = sg_look_usual_changed ();
  SgSandbox *sandbox = sg_sandbox_start (self->preferences, usual, sg_ready_spare (self->ready),
                                         &error);

  if (sandbox == NULL)
    {
      g_autoptr (SgProblem) problem
          = sg_problem_new (_ ("The sandbox could not start"), error->message,
                            _ ("Next: install Sandglass again, then try once more."), NULL);
      sg_launcher_window_tell (window, problem);
      return;
    }
  g_application_hold (G_APPLICATION (self));
  g_signal_connect (sandbox, "over", G_CALLBACK (on_over), self);
  sg_running_add (self->running, sandbox);
  sg_ready_watch (self->ready, sandbox);
}

/* --- windows --- */

static void
show_launcher (SgApp *self)
{
  if (self->launcher == NULL)
    {
      self->launcher = sg_launcher_window_new (GTK_APPLICATION (self), self->running);
      g_signal_connect (self->launcher, "open", G_CALLBACK (on_open), self);
      g_signal_connect (self->launcher, "destroy", G_CALLBACK (gtk_widget_destroyed),
                        &self->launcher);
    }
  gtk_window_present (GTK_WINDOW (self->launcher));
}

static void
on_check (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgApp *self = data;

  if (self->check == NULL)
    {
      self->check
          = sg_check_window_new (self->launcher != NULL ? GTK_WINDOW (self->launcher) : NULL);
      g_signal_connect (self->check, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->check);
      gtk_application_add_window (GTK_APPLICATION (self), GTK_WINDOW (self->check));
    }
  gtk_window_present (GTK_WINDOW (self->check));
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgApp *self = data;

  if (self->preferences_window == NULL)
    {
      self->preferences_window = sg_preferences_window_new (
          self->launcher != NULL ? GTK_WINDOW (self->launcher) : NULL, self->preferences,
          self->ready);
      g_signal_connect (self->preferences_window, "destroy", G_CALLBACK (gtk_widget_destroyed),
                        &self->preferences_window);
    }
  gtk_window_present (GTK_WINDOW (self->preferences_window));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgApp *self = data;

  gtk_show_about_dialog (self->launcher != NULL ? GTK_WINDOW (self->launcher) : NULL,
                         "program-name", "Sandglass", "logo-icon-name", ID, "version", SG_VERSION,
                         "comments", _ ("Throwaway desktops, made from this computer"),
                         "license-type", GTK_LICENSE_GPL_2_0, "copyright",
                         _ ("The Sandglass contributors"), NULL);
}

/* Closes the window; sandboxes that run keep the program. */
static void
on_close_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *active = gtk_application_get_active_window (data);

  if (active != NULL)
    gtk_window_close (active);
}

static void
on_activate_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  show_launcher (data);
}

static void
edited (const char *path, const SgProblem *problem, gpointer data)
{
  SgApp *self = data;

  if (problem == NULL)
    return;
  show_launcher (self);
  sg_launcher_window_tell (SG_LAUNCHER_WINDOW (self->launcher), problem);
}

static void
on_edit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgApp *self = data;

  sg_editing_start (GTK_APPLICATION (self),
                    self->launcher != NULL ? GTK_WINDOW (self->launcher) : NULL, SG_EDIT_SAVED,
                    g_variant_get_bytestring (parameter), edited, self);
}

static void
on_open_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgApp *self = data;

  show_launcher (self);
  sg_launcher_window_open_when_ready (SG_LAUNCHER_WINDOW (self->launcher));
}

/* --- the application --- */

static void
sg_app_startup (GApplication *application)
{
  SgApp *self = SG_APP (application);
  const GActionEntry entries[] = {
    { .name = "activate", .activate = on_activate_action },
    { .name = "edit", .activate = on_edit, .parameter_type = "ay" },
    { .name = "open", .activate = on_open_action },
    { .name = "check", .activate = on_check },
    { .name = "preferences", .activate = on_preferences },
    { .name = "about", .activate = on_about },
    { .name = "close-window", .activate = on_close_window },
  };
  const struct
  {
    const char *action, *keys[3];
  } keys[] = {
    { "app.close-window", { "<Primary>w", "<Primary>q" } },
    { "app.preferences", { "<Primary>comma" } },
    { "win.open", { "<Primary>n" } },
    { "win.open-file", { "<Primary>o" } },
    { "win.paste", { "<Primary>v" } },
    { "win.change", { "<Primary>d" } },
    { "win.new-saved", { "<Primary><Shift>n" } },
    { "win.edit-file", { "<Primary>e" } },
    { "win.save", { "<Primary>s" } },
    { "win.refresh", { "<Primary>r" } },
    { "win.menu", { "F10" } },
    { "win.back", { "Escape" } },
    { "win.help", { "F1" } },
    { "win.show-help-overlay", { "<Primary>question", "<Primary>F1" } },
  };

  self->preferences = sg_preferences_load ();
  /* First, because GtkApplication looks for the shortcuts in them. */
  sg_resources_use (sg_preferences_appearance (self->preferences));
  G_APPLICATION_CLASS (sg_app_parent_class)->startup (application);
  self->ready = sg_ready_new (self->preferences);
  self->running = sg_running_new (self->preferences);
  g_signal_connect (self->running, "problem", G_CALLBACK (on_problem), self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);
}

/* --- the command line --- */

/* The one that runs already is asked, where there is one. */
static int
sg_app_local_options (GApplication *application, GVariantDict *options)
{
  g_autofree const char **dirs = NULL;
  const char *path;
  g_autoptr (GError) error = NULL;

  if (g_variant_dict_contains (options, "open"))
    SG_APP (application)->first = "open";
  else if (g_variant_dict_contains (options, "check"))
    SG_APP (application)->first = "check";
  if (SG_APP (application)->first != NULL && g_application_register (application, NULL, NULL)
      && g_application_get_is_remote (application))
    {
      g_action_group_activate_action (G_ACTION_GROUP (application), SG_APP (application)->first,
                                      NULL);
      return SG_EXIT_OK;
    }
  if (g_variant_dict_lookup (options, "policy-dir", "^a&ay", &dirs))
    sg_editing_set_policy_dirs (GTK_APPLICATION (application), dirs);
  if (!g_variant_dict_lookup (options, "edit", "^&ay", &path))
    return -1;
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  if (!g_application_register (application, NULL, &error))
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  g_action_group_activate_action (G_ACTION_GROUP (application), "edit",
                                  g_variant_new_bytestring (full));
  /* Here it goes on until the editor is closed; there it is the other's. */
  if (g_application_get_is_remote (application))
    return SG_EXIT_OK;
  SG_APP (application)->only_edits = TRUE;
  return -1;
}

static void
sg_app_activate (GApplication *application)
{
  SgApp *self = SG_APP (application);

  /* Started to edit a file: no other window, this once. */
  if (!self->only_edits)
    show_launcher (self);
  self->only_edits = FALSE;
  if (self->first != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (self), self->first, NULL);
  self->first = NULL;
}

static void
sg_app_finalize (GObject *object)
{
  g_clear_object (&SG_APP (object)->ready);
  g_clear_object (&SG_APP (object)->running);
  g_clear_object (&SG_APP (object)->preferences);
  G_OBJECT_CLASS (sg_app_parent_class)->finalize (object);
}

static void
sg_app_class_init (SgAppClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_app_finalize;
  G_APPLICATION_CLASS (class)->startup = sg_app_startup;
  G_APPLICATION_CLASS (class)->activate = sg_app_activate;
  G_APPLICATION_CLASS (class)->handle_local_options = sg_app_local_options;
}

static void
sg_app_init (SgApp *self)
{
  const GOptionEntry entries[] = {
    { "open", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Open a sandbox"), NULL },
    { "check", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Check this computer"), NULL },
    { "edit", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Edit a saved sandbox: a .wsb file"), "FILE" },
    /* Adds to the administrator's directory and never replaces it. */
    { "policy-dir", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, NULL,
      "Show what the files of DIR allow, too", "DIR" },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

/* Without a session bus GLib would start one for us alone, where dbus-launch is installed. */
static gboolean
have_bus (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_access (socket, W_OK) == 0;
}

SgApp *
sg_app_new (void)
{
  /* Also where it is asked for by GTK: it takes longer to start than we do. */
  if (!have_bus ())
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  return g_object_new (SG_TYPE_APP, "application-id", ID, "flags",
                       have_bus () ? G_APPLICATION_DEFAULT_FLAGS : G_APPLICATION_NON_UNIQUE, NULL);
}
