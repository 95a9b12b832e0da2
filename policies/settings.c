/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/settings.h"

#include <string.h>

/* Words, what else is read for them, value, what is narrower. */

static const SgChoice on_off[] = { { "off", "disable disabled false no deny 0", 0, 0 },
                                   { "on", "enable enabled true yes allow 1", 1, 0 },
                                   { NULL } };

/* Here less is more: "required" leaves fewer computers. */
static const SgChoice demanded[] = { { "required", "true yes enable enabled on 1", 1, 1 },
                                     { "usual", "false no disable disabled off 0", 0, 1 },
                                     { NULL } };

static const SgChoice confined[] = { { "on", "enable enabled true yes 1", 1, 1 },
                                     { "off", "disable disabled false no 0", 0, 1 },
                                     { NULL } };

static const SgChoice networks[]
    = { { "none", "off disable disabled", SG_NETWORK_NONE, SG_NETWORK_NONE },
        { "private", NULL, SG_NETWORK_PRIVATE, SG_NETWORK_NONE },
        { "allowlist", "allow-list", SG_NETWORK_ALLOWLIST, SG_NETWORK_NONE },
        { "internet", NULL, SG_NETWORK_INTERNET, SG_NETWORK_ALLOWLIST },
        { "lan", NULL, SG_NETWORK_LAN, SG_NETWORK_INTERNET },
        { NULL } };

static const SgChoice clipboard_in[] = { { "off", NULL, SG_CLIPBOARD_OFF, SG_CLIPBOARD_OFF },
                                         { "paste", NULL, SG_CLIPBOARD_PASTE, SG_CLIPBOARD_OFF },
                                         { NULL } };

static const SgChoice clipboard_out[] = { { "off", NULL, SG_CLIPBOARD_OFF, SG_CLIPBOARD_OFF },
                                          { "ask", NULL, SG_CLIPBOARD_ASK, SG_CLIPBOARD_OFF },
                                          { "allow", NULL, SG_CLIPBOARD_ALLOW, SG_CLIPBOARD_ASK },
                                          { NULL } };

static const SgChoice contents[] = { { "text", NULL, SG_CLIPBOARD_TEXT, 0 },
                                     { "files", "file", SG_CLIPBOARD_FILES, 0 },
                                     { "images", "image", SG_CLIPBOARD_IMAGES, 0 },
                                     { NULL } };

static const SgChoice lifetimes[] = { { "window", NULL, SG_LIFETIME_WINDOW, SG_LIFETIME_WINDOW },
                                      { "command", NULL, SG_LIFETIME_COMMAND, SG_LIFETIME_COMMAND },
                                      { "idle", NULL, SG_LIFETIME_IDLE, SG_LIFETIME_IDLE },
                                      { NULL } };

#define ALL(value)                                                                                 \
  {                                                                                                \
    value, value, value, value                                                                     \
  }
/* Desktop, command, file, link. */
#define EACH(desktop, command, file, link)                                                         \
  {                                                                                                \
    desktop, command, file, link                                                                   \
  }

#define CHOICE(setting, word, tag, list, usual, what, ...)                                         \
  [setting] = { .id = setting,                                                                     \
                .name = word,                                                                      \
                .element = tag,                                                                    \
                .kind = SG_KIND_CHOICE,                                                            \
                .choices = list,                                                                   \
                .defaults = usual,                                                                 \
                .policies = { __VA_ARGS__ },                                                       \
                .summary = what }
#define NUMBER(setting, word, tag, usual, from, to, per, what, ...)                                \
  [setting] = { .id = setting,                                                                     \
                .name = word,                                                                      \
                .element = tag,                                                                    \
                .kind = SG_KIND_NUMBER,                                                            \
                .defaults = usual,                                                                 \
                .least = from,                                                                     \
                .most = to,                                                                        \
                .unit = per,                                                                       \
                .policies = { __VA_ARGS__ },                                                       \
                .summary = what }
#define TEXT(setting, word, tag, what)                                                             \
  [setting] = { .id = setting, .name = word, .element = tag, .kind = SG_KIND_TEXT, .summary = what }

