/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of one element becomes something asked, or a note.
 *
 * A value that is not understood is an error and not the default: the default may be more than the
 * writer meant ("<Networking>Disabel</Networking>"). */
#include "policies/hosts.h"
#include "policies/paths.h"
#include "policies/profile-internal.h"

#include <gio/gio.h>
#include <string.h>

/* ---- one word */

static gboolean
is_default (const char *text)
{
  return g_ascii_strcasecmp (text, "default") == 0;
}

/* What could move or hide other text on a screen, or end a line where one is expected. */
static gboolean
is_plain (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e)
          || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c)
        return FALSE;
    }
  return TRUE;
}

/* ---- kinds of values */

static void
read_number (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  const SgSettingInfo *info = sg_setting_info (element->setting);
  g_autoptr (GError) problem = NULL;
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, &problem))
    {
      /* As many digits as you like are a number: too large, which is told with the grants. */
      if (!g_error_matches (problem, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
        {
          sg_reading_note (reading, SG_NOTE_ERROR, place,
                           "<%s> says '%.60s', which is no whole number; write digits only, "
                           "without a unit (here it is %s)",
                           element->name, text, info->unit != NULL ? info->unit : "a count");
          return;
        }
      value = G_MAXINT64;
    }
  sg_reading_ask (reading, element->setting, (gint64)value, NULL,
                  sg_reading_written (element, text), place);
}

static void
read_flags (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  const SgSettingInfo *info = sg_setting_info (element->setting);
  g_auto (GStrv) words = g_strsplit_set (text, " ,;|\t\n\r", -1);
  gint64 all = 0;

  for (char **word = words; *word != NULL; word++)
    {
      gint64 bit;

      if (**word == '\0')
        continue;
      if (g_ascii_strcasecmp (*word, "all") == 0)
        all |= SG_CLIPBOARD_TEXT | SG_CLIPBOARD_FILES | SG_CLIPBOARD_IMAGES;
      else if (sg_setting_parse_choice (info, *word, &bit))
        all |= bit;
      else
        sg_reading_note (reading, SG_NOTE_ERROR, place,
                         "<%s> names '%.60s', which is not understood; write text, files, images "
                         "or all",
                         element->name, *word);
    }
  sg_reading_ask (reading, element->setting, all, NULL, sg_reading_written (element, text), place);
}

static gboolean
fits (SgSetting setting, const char *text)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const char *more = setting == SG_SETTING_KEYBOARD    ? "_-,:()+"
                     : setting == SG_SETTING_LOCALE    ? "_-.@"
                     : setting == SG_SETTING_TIME_ZONE ? "_-+/"
                     : setting == SG_SETTING_BASE      ? "_-. "
                                                       : NULL;

  if (more == NULL)
    return g_utf8_strlen (text, -1) <= 200;
  if (strlen (text) > 64 || text[0] == '.' || text[0] == '-' || text[0] == '/')
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (strchr (letters, *p) == NULL && strchr (more, *p) == NULL)
      return FALSE;
  return strstr (text, "..") == NULL;
}

static void
read_string (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  if (fits (element->setting, text))
    sg_reading_ask (reading, element->setting, 0, text, sg_reading_written (element, text), place);
  else
    sg_reading_note (reading, SG_NOTE_ERROR, place, "<%s> says '%.60s', which cannot be one",
                     element->name, text);
}

static void
read_choice (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  const SgSettingInfo *info = sg_setting_info (element->setting);
  gint64 value;

  if (!sg_setting_parse_choice (info, text, &value))
    {
      sg_reading_note (reading, SG_NOTE_ERROR, place,
                       "<%s> says '%.60s', which is not understood; write Enable, Disable or "
                       "Default",
                       element->name, text);
      return;
    }
  if (element->setting == SG_SETTING_PROTECTED_CLIENT && value == 0)
    sg_reading_note (reading, SG_NOTE_CHANGED, place,
                     "<%s> cannot be switched off: the window is always confined", element->name);
  sg_reading_ask (reading, element->setting, value, NULL, sg_reading_written (element, text),
                  place);
}

static void
read_setting (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  switch (sg_setting_info (element->setting)->kind)
    {
    case SG_KIND_NUMBER:
      read_number (reading, element, text, place);
      break;
    case SG_KIND_FLAGS:
      read_flags (reading, element, text, place);
      break;
    case SG_KIND_TEXT:
      read_string (reading, element, text, place);
      break;
    case SG_KIND_CHOICE:
      read_choice (reading, element, text, place);
      break;
    }
}

/* ---- elements with a mind of their own */

