/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the broker: clipboard.c holds the object, the switches and the lock; clipboard-in.c and
 * clipboard-out.c a direction each. */
#pragma once

#include "ui/clipboard-gesture.h"
#include "ui/clipboard-policy.h"
#include "ui/clipboard.h"

#include <spice/vd_agent.h>

#define SG_CLIP_SELECTIONS 2 /* CLIPBOARD and PRIMARY, as SPICE numbers them */

typedef enum
{
  SG_CLIP_BY_PERSON, /* a gesture, an answer */
  SG_CLIP_BY_GUEST
} SgClipBy;

/* One clip on its way in. */
typedef struct
{
  guint serial;      /* of the gesture: answers to an older one are dropped */
  gboolean by_menu;  /* else by a key or a click that waits */
  guint selection;   /* SPICE's number */
  guint64 changes;   /* of the selection, when it was looked at */
  SgClipKind kind;
  guint8 *data;      /* owned; announced inside while not NULL */
  gsize length;
  guint32 type;      /* VD_AGENT_CLIPBOARD_* */
  guint empty_answers_left;
  guint release, hold; /* sources */
} SgClipIn;

/* One clip on its way out. */
typedef struct
{
  gboolean fetching;
  SgClipKind kind;
  guint32 type;
  guint deadline, later; /* sources */
  guint later_types;     /* bits of SgClipKind that a postponed offer has */
  gboolean asking;       /* the person is asked, about: */
  char *text;            /* owned */
  GdkPixbuf *picture;    /* owned */
  gsize bytes;
} SgClipOut;

struct _SgClipboard
{
  GObject parent;
  SgClipState state;
  SgLink *link;              /* owned */
  SgClipboardBar *bar;       /* owned */
  GActionMap *actions;       /* owned */
  SpiceMainChannel *channel; /* owned; NULL: no guest yet */
  SgClipGesture *gesture;    /* owned; NULL: no screen yet */
  guint lock_source;
  guint flow_source;
  guint64 flow; /* bytes that had come when the guest's last message was at an end */
  /* Who copied last, in each selection: a paste takes the newer one. */
  guint64 here_changes[SG_CLIP_SELECTIONS];
  gint64 here_at[SG_CLIP_SELECTIONS], inside_at[SG_CLIP_SELECTIONS];
  SgClipIn in;
  SgClipOut out;
};

/* A line for the journal, never with contents.  BY: who brought it about. */
void sg_clipboard_log (SgClipboard *self, const char *direction, SgClipKind kind, gsize bytes,
                       SgClipVerdict verdict, SgClipBy by);
void sg_clipboard_tell (SgClipboard *self, const char *text);
/* The person has pasted these files. */
void sg_clipboard_pasted (SgClipboard *self, char **uris);
/* A message of the guest's is at an end. */
void sg_clipboard_heard (SgClipboard *self);
GtkClipboard *sg_clipboard_here (SgClipboard *self, guint selection);
/* The switches show what the state says. */
void sg_clipboard_show_switches (SgClipboard *self);

/* --- clipboard-in.c */
gboolean sg_clip_in_gesture (GdkAtom selection, gpointer clipboard);
void sg_clip_in_menu (SgClipboard *self);
gboolean sg_clip_in_request (SpiceMainChannel *channel, guint selection, guint type, gpointer data);
/* Takes back whatever is announced, and lets go of what waits. */
void sg_clip_in_end (SgClipboard *self);

/* --- clipboard-out.c */
gboolean sg_clip_out_grab (SpiceMainChannel *channel, guint selection, gpointer types, guint n,
                           gpointer data);
void sg_clip_out_data (SpiceMainChannel *channel, guint selection, guint type, gpointer bytes,
                       guint size, gpointer data);
void sg_clip_out_release (SpiceMainChannel *channel, guint selection, gpointer data);
void sg_clip_out_answered (SgClipboardBar *bar, int answer, gpointer data);
/* Forgets what is fetched and what is asked. */
void sg_clip_out_end (SgClipboard *self);
