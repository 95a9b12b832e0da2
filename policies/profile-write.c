/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer.  Everything that Windows Sandbox knows is written as it knows it; what is ours is in
 * elements that it skips.  The order is fixed, so that the same profile is always the same bytes.
 */
#include "policies/hosts.h"
#include "policies/profile-internal.h"

static void
leaf (GString *out, guint indent, const char *name, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  g_string_append_printf (out, "%*s<%s>%s</%s>\n", (int)(2 * indent), "", name, escaped, name);
}

static const SgAsked *
asked (const SgProfile *profile, SgSetting setting)
{
  return profile->settings[setting].asked ? &profile->settings[setting] : NULL;
}

static void
setting_leaf (GString *out, const SgProfile *profile, SgSetting setting)
{
  const SgSettingInfo *info = sg_setting_info (setting);
  const SgAsked *what = asked (profile, setting);
  g_autofree char *number = NULL;

  if (what == NULL)
    return;
  if (info->kind == SG_KIND_TEXT)
    leaf (out, 1, info->element, what->text);
  else if (info->kind == SG_KIND_NUMBER)
    {
      number = g_strdup_printf ("%" G_GINT64_FORMAT, what->value);
      leaf (out, 1, info->element, number);
    }
  else if (setting == SG_SETTING_ADMINISTRATOR || setting == SG_SETTING_NESTED_VIRTUALIZATION
           || setting == SG_SETTING_ENCRYPTION)
    leaf (out, 1, info->element, what->value ? "true" : "false");
  else
    leaf (out, 1, info->element, what->value ? "Enable" : "Disable");
}

/* Windows knows on and off; the kind is ours. */
static void
write_network (GString *out, const SgProfile *profile)
{
  const SgAsked *network = asked (profile, SG_SETTING_NETWORK);

  if (network != NULL)
    leaf (out, 1, "Networking", network->value == SG_NETWORK_NONE ? "Disable" : "Enable");
}

static void
write_network_mode (GString *out, const SgProfile *profile)
{
  const SgSettingInfo *info = sg_setting_info (SG_SETTING_NETWORK);
  const SgAsked *network = asked (profile, SG_SETTING_NETWORK);

  if (network != NULL && network->value != SG_NETWORK_NONE)
    {
      g_autofree char *word = sg_setting_words (info, network->value, NULL);
      leaf (out, 1, info->element, word);
    }
  if (profile->hosts->len > 0)
    g_string_append (out, "  <AllowedHosts>\n");
  for (guint i = 0; i < profile->hosts->len; i++)
    leaf (out, 2, "Host", ((const SgAskedHost *)profile->hosts->pdata[i])->host);
  if (profile->hosts->len > 0)
    g_string_append (out, "  </AllowedHosts>\n");
}

static void
write_places (GString *out, const SgProfile *profile)
{
  if (profile->places->len == 0)
    return;
  g_string_append (out, "  <CompanyNetworks>\n");
  for (guint i = 0; i < profile->places->len; i++)
    {
      const SgAskedHost *place = profile->places->pdata[i];

      leaf (out, 2, sg_host_is_network (place->host) ? "Network" : "Domain", place->host);
    }
  g_string_append (out, "  </CompanyNetworks>\n");
}

static void
write_folders (GString *out, const SgProfile *profile)
{
  if (profile->folders->len == 0)
    return;
  g_string_append (out, "  <MappedFolders>\n");
  for (guint i = 0; i < profile->folders->len; i++)
    {
      const SgAskedFolder *folder = profile->folders->pdata[i];

      g_string_append (out, "    <MappedFolder>\n");
      leaf (out, 3, "HostFolder", folder->host_as_written);
      if (folder->sandbox_as_written != NULL)
        leaf (out, 3, "SandboxFolder", folder->sandbox_as_written);
      if (folder->access != SG_ACCESS_UNSAID)
        leaf (out, 3, "ReadOnly", folder->access == SG_ACCESS_READ_ONLY ? "true" : "false");
      g_string_append (out, "    </MappedFolder>\n");
    }
  g_string_append (out, "  </MappedFolders>\n");
}

static void
write_commands (GString *out, const SgProfile *profile)
{
  if (profile->commands->len == 0)
    return;
  g_string_append (out, "  <LogonCommand>\n");
  for (guint i = 0; i < profile->commands->len; i++)
    {
      const SgAskedCommand *command = profile->commands->pdata[i];
      g_autofree char *escaped = g_markup_escape_text (command->command, -1);

      g_string_append_printf (out, "    <Command%s>%s</Command>\n",
                              command->root ? " user=\"root\"" : "", escaped);
    }
  g_string_append (out, "  </LogonCommand>\n");
}

static const char *
direction (gboolean in, gboolean out)
{
  return in && out ? "both" : in ? "in" : out ? "out" : "none";
}