static void
read_lifetime (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  const SgSettingInfo *info = sg_setting_info (SG_SETTING_LIFETIME);
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n\r", -1);
  gboolean minutes_said = FALSE, word_said = FALSE;
  gint64 lifetime = SG_LIFETIME_IDLE;
  guint64 minutes = 0;

  for (char **word = words; *word != NULL; word++)
    {
      if (**word == '\0'
          || (minutes_said
              && (g_ascii_strcasecmp (*word, "minutes") == 0
                  || g_ascii_strcasecmp (*word, "min") == 0)))
        continue;
      if (!word_said && !minutes_said && sg_setting_parse_choice (info, *word, &lifetime))
        word_said = TRUE;
      else if (!minutes_said && lifetime == SG_LIFETIME_IDLE
               && g_ascii_string_to_unsigned (*word, 10, 1, 10080, &minutes, NULL))
        minutes_said = TRUE;
      else
        {
          sg_reading_note (reading, SG_NOTE_ERROR, place,
                           "<%s> says '%.60s', which is not understood; write window, command, or "
                           "idle and a number of minutes",
                           element->name, text);
          return;
        }
    }
  sg_reading_ask (reading, SG_SETTING_LIFETIME, lifetime, NULL, sg_reading_written (element, text),
                  place);
  if (minutes_said)
    sg_reading_ask (reading, SG_SETTING_IDLE_MINUTES, (gint64)minutes, NULL,
                    sg_reading_written (element, text), place);
}

static void
read_open (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  const char *scheme = g_uri_peek_scheme (text);
  g_autofree char *why = NULL, *path = NULL;

  /* One letter before the colon is a Windows disk. */
  if (scheme != NULL && scheme[0] != '\0' && scheme[1] != '\0')
    {
      if (strlen (text) < 4096)
        sg_reading_ask (reading, SG_SETTING_OPEN, 0, text, sg_reading_written (element, text),
                        place);
      else
        sg_reading_note (reading, SG_NOTE_ERROR, place, "<%s> is longer than 4095 bytes",
                         element->name);
      return;
    }
  path = sg_path_map_host (text, reading->host, &why);
  if (path != NULL)
    sg_reading_ask (reading, SG_SETTING_OPEN, 0, path, sg_reading_written (element, text), place);
  else
    sg_reading_note (reading, SG_NOTE_ERROR, place, "the file '%.200s' cannot be opened: %s", text,
                     why);
}

static void
read_direction (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  static const struct
  {
    const char *word;
    int in, out;
  } words[] = { { "both", 1, 1 }, { "in", 1, 0 }, { "out", 0, 1 }, { "none", 0, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i].word) == 0)
      {
        gboolean again = reading->direction_in.value >= 0;

        /* Said twice: only what both allow. */
        reading->direction_in.value = words[i].in & (again ? reading->direction_in.value : 1);
        reading->direction_out.value = words[i].out & (again ? reading->direction_out.value : 1);
        reading->direction_in.line = reading->direction_out.line = place.line;
        reading->direction_in.column = reading->direction_out.column = place.column;
        return;
      }
  sg_reading_note (reading, SG_NOTE_ERROR, place,
                   "<%s> says '%.60s', which is not understood; write in, out, both or none",
                   element->name, text);
}

static void
read_host (SgReading *reading, const char *text, SgPlace place)
{
  GPtrArray *hosts = reading->profile->hosts;

  if (hosts->len >= SG_PROFILE_HOSTS_MAX)
    sg_reading_note (reading, SG_NOTE_ERROR, place, "more than %d hosts are listed",
                     SG_PROFILE_HOSTS_MAX);
  else if (!sg_profile_ask_host (reading->profile, text))
    sg_reading_note (reading, SG_NOTE_ERROR, place,
                     "'%.100s' is no host; write a name such as example.org, all below a name as "
                     "*.example.org, or an address",
                     text);
  else
    {
      SgAskedHost *host = hosts->pdata[hosts->len - 1];
      host->line = place.line;
      host->column = place.column;
    }
}

static void
read_place (SgReading *reading, const char *text, gboolean network, SgPlace place)
{
  GPtrArray *places = reading->profile->places;

  if (places->len >= SG_PROFILE_HOSTS_MAX)
    sg_reading_note (reading, SG_NOTE_ERROR, place, "more than %d company networks are listed",
                     SG_PROFILE_HOSTS_MAX);
  else if (!sg_profile_ask_place (reading->profile, text, network))
    sg_reading_note (reading, SG_NOTE_ERROR, place,
                     network ? "'%.100s' is no company's network; write an address, or a prefix "
                               "such as 10.20.0.0/16"
                             : "'%.100s' is no domain; write a name such as corp.example",
                     text);
  else
    {
      SgAskedHost *asked = places->pdata[places->len - 1];
      asked->line = place.line;
      asked->column = place.column;
    }
}

