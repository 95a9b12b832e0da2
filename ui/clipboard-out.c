/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Out: the sandbox offers -> fetched -> the person is asked -> onto this computer's clipboard.
 *
 * Only what is copied passes (the CLIPBOARD selection), not what is merely selected (PRIMARY): each
 * pull of the mouse would ask.  What is fetched is held here, so the answer is about what was shown
 * and not about what the guest says by then. */
#include "ui/clipboard-content.h"
#include "ui/clipboard-internal.h"

#include <glib/gi18n.h>
#include <string.h>

#define FETCH_SECONDS 20
#define TYPES_LOOKED_AT 32

static void
forget_contents (SgClipOut *out)
{
  if (out->text != NULL)
    explicit_bzero (out->text, strlen (out->text));
  g_clear_pointer (&out->text, g_free);
  g_clear_object (&out->picture);
}

static void
forget (SgClipboard *self)
{
  forget_contents (&self->out);
  self->out.asking = FALSE;
  sg_clipboard_bar_withdraw (self->bar);
}

void
sg_clip_out_end (SgClipboard *self)
{
  SgClipOut *out = &self->out;

  g_clear_handle_id (&out->deadline, g_source_remove);
  g_clear_handle_id (&out->later, g_source_remove);
  out->fetching = FALSE;
  forget (self);
}

/* --- onto this computer's clipboard --- */

/* What GTK asks for when somebody pastes; it outlives the question. */
typedef struct
{
  char *text;
  GdkPixbuf *picture;
} Given;

static void
give (GtkClipboard *clipboard, GtkSelectionData *selection, guint info, gpointer data)
{
  Given *given = data;

  if (given->text != NULL)
    gtk_selection_data_set_text (selection, given->text, -1);
  else
    gtk_selection_data_set_pixbuf (selection, given->picture);
}

static void
given_free (GtkClipboard *clipboard, gpointer data)
{
  Given *given = data;

  g_free (given->text);
  g_clear_object (&given->picture);
  g_free (given);
}

static void
put (SgClipboard *self)
{
  GtkClipboard *clipboard = sg_clipboard_here (self, VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD);
  GtkTargetList *list = gtk_target_list_new (NULL, 0);
  Given *given = g_new0 (Given, 1);
  GtkTargetEntry *table;
  int n;

  given->text = g_steal_pointer (&self->out.text);
  given->picture = g_steal_pointer (&self->out.picture);
  if (given->text != NULL)
    gtk_target_list_add_text_targets (list, 0);
  else
    gtk_target_list_add_image_targets (list, 0, TRUE);
  table = gtk_target_table_new_from_list (list, &n);
  if (gtk_clipboard_set_with_data (clipboard, table, (guint)n, give, given_free, given))
    gtk_clipboard_set_can_store (clipboard, NULL, 0); /* it outlives this window */
  else
    given_free (clipboard, given);
  gtk_target_table_free (table, n);
  gtk_target_list_unref (list);
  sg_clipboard_log (self, "out", self->out.kind, self->out.bytes, SG_CLIP_PASS,
                    SG_CLIP_BY_GUEST);
}

/* --- the question --- */

static void
ask (SgClipboard *self)
{
  g_autofree char *question = NULL, *preview = NULL, *size = g_format_size (self->out.bytes);

  self->out.asking = TRUE;
  if (self->out.text != NULL)
    {
      glong chars = g_utf8_strlen (self->out.text, -1);
      preview = sg_clip_preview (self->out.text);
      question = g_strdup_printf (g_dngettext (NULL,
                                               "Text was copied in the sandbox (%ld character). "
                                               "Allow it on this computer's clipboard?",
                                               "Text was copied in the sandbox (%ld characters). "
                                               "Allow it on this computer's clipboard?",
                                               (gulong)chars),
                                  chars);
    }
  else
    question = g_strdup_printf (_ ("A picture was copied in the sandbox (%s). Allow it on this "
                                   "computer's clipboard?"),
                                size);
  sg_clipboard_bar_ask (self->bar, question, preview, self->out.picture);
  sg_clipboard_log (self, "out", self->out.kind, self->out.bytes, SG_CLIP_MUST_ASK,
                    SG_CLIP_BY_GUEST);
}

void
sg_clip_out_answered (SgClipboardBar *bar, int answer, gpointer data)
{
  SgClipboard *self = data;
  SgClipVerdict verdict;

  if (!self->out.asking)
    return;
  verdict = sg_clip_answer (&self->state, answer != SG_CLIP_ANSWER_NO);
  if (verdict == SG_CLIP_PASS && answer == SG_CLIP_ANSWER_ALWAYS)
    sg_clip_switch_out (&self->state, SG_CLIP_ALWAYS);
  if (verdict == SG_CLIP_PASS)
    put (self);
  else
    sg_clipboard_log (self, "out", self->out.kind, self->out.bytes, verdict, SG_CLIP_BY_PERSON);
  forget (self);
  sg_clipboard_show_switches (self);
  if (verdict == SG_CLIP_REFUSED && self->state.out == SG_CLIP_NEVER)
    sg_clipboard_tell (self, _ ("The sandbox will not ask again. Its menu has the switch: Copy "
                                "Out."));
}

/* --- fetching --- */

static gboolean
never_came (gpointer data)
{
  SgClipboard *self = data;

  self->out.deadline = 0;
  self->out.fetching = FALSE;
  return G_SOURCE_REMOVE;
}

static void
fetch (SgClipboard *self, SgClipKind kind)
{
  SgClipOut *out = &self->out;

  g_clear_handle_id (&out->deadline, g_source_remove);
  out->fetching = TRUE;
  out->kind = kind;
  out->type = kind == SG_CLIP_TEXT ? VD_AGENT_CLIPBOARD_UTF8_TEXT : VD_AGENT_CLIPBOARD_IMAGE_PNG;
  out->deadline = g_timeout_add_seconds (FETCH_SECONDS, never_came, self);
  spice_main_channel_clipboard_selection_request (
      self->channel, VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD, out->type);
}

