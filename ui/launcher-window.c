/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first frame is the title and an empty page: pages, pictures and what other processes tell come
 * right after it, or before, where somebody needs them (complete()). */
#include "ui/launcher-internal.h"

#include "ui/editing.h"
#include "ui/first-frame.h"
#include "ui/opening.h"

#include <glib/gi18n.h>

#define OPENING_SECONDS 5 /* how long it is said that a file is being opened */
#define LOOK_AGAIN_SECONDS 60 /* packages are installed while the window is open */

G_DEFINE_TYPE (SgLauncherWindow, sg_launcher_window, GTK_TYPE_APPLICATION_WINDOW)

enum
{
  OPEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

gboolean
sg_launcher_is_closed (SgLauncherWindow *self)
{
  return gtk_window_get_application (GTK_WINDOW (self)) == NULL;
}

gboolean
sg_launcher_is_on (SgLauncherWindow *self, const char *page)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), page) == 0;
}

void
sg_launcher_open_one (SgLauncherWindow *self)
{
  g_signal_emit (self, signals[OPEN], 0);
}

void
sg_launcher_set_enabled (SgLauncherWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
sg_launcher_go_to (SgLauncherWindow *self, const char *page)
{
  GtkWidget *wanted = NULL;

  if (sg_launcher_is_on (self, page))
    return;
  gtk_stack_set_visible_child_name (self->stack, page);
  sg_launcher_set_enabled (self, "open", g_str_equal (page, "home"));
  sg_launcher_set_enabled (self, "open-file", g_str_equal (page, "home"));
  sg_launcher_set_enabled (self, "paste", g_str_equal (page, "home"));
  sg_launcher_set_enabled (self, "make-ready", g_str_equal (page, "first"));
  sg_launcher_set_enabled (self, "cancel", g_str_equal (page, "progress"));
  if (g_str_equal (page, "home"))
    wanted = GTK_WIDGET (self->open);
  else if (g_str_equal (page, "first"))
    wanted = GTK_WIDGET (self->make_ready);
  else if (g_str_equal (page, "progress"))
    wanted = GTK_WIDGET (self->cancel);
  if (wanted != NULL)
    gtk_widget_grab_focus (wanted);
}

static void complete (SgLauncherWindow *self);

/* --- what Open a Sandbox gives --- */

static void
usual_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  g_autoptr (GPtrArray) looks = sg_look_finish (result);
  const SgLook *look = looks->pdata[0];
  g_autofree char *line = look->problem != NULL ? g_strdup (look->problem)
                          : !look->grants->may_run
                              ? g_strdup (look->grants->refusal)
                              : sg_look_line (look);

  if (!sg_launcher_is_closed (self))
    gtk_label_set_text (self->grants, line);
}

static void
look_at_usual (SgLauncherWindow *self)
{
  g_autofree char *path = sg_look_usual_path ();
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  const char *paths[] = { g_file_test (path, G_FILE_TEST_EXISTS) ? path : "", NULL };

  sg_look_async (paths, application != NULL ? sg_editing_policy_dirs (application) : NULL,
                 usual_known, g_object_ref (self));
}

static void
look_at_all (SgLauncherWindow *self)
{
  sg_launcher_look_at_copy (self);
  sg_saved_list_refresh (self->saved);
  look_at_usual (self);
}

static gboolean
look_again (gpointer data)
{
  SgLauncherWindow *self = data;

  if (gtk_window_is_active (GTK_WINDOW (self)))
    sg_launcher_look_at_copy (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_focus_in (GtkWidget *widget, GdkEventFocus *event)
{
  SgLauncherWindow *self = SG_LAUNCHER_WINDOW (widget);

  if (self->stack != NULL)
    look_at_all (self);
  return GTK_WIDGET_CLASS (sg_launcher_window_parent_class)->focus_in_event (widget, event);
}

/* --- actions --- */

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;

  if (self->copy_state == SG_COPY_BROKEN)
    sg_launcher_make (self, TRUE);
  else
    sg_launcher_open_one (self);
}

void
sg_launcher_window_open_when_ready (SgLauncherWindow *window)
{
  complete (window);
  if (sg_launcher_is_on (window, "home"))
    on_open (NULL, NULL, window);
  else
    window->opens_when_known = window->copy_state == SG_COPY_UNKNOWN;
}

static void
on_open_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_opening_choose (data);
}

