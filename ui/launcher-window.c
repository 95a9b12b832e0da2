/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/launcher-window.h"

#include "ui/build.h"
#include "ui/command.h"
#include "ui/editing.h"
#include "ui/facts.h"
#include "ui/opening.h"
#include "ui/problem-page.h"
#include "ui/report-window.h"
#include "ui/running-row.h"
#include "ui/saved-list.h"
#include "ui/words.h"

#include <glib/gi18n.h>

#define OPENING_SECONDS 5     /* how long it is said that a file is being opened */
#define ICON_MSEC 200
#define LOOK_AGAIN_SECONDS 60 /* packages are installed while the window is open */

struct _SgLauncherWindow
{
  GtkApplicationWindow parent;
  GtkStack *stack;
  GtkRevealer *banner;
  GtkLabel *banner_text, *check, *stage, *remaining, *running_title, *copy_text, *grants;
  GtkProgressBar *bar;
  GtkButton *open, *open_file, *make_ready, *cancel, *refresh, *banner_button;
  GtkImage *check_icon;
  GtkBox *running;
  GtkListBox *list;
  GtkMenuButton *menu;
  SgProblemPage *problem_page;
  SgSavedList *saved;
  SgBuild *build; /* owned; NULL: none runs */
  SgCopyState copy_state;
  guint pulse_source, look_source, opening_source;
  gboolean opens_after; /* a sandbox is wanted when the copy is ready */
  gboolean looking;
  gboolean opens_when_known; /* a sandbox is wanted as soon as there is a copy */
};

G_DEFINE_TYPE (SgLauncherWindow, sg_launcher_window, GTK_TYPE_APPLICATION_WINDOW)

enum
{
  OPEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
is_on (SgLauncherWindow *self, const char *page)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), page) == 0;
}

static void
set_enabled (SgLauncherWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/* Shows PAGE, with the keyboard on what is most likely wanted there. */
static void
go_to (SgLauncherWindow *self, const char *page)
{
  GtkWidget *wanted = NULL;

  if (is_on (self, page))
    return;
  gtk_stack_set_visible_child_name (self->stack, page);
  set_enabled (self, "open", g_str_equal (page, "home"));
  set_enabled (self, "open-file", g_str_equal (page, "home"));
  set_enabled (self, "make-ready", g_str_equal (page, "first"));
  set_enabled (self, "cancel", g_str_equal (page, "progress"));
  if (g_str_equal (page, "home"))
    wanted = GTK_WIDGET (self->open);
  else if (g_str_equal (page, "first"))
    wanted = GTK_WIDGET (self->make_ready);
  else if (g_str_equal (page, "progress"))
    wanted = GTK_WIDGET (self->cancel);
  if (wanted != NULL)
    gtk_widget_grab_focus (wanted);
}

/* --- the copy of this computer --- */

static void
go_where_the_copy_says (SgLauncherWindow *self)
{
  if (self->build != NULL)
    go_to (self, "progress");
  else if (self->copy_state == SG_COPY_MISSING)
    go_to (self, "first");
  else
    go_to (self, "home");
}

static char *
describe_copy (const SgCopy *copy)
{
  g_autofree char *day = copy->built_at > 0
                             ? sg_words_day (copy->built_at, g_get_real_time () / G_USEC_PER_SEC)
                             : NULL;

  switch (copy->state)
    {
    case SG_COPY_FRESH:
      return g_strdup (_ ("Copy of this computer: up to date"));
    case SG_COPY_STALE:
      if (day != NULL)
        return g_strdup_printf (_ ("Copy of this computer: updates since %s"), day);
      return g_strdup (_ ("Copy of this computer: older than its updates"));
    case SG_COPY_BROKEN:
      return g_strdup (_ ("Copy of this computer: damaged, will be made again"));
    default:
      return g_strdup ("");
    }
}

static void
show_copy (SgLauncherWindow *self, const SgCopy *copy)
{
  g_autofree char *words = describe_copy (copy);

  self->copy_state = copy->state;
  gtk_label_set_text (self->copy_text, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->copy_text), copy->why);
  gtk_widget_set_visible (GTK_WIDGET (self->refresh),
                          copy->state == SG_COPY_STALE || copy->state == SG_COPY_BROKEN);
  if (is_on (self, "looking") || is_on (self, "first") || is_on (self, "home"))
    go_where_the_copy_says (self);
  if (self->opens_when_known && is_on (self, "home"))
    g_action_group_activate_action (G_ACTION_GROUP (self), "open", NULL);
  self->opens_when_known = FALSE;
}

