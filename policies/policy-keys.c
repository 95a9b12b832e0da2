/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/policy-keys.h"

#include <string.h>

#define KEY(key, section, word, shape, what, ...)                                                  \
  [key] = { .id = key,                                                                             \
            .group = section,                                                                      \
            .name = word,                                                                          \
            .kind = SG_POLICY_KIND_##shape,                                                        \
            .summary = what,                                                                       \
            __VA_ARGS__ }

static const SgPolicyKeyInfo table[SG_POLICY_MAX] = {
  KEY (SG_POLICY_ALLOW_AUDIO_INPUT, "policy", "AllowAudioInput", ALLOW, "the microphone"),
  KEY (SG_POLICY_ALLOW_CLIPBOARD_REDIRECTION, "policy", "AllowClipboardRedirection", ALLOW,
       "the clipboard, both ways"),
  KEY (SG_POLICY_ALLOW_NETWORKING, "policy", "AllowNetworking", ALLOW, "any network"),
  KEY (SG_POLICY_ALLOW_PRINTER_REDIRECTION, "policy", "AllowPrinterRedirection", ALLOW, "printers"),
  KEY (SG_POLICY_ALLOW_VGPU, "policy", "AllowVGPU", ALLOW, "3D by this computer's graphics"),
  KEY (SG_POLICY_ALLOW_VIDEO_INPUT, "policy", "AllowVideoInput", ALLOW, "the camera"),
  KEY (SG_POLICY_ALLOW_MAPPED_FOLDERS, "policy", "AllowMappedFolders", ALLOW,
       "folders of this computer"),
  KEY (SG_POLICY_ALLOW_WRITE_TO_MAPPED_FOLDERS, "policy", "AllowWriteToMappedFolders", ALLOW,
       "changes in folders of this computer"),
  KEY (SG_POLICY_ALLOW_USB_REDIRECTION, "policy", "AllowUsbRedirection", ALLOW, "USB devices"),
  KEY (SG_POLICY_ALLOW_ADMINISTRATOR, "policy", "AllowAdministrator", ALLOW, "sudo inside"),
  KEY (SG_POLICY_ALLOW_RESCUE, "policy", "AllowRescue", ALLOW, "saving files out of a sandbox"),
  KEY (SG_POLICY_ALLOW_NESTED_VIRTUALIZATION, "policy", "AllowNestedVirtualization", ALLOW,
       "virtual machines inside"),
  KEY (SG_POLICY_NETWORK_MODES, "policy", "NetworkModes", WORDS, "only these kinds of network",
       .words = "none private allowlist internet lan"),
  KEY (SG_POLICY_ALLOWED_HOSTS, "policy", "AllowedHosts", HOSTS, "only these hosts"),
  KEY (SG_POLICY_MAPPED_FOLDERS_ALLOWED, "policy", "MappedFoldersAllowed", ALLOWED,
       "only these folders, and what lies in them"),
  KEY (SG_POLICY_MAPPED_FOLDERS_DENIED, "policy", "MappedFoldersDenied", DENIED,
       "never these folders, what lies in them, or what they lie in"),
  KEY (SG_POLICY_CLIPBOARD_DIRECTIONS, "policy", "ClipboardDirections", WORDS,
       "only these directions of the clipboard", .words = "none in out"),
  KEY (SG_POLICY_MAX_MEMORY_MB, "policy", "MaxMemoryMB", MOST, "memory of one sandbox",
       .least = 1024, .most = 1 << 24),
  KEY (SG_POLICY_MAX_CPUS, "policy", "MaxCpus", MOST, "processors of one sandbox", .least = 1,
       .most = 4096),
  KEY (SG_POLICY_MAX_DISK_MB, "policy", "MaxDiskMB", MOST, "disk of one sandbox", .least = 1024,
       .most = 1 << 26),
  KEY (SG_POLICY_MAX_SANDBOXES, "policy", "MaxSandboxes", MOST, "sandboxes of one login at once",
       .least = 1, .most = 10000),
  KEY (SG_POLICY_REQUIRE_ENCRYPTION, "policy", "RequireEncryption", REQUIRE,
       "nothing opens where a sandbox's memory could reach the disk in the clear"),
  KEY (SG_POLICY_REQUIRE_HARDWARE_VIRTUALIZATION, "policy", "RequireHardwareVirtualization",
       REQUIRE, "nothing opens in emulation"),
  KEY (SG_POLICY_PROFILES, "policy", "Profiles", PROFILES, "only these profiles run"),
  KEY (SG_POLICY_KIOSK_PROFILE, "kiosk", "Profile", PATH, "the profile that the kiosk shows"),
  KEY (SG_POLICY_KIOSK_IDLE_MINUTES, "kiosk", "IdleMinutes", MOST,
       "how long nobody has to use it for it to start afresh", .least = 1, .most = 1440),
  KEY (SG_POLICY_KIOSK_COUNTDOWN_SECONDS, "kiosk", "CountdownSeconds", MOST,
       "how long the warning before that is shown", .least = 5, .most = 600),
  KEY (SG_POLICY_KIOSK_BREAK_OUT_KEY, "kiosk", "BreakOutKey", TEXT,
       "the key that asks for the administrator's password"),
  KEY (SG_POLICY_NETWORK_MAX_CONNECTIONS, "network", "MaxConnectionsPerSecond", MOST,
       "connections that one sandbox may open in a second", .least = 1, .most = 100000),
  KEY (SG_POLICY_NETWORK_MAX_KBYTES, "network", "MaxKBytesPerSecond", MOST,
       "what one sandbox may send and receive in a second, in 1000 bytes", .least = 1,
       .most = 1 << 24),
  KEY (SG_POLICY_NETWORK_COMPANY_NETWORKS, "network", "CompanyNetworks", NETWORKS,
       "networks that a sandbox with internet reaches besides"),
  KEY (SG_POLICY_NETWORK_COMPANY_DOMAINS, "network", "CompanyDomains", DOMAINS,
       "domains whose names may lead there"),
};

