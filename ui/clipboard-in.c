/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In: gesture -> what is on this computer's clipboard? -> its contents -> announced inside -> the
 * gesture goes on -> a program inside asks -> it gets it -> taken back.
 *
 * The contents are read before anything is announced: what the guest gets is what was there when
 * the person pasted, whatever is copied in the meantime.
 *
 * The agent inside does not say when it has made the announcement known.  So the gesture waits a
 * moment more; a program that was quicker pastes nothing, and the next paste finds it. */
#include "ui/clipboard-content.h"
#include "ui/clipboard-internal.h"

#include <glib/gi18n.h>
#include <string.h>

#define SETTLE_MSEC 120
#define EMPTY_ANSWERS 16
#define COPIED_FILES "x-special/gnome-copied-files"
#define COPIED_FILES_MAX (1024 * 1024)

/* An answer of this computer's clipboard, for the gesture that asked. */
typedef struct
{
  SgClipboard *self; /* owned */
  guint serial;
} Ask;

static Ask *
ask_new (SgClipboard *self)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->self = g_object_ref (self);
  ask->serial = self->in.serial;
  return ask;
}

static void
ask_free (Ask *ask)
{
  g_object_unref (ask->self);
  g_free (ask);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ask, ask_free)

static void
go_on (SgClipboard *self)
{
  g_clear_handle_id (&self->in.hold, g_source_remove);
  if (self->gesture != NULL && !self->in.by_menu)
    sg_clip_gesture_go_on (self->gesture);
}

/* Of an older gesture; or something else was copied here since: what the person meant is gone, and
 * nothing is waited for. */
static gboolean
is_stale (const Ask *ask)
{
  SgClipIn *in = &ask->self->in;

  if (ask->serial != in->serial)
    return TRUE;
  if (in->changes == ask->self->here_changes[in->selection])
    return FALSE;
  go_on (ask->self);
  return TRUE;
}

static void
forget_data (SgClipIn *in)
{
  if (in->data != NULL)
    explicit_bzero (in->data, in->length);
  g_clear_pointer (&in->data, g_free);
  in->length = 0;
}

static void
take_back (SgClipboard *self)
{
  SgClipIn *in = &self->in;

  g_clear_handle_id (&in->release, g_source_remove);
  sg_clip_shut (&self->state);
  if (in->data == NULL)
    return;
  forget_data (in);
  if (self->channel != NULL)
    spice_main_channel_clipboard_selection_release (self->channel, in->selection);
}

void
sg_clip_in_end (SgClipboard *self)
{
  self->in.serial++;
  take_back (self);
  go_on (self);
}

static void
stop (SgClipboard *self, SgClipKind kind, gsize bytes, SgClipVerdict verdict)
{
  const char *words = NULL;

  sg_clipboard_log (self, "in", kind, bytes, verdict, SG_CLIP_BY_PERSON);
  if (verdict == SG_CLIP_PASSWORD)
    words = _ ("Not pasted: what you copied is marked as a password.");
  else if (verdict == SG_CLIP_TOO_LARGE)
    words = _ ("Not pasted: what you copied is larger than this sandbox may get.");
  else if (verdict == SG_CLIP_KIND && kind == SG_CLIP_FILES)
    words = _ ("Not pasted: this sandbox may not get files.");
  else if (verdict == SG_CLIP_KIND && kind == SG_CLIP_IMAGE)
    words = _ ("Not pasted: this sandbox may get text, but no pictures.");
  if (words != NULL)
    sg_clipboard_tell (self, words);
  go_on (self);
}

/* --- announced --- */

static gboolean
release_due (gpointer data)
{
  SgClipboard *self = data;

  self->in.release = 0;
  take_back (self);
  return G_SOURCE_REMOVE;
}

static void
release_when_due (SgClipboard *self)
{
  gint64 left = self->state.open_until - g_get_monotonic_time ();

  g_clear_handle_id (&self->in.release, g_source_remove);
  self->in.release = g_timeout_add ((guint)(MAX (left, 0) / 1000) + 1, release_due, self);
}

static gboolean
settled (gpointer data)
{
  SgClipboard *self = data;

  self->in.hold = 0;
  go_on (self);
  return G_SOURCE_REMOVE;
}

/* Takes DATA. */
static void
announce (SgClipboard *self, guint32 type, guint8 *data, gsize length)
{
  SgClipIn *in = &self->in;

  in->data = data;
  in->length = length;
  in->type = type;
  in->empty_answers_left = EMPTY_ANSWERS;
  sg_clip_open (&self->state, g_get_monotonic_time (),
                in->by_menu ? SG_CLIP_MENU_OPEN : SG_CLIP_KEY_OPEN);
  spice_main_channel_clipboard_selection_grab (self->channel, in->selection, &type, 1);
  release_when_due (self);
  if (in->by_menu)
    sg_clipboard_tell (self, _ ("For 30 seconds you can paste what you copied in the sandbox."));
  else
    in->hold = g_timeout_add (SETTLE_MSEC, settled, self);
}