static void
on_paste (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_opening_paste (data);
}

static void
on_saved (SgSavedList *saved, const char *path, gpointer data)
{
  sg_opening_start (data, path, FALSE);
}

static void
edited (const char *path, const SgProblem *problem, gpointer data)
{
  SgLauncherWindow *self = data;

  if (gtk_window_get_application (GTK_WINDOW (self)) == NULL)
    return; /* it was closed meanwhile */
  if (problem != NULL)
    sg_launcher_window_tell (self, problem);
  look_at_usual (self);
  sg_saved_list_refresh (self->saved);
}

static void
edit (SgLauncherWindow *self, SgEditKind kind, const char *path)
{
  sg_editing_start (gtk_window_get_application (GTK_WINDOW (self)), GTK_WINDOW (self), kind, path,
                    edited, self);
}

static void
on_change (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  edit (data, SG_EDIT_USUAL, NULL);
}

static void
on_new_saved (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  edit (data, SG_EDIT_SAVED, NULL);
}

static void
on_edit_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sg_editing_choose (gtk_window_get_application (data), data, edited, data);
}

static void
on_edit_saved (SgSavedList *saved, const char *path, gpointer data)
{
  edit (data, SG_EDIT_SAVED, path);
}

static void
on_saved_failed (SgSavedList *saved, const SgProblem *problem, gpointer data)
{
  sg_launcher_window_tell (data, problem);
}

static gboolean
opening_was_said (gpointer data)
{
  SgLauncherWindow *self = data;

  self->opening_source = 0;
  gtk_button_set_use_underline (self->open_file, TRUE);
  gtk_button_set_label (self->open_file, _ ("Open a _File Safely… (or drop one here)"));
  return G_SOURCE_REMOVE;
}

void
sg_launcher_window_opening (SgLauncherWindow *window, const char *name)
{
  g_autofree char *words = g_strdup_printf (_ ("Opening %s"), name);

  complete (window);
  g_clear_handle_id (&window->opening_source, g_source_remove);
  gtk_button_set_use_underline (window->open_file, FALSE);
  gtk_button_set_label (window->open_file, words);
  window->opening_source = g_timeout_add_seconds (OPENING_SECONDS, opening_was_said, window);
}

void
sg_launcher_window_tell (SgLauncherWindow *window, const SgProblem *problem)
{
  complete (window);
  sg_problem_page_show (window->problem_page, problem);
  sg_launcher_go_to (window, "problem");
  sg_problem_page_focus (window->problem_page);
}

/* --- the pages --- */

static void
add_problem_buttons (SgLauncherWindow *self)
{
  GtkWidget *check = gtk_button_new_with_mnemonic (_ ("Check _This Computer"));
  GtkWidget *report = gtk_button_new_with_mnemonic (_ ("_Report…"));
  GtkWidget *back = gtk_button_new_with_mnemonic (_ ("_Back"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (check), "app.check");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (report), "win.report");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (back), "win.back");
  sg_problem_page_add_button (self->problem_page, report);
  sg_problem_page_add_button (self->problem_page, check);
  sg_problem_page_add_button (self->problem_page, back);
}