static void
write_clipboard_redirection (GString *out, const SgProfile *profile)
{
  const SgAsked *in = asked (profile, SG_SETTING_CLIPBOARD_IN);
  const SgAsked *back = asked (profile, SG_SETTING_CLIPBOARD_OUT);

  if (in != NULL && back != NULL)
    leaf (out, 1, "ClipboardRedirection",
          in->value == SG_CLIPBOARD_OFF && back->value == SG_CLIPBOARD_OFF ? "Disable" : "Enable");
}

static void
write_clipboard (GString *out, const SgProfile *profile)
{
  const SgAsked *in = asked (profile, SG_SETTING_CLIPBOARD_IN);
  const SgAsked *back = asked (profile, SG_SETTING_CLIPBOARD_OUT);
  const SgAsked *content = asked (profile, SG_SETTING_CLIPBOARD_CONTENT);
  const SgAsked *most = asked (profile, SG_SETTING_CLIPBOARD_MAX_KIB);
  gboolean may_in = in == NULL || in->value != SG_CLIPBOARD_OFF;
  gboolean may_out = back == NULL || back->value != SG_CLIPBOARD_OFF;
  /* Both off is said by ClipboardRedirection already, both on too; one alone needs words. */
  gboolean directed = (in != NULL || back != NULL) && (may_in != may_out);
  gboolean asks = back != NULL && may_out && (in == NULL || back->value == SG_CLIPBOARD_ALLOW);

  if (!directed && !asks && content == NULL && most == NULL)
    return;
  g_string_append (out, "  <Clipboard>\n");
  if (directed)
    leaf (out, 2, "Direction", direction (may_in, may_out));
  if (content != NULL)
    {
      g_autofree char *words
          = sg_setting_words (sg_setting_info (SG_SETTING_CLIPBOARD_CONTENT), content->value, NULL);
      leaf (out, 2, "Content", content->value != 0 ? words : "");
    }
  if (most != NULL)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, most->value);
      leaf (out, 2, "MaxKiB", number);
    }
  if (asks)
    leaf (out, 2, "Ask", back->value == SG_CLIPBOARD_ALLOW ? "false" : "true");
  g_string_append (out, "  </Clipboard>\n");
}

static void
write_lifetime (GString *out, const SgProfile *profile)
{
  const SgAsked *lifetime = asked (profile, SG_SETTING_LIFETIME);
  const SgAsked *minutes = asked (profile, SG_SETTING_IDLE_MINUTES);
  g_autofree char *text = NULL;

  if (lifetime == NULL)
    return;
  text = sg_setting_words (sg_setting_info (SG_SETTING_LIFETIME), lifetime->value, NULL);
  if (lifetime->value == SG_LIFETIME_IDLE && minutes != NULL)
    {
      g_free (text);
      text = g_strdup_printf ("idle %" G_GINT64_FORMAT, minutes->value);
    }
  leaf (out, 1, "Lifetime", text);
}

char *
sg_profile_to_xml (const SgProfile *profile)
{
  static const SgSetting windows[] = { SG_SETTING_AUDIO_INPUT, SG_SETTING_VIDEO_INPUT,
                                       SG_SETTING_PROTECTED_CLIENT, SG_SETTING_PRINTERS };
  static const SgSetting ours[]
      = { SG_SETTING_USB,        SG_SETTING_ADMINISTRATOR, SG_SETTING_NESTED_VIRTUALIZATION,
          SG_SETTING_ENCRYPTION, SG_SETTING_KEYBOARD,      SG_SETTING_LOCALE,
          SG_SETTING_TIME_ZONE,  SG_SETTING_DESKTOP_LOOK,  SG_SETTING_TITLE,
          SG_SETTING_BASE,       SG_SETTING_OPEN,          SG_SETTING_PROGRAM };
  GString *out = g_string_new ("<Configuration>\n");

  setting_leaf (out, profile, SG_SETTING_VGPU);
  write_network (out, profile);
  write_folders (out, profile);
  write_commands (out, profile);
  for (gsize i = 0; i < G_N_ELEMENTS (windows); i++)
    setting_leaf (out, profile, windows[i]);
  write_clipboard_redirection (out, profile);
  setting_leaf (out, profile, SG_SETTING_MEMORY);
  setting_leaf (out, profile, SG_SETTING_CPUS);
  setting_leaf (out, profile, SG_SETTING_DISK);
  write_network_mode (out, profile);
  write_places (out, profile);
  write_clipboard (out, profile);
  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    setting_leaf (out, profile, ours[i]);
  write_lifetime (out, profile);
  for (guint i = 0; i < profile->foreign->len; i++)
    g_string_append_printf (out, "  %s\n", (const char *)profile->foreign->pdata[i]);
  g_string_append (out, "</Configuration>\n");
  return g_string_free (out, FALSE);
}
