/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/clipboard-policy.h"

#include <json-glib/json-glib.h>

#define MAX_KIB_DEFAULT 65536
#define MAX_KIB_MOST 4194304

/* --- grants --- */

SgClipGrants
sg_clip_grants_default (void)
{
  return (SgClipGrants){ .in = SG_CLIP_PASTE,
                         .out = SG_CLIP_ASK,
                         .text = TRUE,
                         .files = TRUE,
                         .max_bytes = (guint64)MAX_KIB_DEFAULT << 10 };
}

SgClipGrants
sg_clip_grants_none (void)
{
  return (SgClipGrants){ .in = SG_CLIP_NEVER, .out = SG_CLIP_NEVER };
}

/* json-glib's typed getters complain about a member of another type; this does not. */
static JsonNode *
value_of (JsonObject *settings, const char *name)
{
  JsonNode *node = json_object_get_member (settings, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
             ? json_object_get_member (json_node_get_object (node), "value")
             : NULL;
}

static gboolean
is_word (JsonNode *node, const char *word)
{
  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
         && g_strcmp0 (json_node_get_string (node), word) == 0;
}

static gboolean
has_word (JsonNode *node, const char *word)
{
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (is_word (json_array_get_element (array, i), word))
      return TRUE;
  return FALSE;
}

SgClipGrants
sg_clip_grants_parse (const char *json)
{
  SgClipGrants grants = sg_clip_grants_none ();
  g_autoptr (JsonNode) root = NULL;
  JsonNode *node;
  JsonObject *settings;

  if (json == NULL || *json == '\0')
    return sg_clip_grants_default ();
  root = json_from_string (json, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return grants;
  node = json_object_get_member (json_node_get_object (root), "settings");
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return grants;
  settings = json_node_get_object (node);
  node = value_of (settings, "clipboard-max");
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return grants;
  grants.max_bytes = (guint64)CLAMP (json_node_get_int (node), 0, MAX_KIB_MOST) << 10;
  node = value_of (settings, "clipboard-content");
  grants.text = has_word (node, "text");
  grants.images = has_word (node, "images");
  grants.files = has_word (node, "files");
  if (is_word (value_of (settings, "clipboard-in"), "paste"))
    grants.in = SG_CLIP_PASTE;
  node = value_of (settings, "clipboard-out");
  grants.out = is_word (node, "allow") ? SG_CLIP_ALWAYS
               : is_word (node, "ask") ? SG_CLIP_ASK
                                       : SG_CLIP_NEVER;
  return grants;
}

/* --- the state --- */

void
sg_clip_init (SgClipState *state, const SgClipGrants *grants)
{
  *state = (SgClipState){ .grants = *grants, .in = grants->in, .out = grants->out };
}

void
sg_clip_granted (SgClipState *state, const SgClipGrants *grants)
{
  gboolean locked = state->locked, closed = state->closed;

  sg_clip_init (state, grants);
  state->locked = locked;
  state->closed = closed;
}

void
sg_clip_narrow (SgClipState *state, const SgClipGrants *grants)
{
  state->grants = *grants;
  if (grants->in == SG_CLIP_NEVER)
    sg_clip_switch_in (state, SG_CLIP_NEVER);
  if (grants->out == SG_CLIP_NEVER)
    state->out = SG_CLIP_NEVER;
}

gboolean
sg_clip_switch_in (SgClipState *state, SgClipMode mode)
{
  if (mode != SG_CLIP_NEVER && (mode != SG_CLIP_PASTE || state->grants.in == SG_CLIP_NEVER))
    return FALSE;
  state->in = mode;
  if (mode == SG_CLIP_NEVER)
    sg_clip_shut (state);
  return TRUE;
}

gboolean
sg_clip_switch_out (SgClipState *state, SgClipMode mode)
{
  if (mode != SG_CLIP_NEVER
      && ((mode != SG_CLIP_ASK && mode != SG_CLIP_ALWAYS) || state->grants.out == SG_CLIP_NEVER))
    return FALSE;
  state->out = mode;
  state->refusals = 0;
  return TRUE;
}

void
sg_clip_lock (SgClipState *state, gboolean locked)
{
  state->locked = locked;
  if (locked)
    sg_clip_shut (state);
}

void
sg_clip_close (SgClipState *state)
{
  state->closed = TRUE;
  sg_clip_shut (state);
}

void
sg_clip_reopen (SgClipState *state)
{
  state->closed = FALSE;
}

static SgClipVerdict
direction (const SgClipState *state, SgClipMode granted, SgClipMode mode)
{
  if (state->closed)
    return SG_CLIP_CLOSED;
  if (granted == SG_CLIP_NEVER)
    return SG_CLIP_NOT_GRANTED;
  if (mode == SG_CLIP_NEVER)
    return SG_CLIP_SWITCHED_OFF;
  return state->locked ? SG_CLIP_LOCKED : SG_CLIP_PASS;
}

/* Files come in only; and as a clip they are no more than names, which are put to the person
 * (put.h). */
static gboolean
kind_granted (const SgClipState *state, SgClipKind kind, gboolean out)
{
  switch (kind)
    {
    case SG_CLIP_TEXT:
      return state->grants.text;
    case SG_CLIP_IMAGE:
      return state->grants.images;
    case SG_CLIP_FILES:
      return state->grants.files && !out;
    case SG_CLIP_OTHER:
      break;
    }
  return FALSE;
}

/* --- in --- */

SgClipVerdict
sg_clip_may_look (const SgClipState *state)
{
  return direction (state, state->grants.in, state->in);
}

SgClipVerdict
sg_clip_may_announce (const SgClipState *state, SgClipKind kind, gboolean password)
{
  SgClipVerdict verdict = sg_clip_may_look (state);

  if (verdict != SG_CLIP_PASS)
    return verdict;
  if (password)
    return SG_CLIP_PASSWORD;
  return kind_granted (state, kind, FALSE) ? SG_CLIP_PASS : SG_CLIP_KIND;
}

SgClipVerdict
sg_clip_fits (const SgClipState *state, guint64 bytes)
{
  if (bytes == 0)
    return SG_CLIP_EMPTY;
  return bytes <= state->grants.max_bytes ? SG_CLIP_PASS : SG_CLIP_TOO_LARGE;
}

void
sg_clip_open (SgClipState *state, gint64 now, gint64 usec)
{
  state->open_until = now + usec;
  state->takes_left = SG_CLIP_TAKES;
}

void
sg_clip_shut (SgClipState *state)
{
  state->open_until = 0;
  state->takes_left = 0;
}

SgClipVerdict
sg_clip_take (SgClipState *state, gint64 now)
{
  SgClipVerdict verdict = sg_clip_may_look (state);

  if (verdict != SG_CLIP_PASS)
    return verdict;
  if (now >= state->open_until || state->takes_left == 0)
    return SG_CLIP_NO_GESTURE;
  if (state->takes_left-- == SG_CLIP_TAKES)
    state->open_until = MIN (state->open_until, now + SG_CLIP_TAKEN_OPEN);
  return SG_CLIP_PASS;
}

/* --- out --- */

static SgClipVerdict
leaving (const SgClipState *state, SgClipKind kind)
{
  SgClipVerdict verdict = direction (state, state->grants.out, state->out);

  if (verdict != SG_CLIP_PASS)
    return verdict;
  if (!kind_granted (state, kind, TRUE))
    return SG_CLIP_KIND;
  return state->out == SG_CLIP_ALWAYS ? SG_CLIP_PASS : SG_CLIP_MUST_ASK;
}

gint64
sg_clip_offer_wait (const SgClipState *state, gint64 now)
{
  if (state->offered_at == 0)
    return 0;
  return MAX (state->offered_at + SG_CLIP_OFFER_EVERY - now, 0);
}

SgClipVerdict
sg_clip_offer (SgClipState *state, SgClipKind kind, gint64 now)
{
  SgClipVerdict verdict = leaving (state, kind);

  if (verdict != SG_CLIP_PASS && verdict != SG_CLIP_MUST_ASK)
    return verdict;
  if (sg_clip_offer_wait (state, now) > 0)
    return SG_CLIP_TOO_OFTEN;
  state->offered_at = now;
  return verdict;
}

SgClipVerdict
sg_clip_arrived (const SgClipState *state, SgClipKind asked_for, SgClipKind kind, guint64 bytes)
{
  SgClipVerdict verdict = leaving (state, asked_for), size = sg_clip_fits (state, bytes);

  if (verdict != SG_CLIP_PASS && verdict != SG_CLIP_MUST_ASK)
    return verdict;
  if (kind != asked_for)
    return SG_CLIP_KIND;
  return size != SG_CLIP_PASS ? size : verdict;
}

SgClipVerdict
sg_clip_answer (SgClipState *state, gboolean yes)
{
  SgClipVerdict verdict = direction (state, state->grants.out, state->out);

  if (verdict != SG_CLIP_PASS)
    return verdict;
  if (yes)
    {
      state->refusals = 0;
      return SG_CLIP_PASS;
    }
  if (++state->refusals >= SG_CLIP_REFUSALS)
    sg_clip_switch_out (state, SG_CLIP_NEVER);
  return SG_CLIP_REFUSED;
}

gboolean
sg_clip_may_send (const SgClipState *state, guint64 bytes)
{
  return bytes <= 2 * state->grants.max_bytes + SG_CLIP_BESIDE;
}

/* --- words for the journal --- */

gboolean
sg_clip_is_told (SgClipState *state, SgClipVerdict verdict, gboolean person, gint64 now)
{
  if (person || verdict == SG_CLIP_PASS || verdict == SG_CLIP_MUST_ASK)
    return TRUE;
  if (state->told_at != 0 && now - state->told_at < SG_CLIP_TOLD_EVERY)
    return FALSE;
  state->told_at = now;
  return TRUE;
}

const char *
sg_clip_verdict_name (SgClipVerdict verdict)
{
  static const char *const names[] = {
    [SG_CLIP_PASS] = "passed",
    [SG_CLIP_MUST_ASK] = "asked",
    [SG_CLIP_NOT_GRANTED] = "stopped: this direction is not granted",
    [SG_CLIP_SWITCHED_OFF] = "stopped: switched off",
    [SG_CLIP_LOCKED] = "stopped: the screen is locked",
    [SG_CLIP_CLOSED] = "stopped: the window is closed",
    [SG_CLIP_NO_GESTURE] = "stopped: nobody pasted",
    [SG_CLIP_PASSWORD] = "stopped: marked as a password",
    [SG_CLIP_KIND] = "stopped: this kind is not granted",
    [SG_CLIP_EMPTY] = "stopped: empty",
    [SG_CLIP_TOO_LARGE] = "stopped: too large",
    [SG_CLIP_TOO_OFTEN] = "stopped: too often",
    [SG_CLIP_REFUSED] = "stopped: refused",
  };

  return names[verdict];
}

const char *
sg_clip_kind_name (SgClipKind kind)
{
  static const char *const names[] = { "text", "image", "files", "other" };

  return names[kind];
}