static const SgSettingInfo table[SG_SETTING_MAX] = {
  CHOICE (SG_SETTING_NETWORK, "networking", "NetworkMode", networks,
          EACH (SG_NETWORK_INTERNET, SG_NETWORK_INTERNET, SG_NETWORK_NONE, SG_NETWORK_INTERNET),
          "what the sandbox can reach", SG_POLICY_ALLOW_NETWORKING, SG_POLICY_NETWORK_MODES,
          SG_POLICY_ALLOWED_HOSTS),
  CHOICE (SG_SETTING_VGPU, "vgpu", "vGPU", on_off, ALL (0),
          "3D by this computer's graphics: faster, and a weaker wall", SG_POLICY_ALLOW_VGPU),
  CHOICE (SG_SETTING_AUDIO_INPUT, "audio-input", "AudioInput", on_off, ALL (0), "the microphone",
          SG_POLICY_ALLOW_AUDIO_INPUT),
  CHOICE (SG_SETTING_VIDEO_INPUT, "video-input", "VideoInput", on_off, ALL (0), "the camera",
          SG_POLICY_ALLOW_VIDEO_INPUT),
  CHOICE (SG_SETTING_USB, "usb", "UsbRedirection", on_off, ALL (0),
          "USB devices that the person hands over one by one", SG_POLICY_ALLOW_USB_REDIRECTION),
  CHOICE (SG_SETTING_PRINTERS, "printers", "PrinterRedirection", on_off, ALL (0),
          "this computer's printers", SG_POLICY_ALLOW_PRINTER_REDIRECTION),
  CHOICE (SG_SETTING_CLIPBOARD_IN, "clipboard-in", "ClipboardRedirection", clipboard_in,
          ALL (SG_CLIPBOARD_PASTE), "the clipboard into the sandbox, when the person pastes there",
          SG_POLICY_ALLOW_CLIPBOARD_REDIRECTION, SG_POLICY_CLIPBOARD_DIRECTIONS),
  CHOICE (SG_SETTING_CLIPBOARD_OUT, "clipboard-out", "ClipboardRedirection", clipboard_out,
          ALL (SG_CLIPBOARD_ASK), "what is copied inside, out to this computer's clipboard",
          SG_POLICY_ALLOW_CLIPBOARD_REDIRECTION, SG_POLICY_CLIPBOARD_DIRECTIONS),
  [SG_SETTING_CLIPBOARD_CONTENT] = { .id = SG_SETTING_CLIPBOARD_CONTENT,
                                     .name = "clipboard-content",
                                     .element = "Content",
                                     .kind = SG_KIND_FLAGS,
                                     .choices = contents,
                                     .defaults = ALL (SG_CLIPBOARD_TEXT | SG_CLIPBOARD_FILES),
                                     .summary = "the kinds of data that may pass" },
  NUMBER (SG_SETTING_CLIPBOARD_MAX_KIB, "clipboard-max", "MaxKiB", ALL (65536), 1, 4194304, "KiB",
          "the most that may pass at once"),
  CHOICE (SG_SETTING_PROTECTED_CLIENT, "protected-client", "ProtectedClient", confined, ALL (1),
          "the window's process is confined; always"),
  NUMBER (SG_SETTING_MEMORY, "memory", "MemoryInMB", ALL (SG_SETTING_COMPUTED), 1024, 1 << 24, "MB",
          "how far the sandbox's memory can grow", SG_POLICY_MAX_MEMORY_MB),
  NUMBER (SG_SETTING_CPUS, "cpus", "CpuCount", ALL (SG_SETTING_COMPUTED), 1, 4096, NULL,
          "processors", SG_POLICY_MAX_CPUS),
  NUMBER (SG_SETTING_DISK, "disk", "DiskInMB", ALL (SG_SETTING_COMPUTED), 1024, 1 << 26, "MB",
          "room for what is written inside", SG_POLICY_MAX_DISK_MB),
  CHOICE (SG_SETTING_ADMINISTRATOR, "administrator", "Administrator", on_off, EACH (1, 1, 0, 0),
          "sudo inside", SG_POLICY_ALLOW_ADMINISTRATOR),
  CHOICE (SG_SETTING_NESTED_VIRTUALIZATION, "nested-virtualization", "NestedVirtualization", on_off,
          ALL (0), "virtual machines inside", SG_POLICY_ALLOW_NESTED_VIRTUALIZATION),
  CHOICE (SG_SETTING_HARDWARE_VIRTUALIZATION, "hardware-virtualization", NULL, demanded, ALL (0),
          "required: nothing opens where sandboxes would be emulated",
          SG_POLICY_REQUIRE_HARDWARE_VIRTUALIZATION),
  CHOICE (SG_SETTING_ENCRYPTION, "encryption", "Encrypted", demanded, ALL (0),
          "the sandbox's disk is always encrypted; required: nothing opens where its memory could "
          "be written to a swap or hibernation in the clear",
          SG_POLICY_REQUIRE_ENCRYPTION),
  CHOICE (SG_SETTING_RESCUE, "save-files", NULL, on_off, ALL (1),
          "files may be saved out of the sandbox", SG_POLICY_ALLOW_RESCUE),
  NUMBER (SG_SETTING_MAX_SANDBOXES, "max-sandboxes", NULL, ALL (0), 1, 10000, NULL,
          "sandboxes of one login at once; 0: no limit", SG_POLICY_MAX_SANDBOXES),
  CHOICE (SG_SETTING_LIFETIME, "lifetime", "Lifetime", lifetimes,
          EACH (SG_LIFETIME_WINDOW, SG_LIFETIME_COMMAND, SG_LIFETIME_WINDOW, SG_LIFETIME_WINDOW),
          "what the sandbox ends with"),
  NUMBER (SG_SETTING_IDLE_MINUTES, "idle-minutes", "Lifetime", ALL (10), 1, 10080, "min",
          "how long nobody has to use it for it to end, with lifetime idle"),
  TEXT (SG_SETTING_KEYBOARD, "keyboard", "Keyboard", "keyboard layout"),
  TEXT (SG_SETTING_LOCALE, "locale", "Locale", "language and formats"),
  TEXT (SG_SETTING_TIME_ZONE, "time-zone", "TimeZone", "time zone"),
  CHOICE (SG_SETTING_DESKTOP_LOOK, "desktop-look", "DesktopLook", on_off, ALL (1),
          "size of text, dark style, pointer, keyboard and input method as on this desktop"),
  TEXT (SG_SETTING_TITLE, "title", "Title", "the sandbox's name in its window"),
  TEXT (SG_SETTING_BASE, "base", "Base", "the saved starting point that it is made from"),
  TEXT (SG_SETTING_OPEN, "open", "Open", "a file or link that is opened inside"),
  TEXT (SG_SETTING_PROGRAM, "program", "Program", "a command that has the whole window, without a desktop"),
};