static void
status_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  g_autoptr (SgCopy) copy = sg_copy_parse (answer);

  self->looking = FALSE;
  if (problem != NULL)
    {
      if (is_on (self, "looking"))
        sg_launcher_window_tell (self, problem);
      return;
    }
  show_copy (self, copy);
}

static void
look_at_copy (SgLauncherWindow *self)
{
  g_autoptr (SgCommand) command = NULL;

  if (self->looking || self->build != NULL)
    return;
  self->looking = TRUE;
  command = sg_command_start ((const char *const[]){ "base", "status", "--json", NULL }, FALSE);
  g_signal_connect (command, "ended", G_CALLBACK (status_ended), g_object_ref (self));
}

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

static gboolean
look_again (gpointer data)
{
  SgLauncherWindow *self = data;

  if (gtk_window_is_active (GTK_WINDOW (self)))
    look_at_copy (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_focus_in (GtkWidget *widget, GdkEventFocus *event)
{
  look_at_copy (SG_LAUNCHER_WINDOW (widget));
  sg_saved_list_refresh (SG_LAUNCHER_WINDOW (widget)->saved);
  look_at_usual (SG_LAUNCHER_WINDOW (widget));
  return GTK_WIDGET_CLASS (sg_launcher_window_parent_class)->focus_in_event (widget, event);
}

/* --- making it --- */

static gboolean
pulse (gpointer data)
{
  gtk_progress_bar_pulse (SG_LAUNCHER_WINDOW (data)->bar);
  return G_SOURCE_CONTINUE;
}

static void
on_progress (SgBuild *build, gpointer data)
{
  SgLauncherWindow *self = data;
  double fraction = sg_build_fraction (build);
  g_autofree char *remaining = sg_build_remaining (build);

  gtk_label_set_text (self->stage, sg_build_stage (build));
  gtk_label_set_text (self->remaining, remaining);
  if (fraction < 0 && self->pulse_source == 0)
    self->pulse_source = g_timeout_add (100, pulse, self);
  if (fraction < 0)
    return;
  g_clear_handle_id (&self->pulse_source, g_source_remove);
  gtk_progress_bar_set_fraction (self->bar, fraction);
}

static void
open_one (SgLauncherWindow *self)
{
  g_signal_emit (self, signals[OPEN], 0);
}

static void
build_ended (SgBuild *build, SgProblem *problem, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  gboolean ready = problem == NULL && !sg_build_was_cancelled (build);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  g_clear_object (&self->build);
  g_clear_handle_id (&self->pulse_source, g_source_remove);
  g_application_release (g_application_get_default ());
  if (application == NULL)
    return; /* the window was closed meanwhile */
  if (ready)
    self->copy_state = SG_COPY_FRESH;
  go_where_the_copy_says (self);
  look_at_copy (self);
  if (problem != NULL)
    sg_launcher_window_tell (self, problem);
  else if (ready && self->opens_after)
    open_one (self);
}

static void
make (SgLauncherWindow *self, gboolean opens_after)
{
  if (self->build != NULL)
    return;
  self->opens_after = opens_after;
  self->build = sg_build_start ();
  gtk_label_set_text (self->stage, _ ("Looking at your programs"));
  gtk_label_set_text (self->remaining, "");
  gtk_progress_bar_set_fraction (self->bar, 0);
  /* The work has an end even when the window has gone. */
  g_application_hold (g_application_get_default ());
  g_signal_connect_object (self->build, "progress", G_CALLBACK (on_progress), self, 0);
  g_signal_connect (self->build, "ended", G_CALLBACK (build_ended), g_object_ref (self));
  go_to (self, "progress");
}

/* --- what is missing on this computer --- */

static const SgCheck *
find_check (GPtrArray *checks, const char *id)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const SgCheck *check = g_ptr_array_index (checks, i);
      if (g_str_equal (check->id, id))
        return check;
    }
  return NULL;
}

static guint
count_missing (GPtrArray *checks)
{
  guint n = 0;

  for (guint i = 0; i < checks->len; i++)
    {
      const SgCheck *check = g_ptr_array_index (checks, i);
      n += check->required && !check->met;
    }
  return n;
}

