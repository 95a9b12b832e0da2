/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/report.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Shown as it is written.  Controls move the cursor and worse (those above 0x7f, too: U+009B is an
 * escape sequence's beginning); format characters turn text around, so that "gpj.exe" reads as
 * "exe.jpg", or are not seen at all.  The two joiners are spelling, in Persian and of emoji. */
static gboolean
is_plain (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    case G_UNICODE_FORMAT:
      return c == 0x200c || c == 0x200d;
    default:
      return TRUE;
    }
}

char *
sg_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (!is_plain (c) && c != '\n' && c != '\t')
        g_string_append_c (out, '?');
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
sg_printable_line (const char *text)
{
  return g_strdelimit (sg_printable (text), "\n\t", '?');
}

char *
sg_printable_json (const char *json)
{
  g_autofree char *valid = g_utf8_make_valid (json, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (is_plain (c) || c == '\n')
        g_string_append_unichar (out, c);
      else if (c < 0x10000)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_printf (out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
    }
  return g_string_free (out, FALSE);
}

gboolean
sg_report_is_journal (void)
{
  g_autofree char *this = NULL;
  struct stat st;

  if (fstat (STDERR_FILENO, &st) < 0)
    return FALSE;
  this = g_strdup_printf ("%lu:%lu", (gulong)st.st_dev, (gulong)st.st_ino);
  return g_strcmp0 (g_getenv ("JOURNAL_STREAM"), this) == 0;
}

void
sg_report_text (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *shown = sg_printable (text);
  fprintf (stderr, "sandglass: %s\n", shown);
}

void
sg_report (const GError *error)
{
  sg_report_text ("%s", error != NULL ? error->message : "unknown failure");
}
