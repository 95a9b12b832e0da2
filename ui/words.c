/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/words.h"

#include <glib/gi18n.h>
#include <string.h>

#define NAME_CHARACTERS 60

char *
sg_words_since (gint64 started_usec, gint64 now_usec)
{
  gint64 minutes = MAX (now_usec - started_usec, 0) / (60 * G_USEC_PER_SEC);

  if (minutes < 1)
    return g_strdup (_ ("just now"));
  if (minutes < 60)
    return g_strdup_printf (_ ("%d min"), (int)minutes);
  minutes = MIN (minutes, 60 * 24 * 365);
  return g_strdup_printf (_ ("%d h %d min"), (int)(minutes / 60), (int)(minutes % 60));
}

char *
sg_words_day (gint64 then, gint64 now)
{
  g_autoptr (GDateTime) day = g_date_time_new_from_unix_local (then);
  g_autoptr (GDateTime) today = g_date_time_new_from_unix_local (now);

  if (day == NULL || today == NULL)
    return g_strdup ("?");
  if (g_date_time_get_year (day) == g_date_time_get_year (today)
      && g_date_time_get_day_of_year (day) == g_date_time_get_day_of_year (today))
    return g_strdup (_ ("today"));
  if (then < now && now - then < 6 * 24 * 60 * 60)
    return g_date_time_format (day, "%A");
  return g_date_time_format (day, "%x");
}

/* Controls, line breaks, and the invisible characters that reorder or hide text. */
static gboolean
is_harmless (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return TRUE;
    }
}

#define PREFIX "Sandbox - "

char *
sg_words_name (const char *name)
{
  /* Enough bytes for what is kept, so that a huge name costs nothing. */
  g_autofree char *start = name != NULL ? g_strndup (name, NAME_CHARACTERS * 16) : g_strdup ("");
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  GString *kept = g_string_new (NULL);
  const char *text = g_str_has_prefix (valid, PREFIX) ? valid + strlen (PREFIX) : valid;
  guint n = 0;

  for (const char *p = text; *p != '\0' && n < NAME_CHARACTERS; p = g_utf8_next_char (p))
    if (is_harmless (g_utf8_get_char (p)))
      {
        g_string_append_unichar (kept, g_utf8_get_char (p));
        n++;
      }
  g_strstrip (kept->str);
  if (*kept->str == '\0' || g_str_equal (kept->str, "Sandbox"))
    {
      g_string_free (kept, TRUE);
      return g_strdup (_ ("Desktop"));
    }
  return g_string_free (kept, FALSE);
}

char *
sg_words_title (const char *name)
{
  g_autofree char *kept = sg_words_name (name);

  return g_strdup_printf (_ ("Sandbox - %s"), kept);
}

/* Cut in the middle, because the end tells what kind of file it is. */
char *
sg_words_file (const char *name)
{
  g_autofree char *start = g_strndup (name, NAME_CHARACTERS * 16);
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  g_autofree gunichar *kept = g_new (gunichar, strlen (valid) + 1);
  glong n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    if (is_harmless (g_utf8_get_char (p)))
      kept[n++] = g_utf8_get_char (p);
  if (n == 0)
    return g_strdup ("?");
  if (n > NAME_CHARACTERS)
    {
      kept[NAME_CHARACTERS / 2] = 0x2026; /* … */
      memmove (kept + NAME_CHARACTERS / 2 + 1, kept + n - (NAME_CHARACTERS / 2 - 1),
               (NAME_CHARACTERS / 2 - 1) * sizeof *kept);
      n = NAME_CHARACTERS;
    }
  return g_ucs4_to_utf8 (kept, n, NULL, NULL, NULL);
}

char *
sg_words_unmarked (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "<", -1);

  return g_strjoinv ("\xe2\x80\xb9", parts); /* U+2039, which looks like it */
}

/* What parts of Sandglass without translations say while one waits. */
static const char *const stages[] = {
  N_ ("Looking at your programs"),
  N_ ("Writing the copy"),
  N_ ("Preparing a sandbox for quick starts"),
  N_ ("Looking at this computer's processor"),
  N_ ("Starting the machine"),
  N_ ("Starting the desktop"),
  N_ ("Connecting the network"),
};

#define QUICK "For quick starts: "

char *
sg_words_stage (const char *stage)
{
  gboolean quick = g_str_has_prefix (stage, QUICK);
  const char *rest = quick ? stage + strlen (QUICK) : stage;

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    if (g_str_equal (rest, stages[i]))
      return quick ? g_strdup_printf (_ ("For quick starts: %s"), _ (rest)) : g_strdup (_ (rest));
  return g_strdup (stage);
}