static void
show_banner (SgLauncherWindow *self, const char *text)
{
  gtk_label_set_text (self->banner_text, text);
  gtk_revealer_set_reveal_child (self->banner, text != NULL);
}

static void
doctor_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  g_autoptr (GPtrArray) checks = sg_checks_parse (answer);
  const SgCheck *virtualization;
  guint missing;

  if (checks == NULL)
    return; /* Check This Computer tells about it */
  missing = count_missing (checks);
  virtualization = find_check (checks, "virtualization");
  if (virtualization != NULL)
    {
      gtk_label_set_text (self->check,
                          virtualization->met
                              ? _ ("Hardware virtualization: yes. Strong isolation.")
                              : _ ("Hardware virtualization: no. Slower, weaker isolation."));
      gtk_image_set_from_icon_name (
          self->check_icon, virtualization->met ? "emblem-ok-symbolic" : "dialog-warning-symbolic",
          GTK_ICON_SIZE_BUTTON);
      gtk_widget_show (GTK_WIDGET (self->check_icon));
    }
  if (missing > 0)
    {
      g_autofree char *text = g_strdup_printf (
          ngettext ("Something that sandboxes need is missing on this computer.",
                    "%u things that sandboxes need are missing on this computer.", missing),
          missing);
      gtk_button_set_label (self->banner_button, _ ("What to Do"));
      show_banner (self, text);
    }
  else if (virtualization != NULL && !virtualization->met)
    show_banner (self, _ ("Your computer's virtualization cannot be used. Sandboxes are slow and "
                          "less strongly separated."));
}

static void
run_doctor (SgLauncherWindow *self)
{
  g_autoptr (SgCommand) command
      = sg_command_start ((const char *const[]){ "doctor", "--json", NULL }, FALSE);

  g_signal_connect (command, "ended", G_CALLBACK (doctor_ended), g_object_ref (self));
}

/* --- actions --- */

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;

  if (self->copy_state == SG_COPY_BROKEN)
    make (self, TRUE);
  else
    open_one (self);
}

void
sg_launcher_window_open_when_ready (SgLauncherWindow *window)
{
  if (is_on (window, "home"))
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

/* From a page that tells about a problem, what it tells is in the report. */
static void
on_report (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;
  g_autofree char *details
      = is_on (self, "problem") ? sg_problem_page_report (self->problem_page) : NULL;

  gtk_window_present (GTK_WINDOW (sg_report_window_new (GTK_WINDOW (self), details)));
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

  g_clear_handle_id (&window->opening_source, g_source_remove);
  gtk_button_set_use_underline (window->open_file, FALSE);
  gtk_button_set_label (window->open_file, words);
  window->opening_source = g_timeout_add_seconds (OPENING_SECONDS, opening_was_said, window);
}

static void
on_make_ready (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  make (data, TRUE);
}

static void
on_refresh (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  make (data, FALSE);
}

static void
on_cancel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;

  if (self->build == NULL)
    return;
  gtk_label_set_text (self->stage, _ ("Stopping"));
  gtk_label_set_text (self->remaining, "");
  set_enabled (self, "cancel", FALSE);
  sg_build_cancel (self->build);
}

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SgLauncherWindow *self = data;

  if (self->copy_state == SG_COPY_UNKNOWN)
    {
      go_to (self, "looking");
      look_at_copy (self);
    }
  else
    go_where_the_copy_says (self);
}

static void
on_menu (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (SG_LAUNCHER_WINDOW (data)->menu), TRUE);
}

/* --- the list --- */

static void
count_running (SgLauncherWindow *self)
{
  g_autoptr (GList) rows = gtk_container_get_children (GTK_CONTAINER (self->list));
  guint n = g_list_length (rows);
  g_autofree char *title = g_strdup_printf (_ ("Running (%u)"), n);

  gtk_label_set_text (self->running_title, title);
  gtk_widget_set_visible (GTK_WIDGET (self->running), n > 0);
}

static void
on_row (GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
  sg_sandbox_show (sg_running_row_get_sandbox (SG_RUNNING_ROW (row)));
}

void
sg_launcher_window_add (SgLauncherWindow *window, SgSandbox *sandbox)
{
  gtk_container_add (GTK_CONTAINER (window->list), sg_running_row_new (sandbox));
}

