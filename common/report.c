/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/report.h"

#include <stdio.h>

char *
sg_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (g_unichar_iscntrl (c) && c != '\n' && c != '\t')
        g_string_append_c (out, '?');
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
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