gboolean
sg_clip_in_request (SpiceMainChannel *channel, guint selection, guint type, gpointer data)
{
  SgClipboard *self = data;
  SgClipIn *in = &self->in;
  SgClipVerdict verdict = SG_CLIP_NO_GESTURE;

  sg_clipboard_heard (self);
  if (in->data != NULL && selection == in->selection)
    verdict = type == in->type ? sg_clip_take (&self->state, g_get_monotonic_time ()) : SG_CLIP_KIND;
  sg_clipboard_log (self, "in", in->kind, in->data != NULL ? in->length : 0, verdict,
                    SG_CLIP_BY_GUEST);
  if (verdict == SG_CLIP_PASS)
    {
      spice_main_channel_clipboard_selection_notify (channel, selection, type, in->data,
                                                     in->length);
      release_when_due (self);
    }
  /* The agent inside makes a program wait for an answer; but whoever asks without end and never
   * listens would fill our memory with answers. */
  else if (in->data != NULL && selection < SG_CLIP_SELECTIONS && in->empty_answers_left > 0)
    {
      in->empty_answers_left--;
      spice_main_channel_clipboard_selection_notify (channel, selection, VD_AGENT_CLIPBOARD_NONE,
                                                     NULL, 0);
    }
  return TRUE;
}

/* --- this computer's clipboard --- */

static gboolean
agent_is_there (SgClipboard *self)
{
  gboolean connected = FALSE;

  if (self->channel != NULL)
    g_object_get (self->channel, "agent-connected", &connected, NULL);
  return connected;
}

static void
got_text (GtkClipboard *clipboard, const char *text, gpointer data)
{
  g_autoptr (Ask) ask = data;
  gsize length = text != NULL ? strlen (text) : 0;
  SgClipVerdict verdict;

  if (is_stale (ask))
    return;
  verdict = sg_clip_may_announce (&ask->self->state, SG_CLIP_TEXT, FALSE);
  if (verdict == SG_CLIP_PASS)
    verdict = sg_clip_fits (&ask->self->state, length);
  if (verdict == SG_CLIP_PASS)
    announce (ask->self, VD_AGENT_CLIPBOARD_UTF8_TEXT, g_memdup2 (text, length), length);
  else
    stop (ask->self, SG_CLIP_TEXT, length, verdict);
}

static void
got_picture (GtkClipboard *clipboard, GdkPixbuf *picture, gpointer data)
{
  g_autoptr (Ask) ask = data;
  g_autofree char *png = NULL;
  gsize length = 0;
  SgClipVerdict verdict;

  if (is_stale (ask))
    return;
  verdict = sg_clip_may_announce (&ask->self->state, SG_CLIP_IMAGE, FALSE);
  if (verdict == SG_CLIP_PASS && picture != NULL)
    png = sg_clip_write_png (picture, &length, NULL);
  if (verdict == SG_CLIP_PASS)
    verdict = sg_clip_fits (&ask->self->state, length);
  if (verdict == SG_CLIP_PASS)
    announce (ask->self, VD_AGENT_CLIPBOARD_IMAGE_PNG, (guint8 *)g_steal_pointer (&png), length);
  else
    stop (ask->self, SG_CLIP_IMAGE, length, verdict);
}

/* File managers offer files as text, too (their names): files come first.  Marked as a password is
 * what carries the mark, whatever it says. */
static SgClipKind
kind_of (GdkAtom *targets, int n, gboolean *password)
{
  gboolean text = gtk_targets_include_text (targets, n), files = FALSE;

  *password = FALSE;
  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = gdk_atom_name (targets[i]);
      *password = *password || g_str_equal (name, "x-kde-passwordManagerHint");
      files = files || g_str_equal (name, "text/uri-list")
              || g_str_equal (name, COPIED_FILES);
    }
  return files                                           ? SG_CLIP_FILES
         : text                                          ? SG_CLIP_TEXT
         : gtk_targets_include_image (targets, n, FALSE) ? SG_CLIP_IMAGE
                                                         : SG_CLIP_OTHER;
}