void
sg_launcher_window_tell (SgLauncherWindow *window, const SgProblem *problem)
{
  sg_problem_page_show (window->problem_page, problem);
  go_to (window, "problem");
  sg_problem_page_focus (window->problem_page);
}

/* --- the object --- */

static void
sg_launcher_window_destroy (GtkWidget *widget)
{
  SgLauncherWindow *self = SG_LAUNCHER_WINDOW (widget);

  g_clear_handle_id (&self->pulse_source, g_source_remove);
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_handle_id (&self->opening_source, g_source_remove);
  if (self->build != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->build, on_progress, self);
      sg_build_cancel (self->build);
    }
  GTK_WIDGET_CLASS (sg_launcher_window_parent_class)->destroy (widget);
}

static void
bind_children (GtkWidgetClass *class)
{
  static const struct
  {
    const char *name;
    gssize offset;
  } children[] = {
#define CHILD(name) { #name, G_STRUCT_OFFSET (SgLauncherWindow, name) }
    CHILD (stack),   CHILD (banner),        CHILD (banner_text), CHILD (check),
    CHILD (stage),   CHILD (remaining),     CHILD (copy_text),   CHILD (running_title),
    CHILD (bar),     CHILD (open),          CHILD (make_ready),  CHILD (cancel),
    CHILD (refresh), CHILD (banner_button), CHILD (check_icon),  CHILD (running),
    CHILD (list),    CHILD (problem_page),  CHILD (menu),        CHILD (open_file),
    CHILD (saved),   CHILD (grants),
#undef CHILD
  };

  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    gtk_widget_class_bind_template_child_full (class, children[i].name, FALSE, children[i].offset);
}

static void
sg_launcher_window_class_init (SgLauncherWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->destroy = sg_launcher_window_destroy;
  widget_class->focus_in_event = on_focus_in;
  g_type_ensure (SG_TYPE_PROBLEM_PAGE);
  g_type_ensure (SG_TYPE_SAVED_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/sandglass/app/launcher-window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_row);
  gtk_widget_class_bind_template_callback (widget_class, on_saved);
  gtk_widget_class_bind_template_callback (widget_class, on_edit_saved);
  gtk_widget_class_bind_template_callback (widget_class, on_saved_failed);
  signals[OPEN] = g_signal_new ("open", SG_TYPE_LAUNCHER_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

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

/* Drawing it in every size takes longer than the first frame; that comes first. */
static gboolean
set_icon (gpointer data)
{
  gtk_window_set_icon_name (GTK_WINDOW (data), "org.sandglass.Sandglass");
  return G_SOURCE_REMOVE;
}

static void
sg_launcher_window_init (SgLauncherWindow *self)
{
  const GActionEntry entries[] = {
    { .name = "open", .activate = on_open },
    { .name = "open-file", .activate = on_open_file },
    { .name = "make-ready", .activate = on_make_ready },
    { .name = "refresh", .activate = on_refresh },
    { .name = "cancel", .activate = on_cancel },
    { .name = "back", .activate = on_back },
    { .name = "menu", .activate = on_menu },
    { .name = "change", .activate = on_change },
    { .name = "report", .activate = on_report },
    { .name = "new-saved", .activate = on_new_saved },
    { .name = "edit-file", .activate = on_edit_file },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  add_problem_buttons (self);
  g_signal_connect_swapped (self->list, "add", G_CALLBACK (count_running), self);
  g_signal_connect_object (self->list, "remove", G_CALLBACK (count_running), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  set_enabled (self, "open", FALSE);
  set_enabled (self, "open-file", FALSE);
  sg_saved_list_refresh (self->saved);
  sg_opening_take_drops (self);
  set_enabled (self, "make-ready", FALSE);
  set_enabled (self, "cancel", FALSE);
  self->look_source = g_timeout_add_seconds (LOOK_AGAIN_SECONDS, look_again, self);
  look_at_copy (self);
  run_doctor (self);
  g_timeout_add_full (G_PRIORITY_LOW, ICON_MSEC, set_icon, g_object_ref (self), g_object_unref);
}

GtkWidget *
sg_launcher_window_new (GtkApplication *application)
{
  SgLauncherWindow *self = g_object_new (SG_TYPE_LAUNCHER_WINDOW, "application", application, NULL);

  look_at_usual (self);
  return GTK_WIDGET (self);
}
