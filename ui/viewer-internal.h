/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the sandbox's window.  viewer-window.c holds the object; viewer-course.c the course of a
 * sandbox and what goes wrong in it; viewer-tell.c what is said in passing; viewer-edge.c full
 * screen, its bar, and keys; viewer-close.c closing and what is asked before; viewer-stopped.c a
 * machine that stopped; viewer-wait.c what it does before anybody sees it; viewer-actions.c what the
 * bar and its menu do. */
#pragma once

#include "ui/ask.h"
#include "ui/clipboard.h"
#include "ui/drop.h"
#include "ui/first-picture.h"
#include "ui/keeper.h"
#include "ui/problem-page.h"
#include "ui/viewer-bar.h"
#include "ui/viewer-display.h"
#include "ui/viewer-window.h"

struct _SgViewerWindow
{
  GtkWindow parent;
  GtkStack *stack;
  GtkRevealer *edge, *hint_revealer, *notice;
  GtkLabel *stage, *patience, *hint, *notice_text;
  GtkSpinner *spinner;
  SgViewerBar *bar, *edge_bar;
  SgViewerDisplay *screen;
  SgProblemPage *problem_page;
  SgFirstPicture *first_picture;
  GtkWidget *starting, *starting_icon, *starting_title;
  gboolean has_first_picture;
  gboolean restarting; /* a clean one is asked for */
  SgClipboardBar *clipboard_bar; /* above the frame */
  SgClipboard *clipboard;        /* owned; NULL: no session */
  SgDrop *drop;                  /* owned; NULL: no keeper */
  GtkWidget *undo; /* NULL: none is offered */
  GtkWidget *save; /* on the page about what stopped */
  GSimpleActionGroup *actions;
  SgLink *link;             /* owned; NULL: none */
  SgKeeper *keeper;         /* owned; NULL: no screenshots */
  SgViewerSound *sound;     /* owned; NULL: none */
  SgViewerNetwork *network; /* owned; NULL: no link */
  const SgLeaveKey *leave_key;
  guint hint_source, edge_source, patience_source, lost_source;
  gint64 hinted_at;
  guint edge_unused; /* looks since the bar was used */
  gboolean may_connect, connected, full_screen, failed, closing;
  gboolean waits; /* viewer-wait.c: with a machine that waits */
  gboolean asking, asked_in_vain; /* the question is open; it could not be put */
  gboolean stopped, rescuing;     /* its files can be saved; they are being shown */
  gboolean remembers_size;
  gboolean leaves_session;        /* closing is all that closing does */
  int code;
};

/* --- viewer-tell.c */
/* A line at the lower edge, for a few seconds. */
void sg_viewer_hint (SgViewerWindow *self, const char *text);
/* A banner that stays until it is seen. */
void sg_viewer_notice (SgViewerWindow *self, const char *text);
/* Template callbacks. */
void sg_viewer_on_grabbed (SgViewerDisplay *screen, gboolean grabbed, gpointer window);
void sg_viewer_on_notice_seen (GtkButton *button, gpointer window);

/* --- viewer-edge.c */
void sg_viewer_toggle_full_screen (SgViewerWindow *self);
/* Gives the keyboard back, to the bar; also a template callback. */
void sg_viewer_on_leave (SgViewerDisplay *screen, gpointer window);
/* What keys do outside of the sandbox's screen. */
void sg_viewer_add_shortcuts (SgViewerWindow *self);
/* The window has another state; a key was pressed in it.  PARENT: the parent class. */
void sg_viewer_window_state (SgViewerWindow *self, GdkEventWindowState *event);
gboolean sg_viewer_key_press (SgViewerWindow *self, GdkEventKey *event, GtkWidgetClass *parent);

/* --- viewer-close.c */
/* As the button does: asks where something would be lost. */
void sg_viewer_close (SgViewerWindow *self);
/* From elsewhere: it is to "show" itself, or to "close" as if the button were pressed. */
void sg_viewer_on_asked (SgLink *link, const char *what, gpointer window);
/* The sandbox went while its end could still be taken back. */
void sg_viewer_end_undo (SgViewerWindow *self);
void sg_viewer_save_files (SgViewerWindow *self);
/* The same whatever the window shows. */
void sg_viewer_ask_files (SgViewerWindow *self);
/* Which folders of this computer it has: a window of another process. */
void sg_viewer_show_folders (SgViewerWindow *self);
/* The keys go inside again once it has closed.  A GAsyncReadyCallback of sg_keeper_ask_async() with a
 * reference to the window as its data. */
void sg_viewer_other_window_closed (GObject *source, GAsyncResult *result, gpointer data);
/* A clean one in the same window; asks like closing. */
void sg_viewer_restart (SgViewerWindow *self);

/* --- viewer-stopped.c */
/* The machine stopped, and its files can be saved; then not any more. */
void sg_viewer_stopped (SgViewerWindow *self);
void sg_viewer_stopped_is_over (SgViewerWindow *self);
void sg_viewer_add_save_button (SgViewerWindow *self);

/* --- viewer-wait.c */
/* The machine that it waits with can be looked at. */
void sg_viewer_wait_looks (SgViewerWindow *self);
/* It went: so does the window, which nobody has seen. */
void sg_viewer_wait_in_vain (SgViewerWindow *self);

/* --- viewer-actions.c */
void sg_viewer_add_actions (SgViewerWindow *self);
/* Whether there is a desktop: some can be used only then. */
void sg_viewer_enable_actions (SgViewerWindow *self, gboolean enabled);

/* --- viewer-window.c */
/* Hides the window and says that the program may end. */
void sg_viewer_finish (SgViewerWindow *self);
/* Whether the sandbox's screen is what is shown. */
gboolean sg_viewer_shows_screen (SgViewerWindow *self);

/* --- viewer-course.c */
/* As sg_viewer_window_fail(), with the session's details. */
void sg_viewer_fail_with (SgViewerWindow *self, const char *title, const char *message,
                          const char *next);
/* A slow start is explained from now on. */
void sg_viewer_begin_patience (SgViewerWindow *self);
/* The sandbox's name, above it. */
void sg_viewer_show_title (SgViewerWindow *self);
/* What the session tells. */
void sg_viewer_on_changed (SgLink *link, gpointer window);
void sg_viewer_on_notice (SgLink *link, const char *kind, const char *message, gpointer window);
void sg_viewer_on_gone (SgLink *link, gpointer window);
/* Template callbacks: its screen is lost; it shows something. */
void sg_viewer_on_lost (SgViewerDisplay *screen, gpointer window);
void sg_viewer_on_picture (SgViewerDisplay *screen, gpointer window);