const SgSettingInfo *
sg_setting_info (SgSetting setting)
{
  g_return_val_if_fail (setting < SG_SETTING_MAX, NULL);
  return &table[setting];
}

static gboolean
in_words (const char *words, const char *word)
{
  gsize len = strlen (word);

  for (const char *p = words; p != NULL && len > 0; p = strchr (p, ' '))
    {
      p += *p == ' ';
      if (g_ascii_strncasecmp (p, word, len) == 0 && (p[len] == ' ' || p[len] == '\0'))
        return TRUE;
    }
  return FALSE;
}

gboolean
sg_setting_parse_choice (const SgSettingInfo *info, const char *word, gint64 *ret_value)
{
  for (const SgChoice *c = info->choices; c != NULL && c->word != NULL; c++)
    if (g_ascii_strcasecmp (c->word, word) == 0 || in_words (c->synonyms, word))
      {
        *ret_value = c->value;
        return TRUE;
      }
  return FALSE;
}

static const SgChoice *
find_choice (const SgSettingInfo *info, gint64 value)
{
  for (const SgChoice *c = info->choices; c != NULL && c->word != NULL; c++)
    if (c->value == value)
      return c;
  return NULL;
}

gint64
sg_setting_narrower (const SgSettingInfo *info, gint64 value)
{
  const SgChoice *choice = find_choice (info, value);

  return choice != NULL ? choice->narrower : value;
}

gboolean
sg_setting_within (const SgSettingInfo *info, gint64 a, gint64 b)
{
  while (a != b)
    {
      gint64 next = sg_setting_narrower (info, a);
      if (next == a)
        return FALSE;
      a = next;
    }
  return TRUE;
}

static char *
flag_words (const SgSettingInfo *info, gint64 value)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (const SgChoice *c = info->choices; c->word != NULL; c++)
    if (value & c->value)
      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", c->word);
  if (out->len == 0)
    g_string_append (out, "nothing");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
sg_setting_words (const SgSettingInfo *info, gint64 value, const char *text)
{
  const SgChoice *choice = find_choice (info, value);

  switch (info->kind)
    {
    case SG_KIND_CHOICE:
      return g_strdup (choice != NULL ? choice->word : "?");
    case SG_KIND_FLAGS:
      return flag_words (info, value);
    case SG_KIND_TEXT:
      return g_strdup (text != NULL ? text : "not set");
    case SG_KIND_NUMBER:
      break;
    }
  if (info->id == SG_SETTING_MAX_SANDBOXES && value == 0)
    return g_strdup ("no limit");
  return g_strdup_printf ("%" G_GINT64_FORMAT "%s%s", value, info->unit != NULL ? " " : "",
                          info->unit != NULL ? info->unit : "");
}
