/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking for something, asking twice, and saying what is not understood.
 *
 * Said twice and differently, the narrower counts. */
#include "policies/profile-internal.h"

void
sg_reading_note (SgReading *reading, SgNoteKind kind, SgPlace place, const char *format, ...)
{
  GPtrArray *notes = reading->profile->notes;
  va_list args;

  /* The first error is always kept: it is what makes the profile not run. */
  if (notes->len >= SG_PROFILE_NOTES_MAX && (kind != SG_NOTE_ERROR || reading->errors))
    {
      reading->notes_left_out++;
      return;
    }
  reading->errors |= kind == SG_NOTE_ERROR;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  /* A "%.60s" may have cut a character in two. */
  sg_profile_add_note (reading->profile, kind, place, g_utf8_make_valid (message, -1));
}

int
sg_reading_switch (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  gint64 value;

  if (sg_setting_parse_choice (sg_setting_info (SG_SETTING_VGPU), text, &value))
    return (int)value;
  sg_reading_note (reading, SG_NOTE_ERROR, place,
                   "<%s> says '%.60s', which is not understood; write Enable, Disable or Default",
                   element->name, text);
  return -1;
}

char *
sg_reading_written (const SgElement *element, const char *text)
{
  glong length = g_utf8_strlen (text, -1);
  g_autofree char *head = g_utf8_substring (text, 0, MIN (length, 100));

  return g_strdup_printf ("%s=%s%s", element->name, head, length > 100 ? "..." : "");
}

static gint64
narrower_of (const SgSettingInfo *info, gint64 before, gint64 now)
{
  switch (info->kind)
    {
    case SG_KIND_FLAGS:
      return before & now;
    case SG_KIND_NUMBER:
      return MIN (before, now);
    case SG_KIND_TEXT:
      return before;
    case SG_KIND_CHOICE:
      break;
    }
  if (sg_setting_within (info, before, now))
    return now;
  return before; /* narrower, or neither is: then what was said first */
}

void
sg_reading_ask (SgReading *reading, SgSetting setting, gint64 value, const char *text,
                char *written, SgPlace place)
{
  const SgSettingInfo *info = sg_setting_info (setting);
  SgAsked *asked = &reading->profile->settings[setting];
  SgAsked now = { TRUE, value, g_strdup (text), written, place.line, place.column };

  if (asked->asked && (asked->value != value || g_strcmp0 (asked->text, text) != 0))
    {
      gint64 kept = narrower_of (info, asked->value, value);
      gboolean is_before = kept == asked->value;

      sg_reading_note (reading, SG_NOTE_CHANGED, place,
                       "%s was said before, in line %u, and differently; '%s' counts", written,
                       asked->line, is_before ? asked->as_written : written);
      now.value = kept;
      if (is_before)
        {
          sg_asked_clear (&now);
          return;
        }
    }
  sg_asked_clear (asked);
  *asked = now;
}