/* The gesture ends here: a program inside has nothing to paste. */
static void
got_files (SgClipboard *self, char **uris)
{
  SgClipVerdict verdict = sg_clip_may_announce (&self->state, SG_CLIP_FILES, FALSE);
  guint n = uris != NULL ? g_strv_length (uris) : 0;

  if (verdict == SG_CLIP_PASS && n == 0)
    verdict = SG_CLIP_EMPTY;
  if (verdict != SG_CLIP_PASS)
    {
      stop (self, SG_CLIP_FILES, n, verdict);
      return;
    }
  sg_clipboard_log (self, "in", SG_CLIP_FILES, n, SG_CLIP_MUST_ASK, SG_CLIP_BY_PERSON);
  if (self->gesture != NULL && !self->in.by_menu)
    sg_clip_gesture_drop (self->gesture);
  sg_clipboard_pasted (self, uris);
}

static void
got_uris (GtkClipboard *clipboard, char **uris, gpointer data)
{
  g_autoptr (Ask) ask = data;

  if (!is_stale (ask))
    got_files (ask->self, uris);
}

/* "copy" or "cut" in the first line, then an address in each: what some file managers offer besides,
 * and some alone.  A cut is a copy: nothing is removed here. */
static void
got_copied_files (GtkClipboard *clipboard, GtkSelectionData *selection, gpointer data)
{
  g_autoptr (Ask) ask = data;
  int length = gtk_selection_data_get_length (selection);
  const guchar *bytes = gtk_selection_data_get_data (selection);
  g_autofree char *text
      = length > 0 && length <= COPIED_FILES_MAX ? g_strndup ((const char *)bytes, (gsize)length) : NULL;
  g_auto (GStrv) lines = text != NULL ? g_strsplit (g_strchomp (text), "\n", -1) : NULL;

  if (!is_stale (ask))
    got_files (ask->self, lines != NULL && *lines != NULL ? lines + 1 : NULL);
}

static gboolean
offers (GdkAtom *targets, int n, const char *name)
{
  for (int i = 0; i < n; i++)
    if (targets[i] == gdk_atom_intern (name, FALSE))
      return TRUE;
  return FALSE;
}

static void
request_files (GtkClipboard *clipboard, GdkAtom *targets, int n, Ask *ask)
{
  if (offers (targets, n, "text/uri-list"))
    gtk_clipboard_request_uris (clipboard, got_uris, ask);
  else
    gtk_clipboard_request_contents (clipboard, gdk_atom_intern (COPIED_FILES, FALSE),
                                    got_copied_files, ask);
}

static void
got_targets (GtkClipboard *clipboard, GdkAtom *targets, int n, gpointer data)
{
  g_autoptr (Ask) ask = data;
  SgClipboard *self = ask->self;
  gboolean password;
  SgClipVerdict verdict;

  if (is_stale (ask))
    return;
  if (targets == NULL || n <= 0)
    {
      go_on (self); /* there is nothing */
      return;
    }
  self->in.kind = kind_of (targets, n, &password);
  verdict = sg_clip_may_announce (&self->state, self->in.kind, password);
  if (verdict != SG_CLIP_PASS)
    stop (self, self->in.kind, 0, verdict);
  else if (self->in.kind != SG_CLIP_FILES && !agent_is_there (self))
    go_on (self); /* nobody inside could take it */
  else if (self->in.kind == SG_CLIP_TEXT)
    gtk_clipboard_request_text (clipboard, got_text, g_steal_pointer (&ask));
  else if (self->in.kind == SG_CLIP_FILES)
    request_files (clipboard, targets, n, g_steal_pointer (&ask));
  else
    gtk_clipboard_request_image (clipboard, got_picture, g_steal_pointer (&ask));
}

/* --- gestures --- */

static gboolean
begin (SgClipboard *self, guint selection, gboolean by_menu)
{
  SgClipVerdict verdict = sg_clip_may_look (&self->state);
  SgClipIn *in = &self->in;

  if (self->channel == NULL)
    return FALSE;
  if (verdict != SG_CLIP_PASS)
    {
      sg_clipboard_log (self, "in", SG_CLIP_OTHER, 0, verdict, SG_CLIP_BY_PERSON);
      return FALSE;
    }
  sg_clip_in_end (self);
  in->by_menu = by_menu;
  in->selection = selection;
  in->changes = self->here_changes[selection];
  gtk_clipboard_request_targets (sg_clipboard_here (self, selection), got_targets, ask_new (self));
  return TRUE;
}

gboolean
sg_clip_in_gesture (GdkAtom atom, gpointer data)
{
  SgClipboard *self = data;
  guint selection = atom == GDK_SELECTION_PRIMARY ? VD_AGENT_CLIPBOARD_SELECTION_PRIMARY
                                                  : VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD;

  /* What was copied inside later is what is meant; and it is inside. */
  if (self->inside_at[selection] > self->here_at[selection])
    return FALSE;
  return begin (self, selection, FALSE);
}

void
sg_clip_in_menu (SgClipboard *self)
{
  if (!begin (self, VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD, TRUE))
    sg_clipboard_tell (self, _ ("Nothing can be pasted into this sandbox now."));
}