/* FALSE: it is nothing that could be passed on. */
static gboolean
take_contents (SgClipOut *out, const void *bytes, gsize size)
{
  if (out->kind == SG_CLIP_TEXT)
    out->text = sg_clip_clean_text (bytes, size);
  else
    out->picture = sg_clip_read_png (bytes, size, NULL);
  return out->picture != NULL || (out->text != NULL && *out->text != '\0');
}

void
sg_clip_out_data (SpiceMainChannel *channel, guint selection, guint type, gpointer bytes,
                  guint size, gpointer data)
{
  SgClipboard *self = data;
  SgClipOut *out = &self->out;
  SgClipKind kind = type == out->type ? out->kind : SG_CLIP_OTHER;
  SgClipVerdict verdict;

  sg_clipboard_heard (self);
  /* Not asked for, or too late. */
  if (!out->fetching || selection != VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD)
    return;
  g_clear_handle_id (&out->deadline, g_source_remove);
  out->fetching = FALSE;
  verdict = sg_clip_arrived (&self->state, out->kind, kind, size);
  if (verdict == SG_CLIP_PASS || verdict == SG_CLIP_MUST_ASK)
    {
      forget (self);
      out->bytes = size;
      if (!take_contents (out, bytes, size))
        verdict = SG_CLIP_EMPTY;
      else if (out->text != NULL)
        {
          out->bytes = strlen (out->text); /* what is no text has grown by what stands for it */
          if (sg_clip_fits (&self->state, out->bytes) != SG_CLIP_PASS)
            {
              verdict = SG_CLIP_TOO_LARGE;
              forget_contents (out);
            }
        }
    }
  if (verdict == SG_CLIP_PASS)
    put (self);
  else if (verdict == SG_CLIP_MUST_ASK)
    ask (self);
  else
    {
      sg_clipboard_log (self, "out", out->kind, size, verdict, SG_CLIP_BY_GUEST);
      if (verdict == SG_CLIP_TOO_LARGE)
        sg_clipboard_tell (self, _ ("What was copied in the sandbox is larger than may leave it."));
    }
}

/* --- offers --- */

static guint
bit (SgClipKind kind)
{
  return 1u << kind;
}

static guint
kinds_of (const guint32 *types, guint n)
{
  guint kinds = 0;

  for (guint i = 0; i < MIN (n, TYPES_LOOKED_AT); i++)
    switch (types[i])
      {
      case VD_AGENT_CLIPBOARD_UTF8_TEXT:
        kinds |= bit (SG_CLIP_TEXT);
        break;
      case VD_AGENT_CLIPBOARD_IMAGE_PNG:
        kinds |= bit (SG_CLIP_IMAGE);
        break;
      case VD_AGENT_CLIPBOARD_FILE_LIST:
        kinds |= bit (SG_CLIP_FILES);
        break;
      default:
        break;
      }
  return kinds;
}

static void look_at_offer (SgClipboard *self, guint kinds);

static gboolean
look_later (gpointer data)
{
  SgClipboard *self = data;

  self->out.later = 0;
  look_at_offer (self, self->out.later_types);
  return G_SOURCE_REMOVE;
}

static void
look_at_offer (SgClipboard *self, guint kinds)
{
  /* Text before a picture of it, unless only the picture is granted. */
  SgClipKind kind = kinds & bit (SG_CLIP_TEXT) && (self->state.grants.text || !(kinds & bit (SG_CLIP_IMAGE)))
                        ? SG_CLIP_TEXT
                    : kinds & bit (SG_CLIP_IMAGE) ? SG_CLIP_IMAGE
                    : kinds & bit (SG_CLIP_FILES) ? SG_CLIP_FILES
                                                  : SG_CLIP_OTHER;
  gint64 now = g_get_monotonic_time ();
  SgClipVerdict verdict = sg_clip_offer (&self->state, kind, now);

  if (verdict == SG_CLIP_PASS || verdict == SG_CLIP_MUST_ASK)
    fetch (self, kind);
  else
    sg_clipboard_log (self, "out", kind, 0, verdict, SG_CLIP_BY_GUEST);
  /* Of a flood, the last one is looked at, a moment later. */
  if (verdict == SG_CLIP_TOO_OFTEN)
    {
      self->out.later_types = kinds;
      if (self->out.later == 0)
        self->out.later
            = g_timeout_add ((guint)(sg_clip_offer_wait (&self->state, now) / 1000) + 1, look_later,
                             self);
    }
}

gboolean
sg_clip_out_grab (SpiceMainChannel *channel, guint selection, gpointer types, guint n,
                  gpointer data)
{
  SgClipboard *self = data;

  sg_clipboard_heard (self);
  if (selection >= SG_CLIP_SELECTIONS)
    return TRUE;
  self->inside_at[selection] = g_get_monotonic_time ();
  if (selection == VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD)
    look_at_offer (self, kinds_of (types, n));
  return TRUE;
}

void
sg_clip_out_release (SpiceMainChannel *channel, guint selection, gpointer data)
{
  SgClipboard *self = data;

  sg_clipboard_heard (self);
  if (selection >= SG_CLIP_SELECTIONS)
    return;
  self->inside_at[selection] = 0; /* nothing is copied inside now */
  if (selection == VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD)
    {
      /* A question stays: it is about what is here already. */
      g_clear_handle_id (&self->out.deadline, g_source_remove);
      g_clear_handle_id (&self->out.later, g_source_remove);
      self->out.fetching = FALSE;
    }
}
