/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/profile-internal.h"

#define LEAF(word, of)                                                                             \
  {                                                                                                \
    SG_ELEMENT_SETTING, SG_ELEMENT_CONFIGURATION, word, FALSE, of                                  \
  }
#define OWN(of, word)                                                                              \
  {                                                                                                \
    SG_ELEMENT_##of, SG_ELEMENT_CONFIGURATION, word, FALSE, SG_SETTING_MAX                         \
  }
#define BOX(of, in, word)                                                                          \
  {                                                                                                \
    SG_ELEMENT_##of, SG_ELEMENT_##in, word, TRUE, SG_SETTING_MAX                                   \
  }
#define PART(of, in, word)                                                                         \
  {                                                                                                \
    SG_ELEMENT_##of, SG_ELEMENT_##in, word, FALSE, SG_SETTING_MAX                                  \
  }

static const SgElement table[] = {
  BOX (CONFIGURATION, NONE, "Configuration"),

  /* Windows Sandbox's */
  LEAF ("vGPU", SG_SETTING_VGPU),
  OWN (NETWORKING, "Networking"),
  BOX (MAPPED_FOLDERS, CONFIGURATION, "MappedFolders"),
  BOX (MAPPED_FOLDER, MAPPED_FOLDERS, "MappedFolder"),
  PART (HOST_FOLDER, MAPPED_FOLDER, "HostFolder"),
  PART (SANDBOX_FOLDER, MAPPED_FOLDER, "SandboxFolder"),
  PART (READ_ONLY, MAPPED_FOLDER, "ReadOnly"),
  BOX (LOGON_COMMAND, CONFIGURATION, "LogonCommand"),
  PART (COMMAND, LOGON_COMMAND, "Command"),
  LEAF ("AudioInput", SG_SETTING_AUDIO_INPUT),
  LEAF ("VideoInput", SG_SETTING_VIDEO_INPUT),
  LEAF ("ProtectedClient", SG_SETTING_PROTECTED_CLIENT),
  LEAF ("PrinterRedirection", SG_SETTING_PRINTERS),
  OWN (CLIPBOARD_REDIRECTION, "ClipboardRedirection"),
  LEAF ("MemoryInMB", SG_SETTING_MEMORY),

  /* Ours */
  LEAF ("CpuCount", SG_SETTING_CPUS),
  LEAF ("DiskInMB", SG_SETTING_DISK),
  OWN (NETWORK_MODE, "NetworkMode"),
  BOX (ALLOWED_HOSTS, CONFIGURATION, "AllowedHosts"),
  PART (HOST, ALLOWED_HOSTS, "Host"),
  BOX (COMPANY_NETWORKS, CONFIGURATION, "CompanyNetworks"),
  PART (COMPANY_NETWORK, COMPANY_NETWORKS, "Network"),
  PART (COMPANY_DOMAIN, COMPANY_NETWORKS, "Domain"),
  BOX (CLIPBOARD, CONFIGURATION, "Clipboard"),
  PART (DIRECTION, CLIPBOARD, "Direction"),
  { SG_ELEMENT_SETTING, SG_ELEMENT_CLIPBOARD, "Content", FALSE, SG_SETTING_CLIPBOARD_CONTENT },
  { SG_ELEMENT_SETTING, SG_ELEMENT_CLIPBOARD, "MaxKiB", FALSE, SG_SETTING_CLIPBOARD_MAX_KIB },
  PART (ASK, CLIPBOARD, "Ask"),
  LEAF ("UsbRedirection", SG_SETTING_USB),
  LEAF ("Administrator", SG_SETTING_ADMINISTRATOR),
  LEAF ("NestedVirtualization", SG_SETTING_NESTED_VIRTUALIZATION),
  LEAF ("Encrypted", SG_SETTING_ENCRYPTION),
  OWN (LIFETIME, "Lifetime"),
  LEAF ("Keyboard", SG_SETTING_KEYBOARD),
  LEAF ("Locale", SG_SETTING_LOCALE),
  LEAF ("TimeZone", SG_SETTING_TIME_ZONE),
  LEAF ("DesktopLook", SG_SETTING_DESKTOP_LOOK),
  LEAF ("Title", SG_SETTING_TITLE),
  LEAF ("Base", SG_SETTING_BASE),
  OWN (OPEN, "Open"),
  LEAF ("Program", SG_SETTING_PROGRAM),

  /* Met in real files, without a meaning here */
  OWN (FOREIGN, "Metadata"),
  OWN (FOREIGN, "HostName"),
  OWN (FOREIGN, "WindowsAppTheme"),
};

const SgElement *
sg_element_find (SgElementId parent, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].parent == parent && g_ascii_strcasecmp (table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

const SgElement *
sg_elements_all (gsize *ret_n)
{
  *ret_n = G_N_ELEMENTS (table);
  return table;
}