const SgPolicyKeyInfo *
sg_policy_key_info (SgPolicyKey key)
{
  g_return_val_if_fail (key > SG_POLICY_NONE && key < SG_POLICY_MAX, NULL);
  return &table[key];
}

SgPolicyKey
sg_policy_key_by_name (const char *group, const char *name)
{
  for (SgPolicyKey i = SG_POLICY_NONE + 1; i < SG_POLICY_MAX; i++)
    {
      if (strcmp (table[i].group, group) != 0)
        continue;
      if (strcmp (table[i].name, name) == 0)
        return i;
      if (table[i].kind == SG_POLICY_KIND_ALLOW
          && strcmp (table[i].name + strlen ("Allow"), name) == 0)
        return i;
    }
  return SG_POLICY_NONE;
}

/* Single letters that two short words are apart, any case; a row at a time. */
static guint
distance (const char *a, const char *b)
{
  guint row[64], len = (guint)strlen (b);

  if (len >= G_N_ELEMENTS (row) || strlen (a) >= G_N_ELEMENTS (row))
    return G_MAXUINT;
  for (guint j = 0; j <= len; j++)
    row[j] = j;
  for (guint i = 1; *a != '\0'; a++, i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= len; j++)
        {
          guint replaced = diagonal + (g_ascii_tolower (*a) != g_ascii_tolower (b[j - 1]) ? 1 : 0);

          diagonal = row[j];
          row[j] = MIN (replaced, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[len];
}

const char *
sg_policy_key_near (const char *group, const char *name)
{
  const char *nearest = NULL;
  guint best = 5; /* further away is another word */

  for (SgPolicyKey i = SG_POLICY_NONE + 1; i < SG_POLICY_MAX; i++)
    {
      guint away = strcmp (table[i].group, group) == 0 ? distance (name, table[i].name) : best;
      if (away < best)
        {
          best = away;
          nearest = table[i].name;
        }
    }
  return nearest;
}
