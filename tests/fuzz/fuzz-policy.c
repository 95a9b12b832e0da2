/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the policy's reader spoilt files, and checks what must hold whatever comes: no crash; a
 * word that is not understood closes everything; and adding a file never opens anything. */
#include "policies/grants.h"
#include "tests/fuzz/mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t len);

static void
require (gboolean holds, const char *what)
{
  if (!holds)
    {
      fprintf (stderr, "fuzz-policy: violated: %s\n", what);
      abort ();
    }
}

static void
require_narrower (const SgGrants *before, const SgGrants *after)
{
  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    {
      const SgSettingInfo *info = sg_setting_info (i);
      gint64 a = sg_grants_number (before, i), b = sg_grants_number (after, i);

      if (info->kind == SG_KIND_CHOICE)
        require (sg_setting_within (info, a, b), info->name);
      else if (i == SG_SETTING_MAX_SANDBOXES)
        require (a == 0 || (b > 0 && b <= a), info->name);
      else if (info->kind == SG_KIND_NUMBER)
        require (b <= a, info->name);
    }
  for (guint i = 0; i < before->folders->len; i++)
    {
      const SgGrantedFolder *a = before->folders->pdata[i], *b = after->folders->pdata[i];
      require ((a->granted || !b->granted) && (a->writable || !b->writable), "a folder");
    }
  require (before->may_run || !after->may_run, "may run");
}

static SgProfile *
greedy (void)
{
  SgProfile *profile = sg_profile_new ("everything");

  sg_profile_ask (profile, SG_SETTING_NETWORK, SG_NETWORK_LAN, NULL);
  for (SgSetting i = SG_SETTING_VGPU; i <= SG_SETTING_PRINTERS; i++)
    sg_profile_ask (profile, i, 1, NULL);
  sg_profile_ask (profile, SG_SETTING_CLIPBOARD_OUT, SG_CLIPBOARD_ALLOW, NULL);
  sg_profile_ask (profile, SG_SETTING_MEMORY, 60000, NULL);
  sg_profile_ask_folder (profile, "/home/maria/a", NULL, SG_ACCESS_WRITABLE);
  sg_profile_ask_folder (profile, "/srv/b", NULL, SG_ACCESS_UNSAID);
  return profile;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  const SgDefaults defaults = { .memory_mb = 64000, .cpus = 8 };
  static const char first[] = "[policy]\nNetworkModes=internet\nMaxMemoryMB=30000\n";
  g_autoptr (SgProfile) profile = greedy ();
  g_autoptr (SgPolicy) policy = sg_policy_new ();

  sg_policy_add_text (policy, "/etc/10.conf", first, sizeof first - 1);
  g_autoptr (SgGrants) before = sg_grants_new (&defaults, profile, policy);
  sg_policy_add_text (policy, "/etc/20.conf", (const char *)data, len);
  g_autoptr (SgGrants) after = sg_grants_new (&defaults, profile, policy);
  g_autofree char *report = sg_grants_text_report (after);
  g_autofree char *json = sg_grants_json (after, profile, policy);
  require (g_utf8_validate (report, -1, NULL) && g_utf8_validate (json, -1, NULL), "text is UTF-8");
  require_narrower (before, after);
  require (!sg_policy_closed (policy)
               || (!after->may_run && sg_grants_number (after, SG_SETTING_NETWORK) == 0),
           "closed is closed");
  return 0;
}

static void
one (const guint8 *data, gsize len)
{
  LLVMFuzzerTestOneInput (data, len);
}

#ifndef SG_LIBFUZZER
int
main (int argc, char **argv)
{
  static const char *const words[] = { "[policy]\n",
                                       "[kiosk]\n",
                                       "AllowNetworking=false\n",
                                       "AllowNetworking=true\n",
                                       "NetworkModes=",
                                       ";",
                                       "=",
                                       "\n",
                                       "MappedFoldersAllowed=/home/*\n",
                                       "MaxMemoryMB=99999\n",
                                       "Profiles=none\n",
                                       "AllowedHosts=*.example.org;10.0.0.0/8\n",
                                       "\\",
                                       "[de]",
                                       "lan",
                                       NULL };

  return fuzz_main (argc, argv, "tests/wsb/policy", words, 3000, one);
}
#endif
