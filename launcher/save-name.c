/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/save-name.h"

#include <string.h>

#define SAVED_BYTES 240
#define NAME_BYTES 255
#define EXTENSION_BYTES 16

const char *
sg_save_extension (const char *name)
{
  const char *dot = strrchr (name, '.');

  if (dot == NULL || dot == name || strlen (dot) > EXTENSION_BYTES)
    return name + strlen (name);
  if (dot - name > 4 && strncmp (dot - 4, ".tar", 4) == 0)
    return dot - 4;
  return dot;
}

/* U+202A..202E, 2066..2069, 200E, 200F, 061C turn text around ("gpj.exe" read as "exe.jpg");
 * other format characters are not seen at all. */
static gboolean
is_deceptive (gunichar c)
{
  return g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT || c == 0x2028
         || c == 0x2029 || c == '/' || c == 0xfffd;
}

/* At most LIMIT bytes of TEXT, whole characters where it is UTF-8. */
static gsize
cut (const char *text, gsize limit)
{
  gsize len = strlen (text);

  if (len <= limit)
    return len;
  len = limit;
  while (len > 0 && limit - len < 4 && ((guchar)text[len] & 0xc0) == 0x80)
    len--;
  return len;
}

static char *
joined (const char *name, const char *middle, gsize limit)
{
  const char *extension = sg_save_extension (name);
  g_autofree char *stem = g_strndup (name, (gsize)(extension - name));
  gsize room = limit - strlen (middle) - strlen (extension);

  stem[cut (stem, room)] = '\0';
  return g_strconcat (stem, middle, extension, NULL);
}

char *
sg_save_name (const char *bytes, gsize len)
{
  g_autofree char *valid = g_utf8_make_valid (bytes, (gssize)len);
  g_autoptr (GString) name = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (name, is_deceptive (c) ? '_' : c);
    }
  g_strstrip (name->str);
  g_string_set_size (name, strlen (name->str));
  if (name->len == 0)
    g_string_assign (name, "file");
  if (name->str[0] == '.' || name->str[0] == '-')
    name->str[0] = '_';
  return joined (name->str, "", SAVED_BYTES);
}

char *
sg_save_name_numbered (const char *name, guint n)
{
  g_autofree char *middle = n > 1 ? g_strdup_printf (" (%u)", n) : g_strdup ("");

  return joined (name, middle, NAME_BYTES);
}

char *
sg_save_name_with (const char *name, const char *words, guint n)
{
  g_autofree char *middle
      = n > 1 ? g_strdup_printf (" (%s %u)", words, n) : g_strdup_printf (" (%s)", words);

  return joined (name, middle, NAME_BYTES);
}

gboolean
sg_save_is_program_name (const char *name)
{
  static const char *const extensions[]
      = { ".run",  ".sh",      ".bash", ".py",         ".pl",       ".rb",      ".js",
          ".jar",  ".desktop", ".deb",  ".rpm",        ".appimage", ".exe",     ".msi",
          ".bat",  ".cmd",     ".com",  ".scr",        ".ps1",      ".vbs",     ".lnk",
          ".so",   ".flatpak", ".snap", ".flatpakref", ".wsb",      ".service", ".docm",
          ".xlsm", ".pptm",    ".dll",  ".apk",        ".elf",      ".fish",    ".zsh",
          ".ksh",  ".csh",     ".php",  ".lua",        ".tcl",      ".hta",     ".reg" };
  const char *dot = strrchr (name, '.');

  for (gsize i = 0; dot != NULL && i < G_N_ELEMENTS (extensions); i++)
    if (g_ascii_strcasecmp (dot, extensions[i]) == 0)
      return TRUE;
  return FALSE;
}