/* The widgets of BUILDER that the rest of the window knows. */
static void
take_children (SgLauncherWindow *self, GtkBuilder *builder)
{
  static const struct
  {
    const char *name;
    gssize offset;
  } children[] = {
#define CHILD(name) { #name, G_STRUCT_OFFSET (SgLauncherWindow, name) }
    CHILD (stack),      CHILD (banner),        CHILD (banner_text),   CHILD (check),
    CHILD (stage),      CHILD (remaining),     CHILD (copy_text),     CHILD (running_title),
    CHILD (bar),        CHILD (open),          CHILD (make_ready),    CHILD (cancel),
    CHILD (refresh),    CHILD (banner_button), CHILD (check_icon),    CHILD (running),
    CHILD (list),       CHILD (problem_page),  CHILD (open_file),     CHILD (saved),
    CHILD (grants),
#undef CHILD
  };

  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    G_STRUCT_MEMBER (GObject *, self, children[i].offset)
        = gtk_builder_get_object (builder, children[i].name);
}

/* Makes the pages, and begins to look what they are to say. */
static void
complete (SgLauncherWindow *self)
{
  g_autoptr (GtkBuilder) builder = NULL;

  if (self->stack != NULL)
    return;
  g_type_ensure (SG_TYPE_PROBLEM_PAGE);
  g_type_ensure (SG_TYPE_SAVED_LIST);
  builder = gtk_builder_new_from_resource ("/org/sandglass/app/launcher-pages.ui");
  take_children (self, builder);
  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (gtk_builder_get_object (builder, "content")));
  add_problem_buttons (self);
  g_signal_connect (self->saved, "open", G_CALLBACK (on_saved), self);
  g_signal_connect (self->saved, "edit", G_CALLBACK (on_edit_saved), self);
  g_signal_connect (self->saved, "failed", G_CALLBACK (on_saved_failed), self);
  sg_launcher_list_begin (self);
  sg_opening_take_drops (self);
  self->look_source = g_timeout_add_seconds (LOOK_AGAIN_SECONDS, look_again, self);
  look_at_all (self);
  sg_launcher_run_doctor (self);
}

static void
after_first_frame (GtkWidget *window)
{
  complete (SG_LAUNCHER_WINDOW (window));
}

/* --- the object --- */

static void
sg_launcher_window_destroy (GtkWidget *widget)
{
  SgLauncherWindow *self = SG_LAUNCHER_WINDOW (widget);

  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_handle_id (&self->opening_source, g_source_remove);
  sg_launcher_end_making (self);
  sg_launcher_list_end (self);
  GTK_WIDGET_CLASS (sg_launcher_window_parent_class)->destroy (widget);
}

static void
sg_launcher_window_class_init (SgLauncherWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->destroy = sg_launcher_window_destroy;
  widget_class->focus_in_event = on_focus_in;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sandglass/app/launcher-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SgLauncherWindow, menu);
  signals[OPEN] = g_signal_new ("open", SG_TYPE_LAUNCHER_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
sg_launcher_window_init (SgLauncherWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "open", .activate = on_open },
    { .name = "open-file", .activate = on_open_file },
    { .name = "paste", .activate = on_paste },
    { .name = "change", .activate = on_change },
    { .name = "new-saved", .activate = on_new_saved },
    { .name = "edit-file", .activate = on_edit_file },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  sg_launcher_copy_add_actions (self);
  sg_launcher_menu_add_actions (self);
  sg_launcher_set_enabled (self, "open", FALSE);
  sg_launcher_set_enabled (self, "open-file", FALSE);
  sg_launcher_set_enabled (self, "paste", FALSE);
  sg_launcher_set_enabled (self, "make-ready", FALSE);
  sg_launcher_set_enabled (self, "cancel", FALSE);
  sg_after_first_frame (GTK_WIDGET (self), after_first_frame);
}

GtkWidget *
sg_launcher_window_new (GtkApplication *application, SgRunning *running)
{
  SgLauncherWindow *self = g_object_new (SG_TYPE_LAUNCHER_WINDOW, "application", application, NULL);

  self->sandboxes = g_object_ref (running);
  return GTK_WIDGET (self);
}
