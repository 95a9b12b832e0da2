/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the launcher's window.  launcher-window.c holds the object, its pages and what is
 * opened from them; launcher-copy.c the copy of this computer and making it; launcher-list.c the list
 * of sandboxes; launcher-menu.c the menu and its windows; launcher-banner.c what is missing here. */
#pragma once

#include "ui/build.h"
#include "ui/facts.h"
#include "ui/launcher-window.h"
#include "ui/problem-page.h"
#include "ui/saved-list.h"

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
  SgRunning *sandboxes; /* owned; NULL: the window goes */
  SgBuild *build; /* owned; NULL: none runs */
  SgCopyState copy_state;
  guint pulse_source, look_source, opening_source, turn_source;
  gint64 turn_at; /* monotonic, milliseconds */
  gboolean opens_after; /* a sandbox is wanted when the copy is ready */
  gboolean looking;
  gboolean opens_when_known; /* a sandbox is wanted as soon as there is a copy */
};


/* --- launcher-window.c */
/* Whoever waited for an answer still holds it, but its widgets are gone. */
gboolean sg_launcher_is_closed (SgLauncherWindow *self);
gboolean sg_launcher_is_on (SgLauncherWindow *self, const char *page);
void sg_launcher_set_enabled (SgLauncherWindow *self, const char *name, gboolean enabled);
/* Shows PAGE, with the keyboard on what is most likely wanted there. */
void sg_launcher_go_to (SgLauncherWindow *self, const char *page);
/* Asks for a sandbox, as a person who presses the button. */
void sg_launcher_open_one (SgLauncherWindow *self);

/* --- launcher-copy.c */
/* Shows the page that the state of the copy asks for. */
void sg_launcher_go_where_the_copy_says (SgLauncherWindow *self);
/* Looks at it again, unless that is under way. */
void sg_launcher_look_at_copy (SgLauncherWindow *self);
/* Makes it, unless that is under way. */
void sg_launcher_make (SgLauncherWindow *self, gboolean opens_after);
void sg_launcher_cancel_making (SgLauncherWindow *self);
/* The window goes, and with it whoever waits for the copy. */
void sg_launcher_end_making (SgLauncherWindow *self);
/* What a person asks of it. */
void sg_launcher_copy_add_actions (SgLauncherWindow *self);

/* --- launcher-menu.c */
void sg_launcher_menu_add_actions (SgLauncherWindow *self);

/* --- launcher-list.c */
/* Once its list is made, and when the window goes. */
void sg_launcher_list_begin (SgLauncherWindow *self);
void sg_launcher_list_end (SgLauncherWindow *self);

/* --- launcher-banner.c */
void sg_launcher_run_doctor (SgLauncherWindow *self);