static void
read_command (SgReading *reading, const char *text, gboolean as_root, SgPlace place)
{
  GPtrArray *commands = reading->profile->commands;

  if (commands->len >= SG_PROFILE_COMMANDS_MAX)
    {
      sg_reading_note (reading, SG_NOTE_ERROR, place, "there are more than %d commands",
                       SG_PROFILE_COMMANDS_MAX);
      return;
    }
  sg_profile_ask_command (reading->profile, text, as_root);
  SgAskedCommand *command = commands->pdata[commands->len - 1];
  command->line = place.line;
  command->column = place.column;
}

/* ---- all of them */

/* Switches that are settled at the end: off wins over on. */
static void
read_pending (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  int value = sg_reading_switch (reading, element, text, place);
  int *said = element->id == SG_ELEMENT_NETWORKING ? &reading->networking.value
              : element->id == SG_ELEMENT_ASK      ? &reading->ask.value
                                                   : &reading->clipboard.value;
  guint *line = element->id == SG_ELEMENT_NETWORKING ? &reading->networking.line
                : element->id == SG_ELEMENT_ASK      ? &reading->ask.line
                                                     : &reading->clipboard.line;
  guint *column = element->id == SG_ELEMENT_NETWORKING ? &reading->networking.column
                  : element->id == SG_ELEMENT_ASK      ? &reading->ask.column
                                                       : &reading->clipboard.column;
  /* For <Ask>, yes is the narrower. */
  int narrow = element->id == SG_ELEMENT_ASK ? 1 : 0;

  if (value < 0 || *said == narrow)
    return;
  if (*said >= 0 && *said != value)
    sg_reading_note (reading, SG_NOTE_CHANGED, place,
                     "<%s> was said before, in line %u, and differently; the narrower counts",
                     element->name, *line);
  *said = value;
  *line = place.line;
  *column = place.column;
}

static void
read_mode (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  const SgSettingInfo *info = sg_setting_info (SG_SETTING_NETWORK);
  gint64 value;

  if (sg_setting_parse_choice (info, text, &value))
    sg_reading_ask (reading, SG_SETTING_NETWORK, value, NULL, sg_reading_written (element, text),
                    place);
  else
    sg_reading_note (reading, SG_NOTE_ERROR, place,
                     "<%s> says '%.60s', which is not understood; write off, internet, lan, "
                     "allowlist or private",
                     element->name, text);
}

void
sg_reading_value (SgReading *reading, const SgElement *element, const char *text, gboolean as_root,
                  SgPlace place)
{
  if (!is_plain (text))
    {
      sg_reading_note (reading, SG_NOTE_ERROR, place,
                       "the text in <%s> holds a line break or another character that does not "
                       "show",
                       element->name);
      if (element->id == SG_ELEMENT_HOST_FOLDER)
        reading->folder->host_as_written = g_strdup ("");
      return;
    }
  switch (element->id)
    {
    case SG_ELEMENT_HOST_FOLDER:
    case SG_ELEMENT_SANDBOX_FOLDER:
      sg_reading_folder_path (reading, element, text, place);
      return;
    case SG_ELEMENT_COMMAND:
      read_command (reading, text, as_root, place);
      return;
    case SG_ELEMENT_OPEN:
      read_open (reading, element, text, place);
      return;
    case SG_ELEMENT_HOST:
      read_host (reading, text, place);
      return;
    case SG_ELEMENT_COMPANY_NETWORK:
    case SG_ELEMENT_COMPANY_DOMAIN:
      read_place (reading, text, element->id == SG_ELEMENT_COMPANY_NETWORK, place);
      return;
    default:
      break;
    }
  if (is_default (text) && element->setting != SG_SETTING_TITLE)
    return;
  switch (element->id)
    {
    case SG_ELEMENT_SETTING:
      read_setting (reading, element, text, place);
      break;
    case SG_ELEMENT_NETWORKING:
    case SG_ELEMENT_CLIPBOARD_REDIRECTION:
    case SG_ELEMENT_ASK:
      read_pending (reading, element, text, place);
      break;
    case SG_ELEMENT_NETWORK_MODE:
      read_mode (reading, element, text, place);
      break;
    case SG_ELEMENT_LIFETIME:
      read_lifetime (reading, element, text, place);
      break;
    case SG_ELEMENT_DIRECTION:
      read_direction (reading, element, text, place);
      break;
    case SG_ELEMENT_READ_ONLY:
      sg_reading_read_only (reading, element, text, place);
      break;
    default:
      g_assert_not_reached ();
    }
}
