/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every cell of default x profile x policy for every setting, from the tables. */
#include "policies/grants.h"
#include "tests/unit/policy-kit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- the truth table.  `asked` and `policy` NULL: not said.  One row is one cell. */

typedef struct
{
  SgSetting setting;
  SgPurpose purpose;
  const char *asked; /* the value's word, or a number */
  const char *policy;
  const char *given;
  SgDecider who;
} Cell;

#define ON_OFF(setting, key, usual)                                                                \
  { setting, SG_FOR_DESKTOP, NULL, NULL, usual, SG_BY_DEFAULT },                                   \
      { setting, SG_FOR_DESKTOP, "on", NULL, "on", SG_BY_PROFILE },                                \
      { setting, SG_FOR_DESKTOP, "off", NULL, "off", SG_BY_PROFILE },                              \
      { setting, SG_FOR_DESKTOP, NULL, key "=true", usual, SG_BY_DEFAULT },                        \
      { setting, SG_FOR_DESKTOP, "on", key "=true", "on", SG_BY_PROFILE },                         \
      { setting, SG_FOR_DESKTOP, "off", key "=true", "off", SG_BY_PROFILE },                       \
      { setting, SG_FOR_DESKTOP, "on", key "=false", "off", SG_BY_POLICY },                        \
  {                                                                                                \
    setting, SG_FOR_DESKTOP, "off", key "=false", "off", SG_BY_PROFILE                             \
  }

#define DEMANDED(setting, key)                                                                     \
  { setting, SG_FOR_DESKTOP, NULL, NULL, "usual", SG_BY_DEFAULT },                                 \
      { setting, SG_FOR_DESKTOP, NULL, key "=false", "usual", SG_BY_DEFAULT },                     \
      { setting, SG_FOR_DESKTOP, NULL, key "=true", "required", SG_BY_POLICY },                    \
      { setting, SG_FOR_DESKTOP, "required", NULL, "required", SG_BY_PROFILE },                    \
      { setting, SG_FOR_DESKTOP, "required", key "=false", "required", SG_BY_PROFILE },            \
      { setting, SG_FOR_DESKTOP, "required", key "=true", "required", SG_BY_PROFILE },             \
      { setting, SG_FOR_DESKTOP, "usual", NULL, "usual", SG_BY_PROFILE },                          \
      { setting, SG_FOR_DESKTOP, "usual", key "=false", "usual", SG_BY_PROFILE },                  \
  {                                                                                                \
    setting, SG_FOR_DESKTOP, "usual", key "=true", "required", SG_BY_POLICY                        \
  }

#define NETWORK(asked, policy, given, who)                                                         \
  {                                                                                                \
    SG_SETTING_NETWORK, SG_FOR_DESKTOP, asked, policy, given, who                                  \
  }
#define CLIP(setting, asked, policy, given, who)                                                   \
  {                                                                                                \
    setting, SG_FOR_DESKTOP, asked, policy, given, who                                             \
  }
#define NUMBER(setting, asked, policy, given, who)                                                 \
  {                                                                                                \
    setting, SG_FOR_DESKTOP, asked, policy, given, who                                             \
  }
#define PLAIN(setting, asked, given, who)                                                          \
  {                                                                                                \
    setting, SG_FOR_DESKTOP, asked, NULL, given, who                                               \
  }

#define IN SG_SETTING_CLIPBOARD_IN
#define OUT SG_SETTING_CLIPBOARD_OUT
#define NO_CLIP "AllowClipboardRedirection=false"
#define MAY_CLIP "AllowClipboardRedirection=true"

static const Cell cells[] = {
  ON_OFF (SG_SETTING_VGPU, "AllowVGPU", "off"),
  { SG_SETTING_VGPU, SG_FOR_DESKTOP, NULL, "AllowVGPU=false", "off", SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_AUDIO_INPUT, "AllowAudioInput", "off"),
  { SG_SETTING_AUDIO_INPUT, SG_FOR_DESKTOP, NULL, "AllowAudioInput=false", "off", SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_VIDEO_INPUT, "AllowVideoInput", "off"),
  { SG_SETTING_VIDEO_INPUT, SG_FOR_DESKTOP, NULL, "AllowVideoInput=false", "off", SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_USB, "AllowUsbRedirection", "off"),
  { SG_SETTING_USB, SG_FOR_DESKTOP, NULL, "AllowUsbRedirection=false", "off", SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_PRINTERS, "AllowPrinterRedirection", "off"),
  { SG_SETTING_PRINTERS, SG_FOR_DESKTOP, NULL, "AllowPrinterRedirection=false", "off",
    SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_NESTED_VIRTUALIZATION, "AllowNestedVirtualization", "off"),
  { SG_SETTING_NESTED_VIRTUALIZATION, SG_FOR_DESKTOP, NULL, "AllowNestedVirtualization=false",
    "off", SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_ADMINISTRATOR, "AllowAdministrator", "on"),
  { SG_SETTING_ADMINISTRATOR, SG_FOR_DESKTOP, NULL, "AllowAdministrator=false", "off",
    SG_BY_POLICY },
  { SG_SETTING_ADMINISTRATOR, SG_FOR_COMMAND, NULL, NULL, "on", SG_BY_DEFAULT },
  { SG_SETTING_ADMINISTRATOR, SG_FOR_FILE, NULL, NULL, "off", SG_BY_DEFAULT },
  { SG_SETTING_ADMINISTRATOR, SG_FOR_LINK, NULL, NULL, "off", SG_BY_DEFAULT },
  ON_OFF (SG_SETTING_RESCUE, "AllowRescue", "on"),
  { SG_SETTING_RESCUE, SG_FOR_DESKTOP, NULL, "AllowRescue=false", "off", SG_BY_POLICY },
  DEMANDED (SG_SETTING_ENCRYPTION, "RequireEncryption"),
  DEMANDED (SG_SETTING_HARDWARE_VIRTUALIZATION, "RequireHardwareVirtualization"),

  NETWORK (NULL, NULL, "internet", SG_BY_DEFAULT),
  { SG_SETTING_NETWORK, SG_FOR_COMMAND, NULL, NULL, "internet", SG_BY_DEFAULT },
  { SG_SETTING_NETWORK, SG_FOR_FILE, NULL, NULL, "none", SG_BY_DEFAULT },
  { SG_SETTING_NETWORK, SG_FOR_FILE, "internet", NULL, "internet", SG_BY_PROFILE },
  { SG_SETTING_NETWORK, SG_FOR_LINK, NULL, NULL, "internet", SG_BY_DEFAULT },
  NETWORK ("none", NULL, "none", SG_BY_PROFILE),
  NETWORK ("private", NULL, "private", SG_BY_PROFILE),
  NETWORK ("internet", NULL, "internet", SG_BY_PROFILE),
  NETWORK ("lan", NULL, "lan", SG_BY_PROFILE),
  NETWORK ("allowlist", NULL, "none", SG_BY_PROFILE), /* nobody is on the list */
  NETWORK (NULL, "AllowNetworking=true", "internet", SG_BY_DEFAULT),
  NETWORK ("none", "AllowNetworking=true", "none", SG_BY_PROFILE),
  NETWORK ("private", "AllowNetworking=true", "private", SG_BY_PROFILE),
  NETWORK ("allowlist", "AllowNetworking=true", "none", SG_BY_PROFILE),
  NETWORK ("internet", "AllowNetworking=true", "internet", SG_BY_PROFILE),
  NETWORK ("lan", "AllowNetworking=true", "lan", SG_BY_PROFILE),
  NETWORK (NULL, "AllowNetworking=false", "none", SG_BY_POLICY),
  NETWORK ("none", "AllowNetworking=false", "none", SG_BY_PROFILE),
  NETWORK ("private", "AllowNetworking=false", "none", SG_BY_POLICY),
  NETWORK ("allowlist", "AllowNetworking=false", "none", SG_BY_POLICY),
  NETWORK ("internet", "AllowNetworking=false", "none", SG_BY_POLICY),
  NETWORK ("lan", "AllowNetworking=false", "none", SG_BY_POLICY),
  NETWORK (NULL, "NetworkModes=lan", "internet", SG_BY_DEFAULT),
  NETWORK ("none", "NetworkModes=lan", "none", SG_BY_PROFILE),
  NETWORK ("allowlist", "NetworkModes=lan", "none", SG_BY_PROFILE),
  NETWORK ("internet", "NetworkModes=lan", "internet", SG_BY_PROFILE),
  NETWORK ("lan", "NetworkModes=lan", "lan", SG_BY_PROFILE),
  NETWORK ("private", "NetworkModes=lan", "none", SG_BY_POLICY),
  NETWORK ("lan", "NetworkModes=internet", "internet", SG_BY_POLICY),
  NETWORK ("internet", "NetworkModes=internet", "internet", SG_BY_PROFILE),
  NETWORK ("private", "NetworkModes=internet", "none", SG_BY_POLICY),
  NETWORK ("private", "NetworkModes=internet;private", "private", SG_BY_PROFILE),
  NETWORK (NULL, "NetworkModes=private", "none", SG_BY_POLICY),
  NETWORK ("internet", "NetworkModes=allowlist", "none", SG_BY_POLICY),
  NETWORK (NULL, "NetworkModes=none", "none", SG_BY_POLICY),
  NETWORK (NULL, "NetworkModes=", "none", SG_BY_POLICY),
  NETWORK (NULL, "AllowedHosts=example.org", "allowlist", SG_BY_POLICY),
  NETWORK ("lan", "AllowedHosts=example.org", "allowlist", SG_BY_POLICY),
  NETWORK ("private", "AllowedHosts=example.org", "none", SG_BY_POLICY),
  NETWORK ("allowlist", "AllowedHosts=example.org", "allowlist", SG_BY_PROFILE),
  NETWORK ("none", "AllowedHosts=example.org", "none", SG_BY_PROFILE),
  NETWORK ("internet", "AllowedHosts=example.org", "allowlist", SG_BY_POLICY),
  NETWORK ("lan", "NetworkModes=allowlist\nAllowedHosts=example.org", "allowlist", SG_BY_POLICY),
  NETWORK ("lan", "AllowedHosts=", "none", SG_BY_POLICY),

  CLIP (IN, NULL, NULL, "paste", SG_BY_DEFAULT),
  CLIP (IN, "off", NULL, "off", SG_BY_PROFILE),
  CLIP (IN, "paste", NULL, "paste", SG_BY_PROFILE),
  CLIP (IN, NULL, NO_CLIP, "off", SG_BY_POLICY),
  CLIP (IN, "off", NO_CLIP, "off", SG_BY_PROFILE),
  CLIP (IN, "paste", NO_CLIP, "off", SG_BY_POLICY),
  CLIP (IN, NULL, MAY_CLIP, "paste", SG_BY_DEFAULT),
  CLIP (IN, "off", MAY_CLIP, "off", SG_BY_PROFILE),
  CLIP (IN, "paste", MAY_CLIP, "paste", SG_BY_PROFILE),
  CLIP (IN, NULL, "ClipboardDirections=in", "paste", SG_BY_DEFAULT),
  CLIP (IN, "off", "ClipboardDirections=in", "off", SG_BY_PROFILE),
  CLIP (IN, "paste", "ClipboardDirections=in;out", "paste", SG_BY_PROFILE),
  CLIP (IN, "paste", "ClipboardDirections=out", "off", SG_BY_POLICY),
  CLIP (IN, NULL, "ClipboardDirections=none", "off", SG_BY_POLICY),
  CLIP (OUT, NULL, NULL, "ask", SG_BY_DEFAULT),
  CLIP (OUT, "off", NULL, "off", SG_BY_PROFILE),
  CLIP (OUT, "ask", NULL, "ask", SG_BY_PROFILE),
  CLIP (OUT, "allow", NULL, "allow", SG_BY_PROFILE),
  CLIP (OUT, NULL, NO_CLIP, "off", SG_BY_POLICY),
  CLIP (OUT, "off", NO_CLIP, "off", SG_BY_PROFILE),
  CLIP (OUT, "ask", NO_CLIP, "off", SG_BY_POLICY),
  CLIP (OUT, "allow", NO_CLIP, "off", SG_BY_POLICY),
  CLIP (OUT, NULL, MAY_CLIP, "ask", SG_BY_DEFAULT),
  CLIP (OUT, "off", MAY_CLIP, "off", SG_BY_PROFILE),
  CLIP (OUT, "ask", MAY_CLIP, "ask", SG_BY_PROFILE),
  CLIP (OUT, "allow", MAY_CLIP, "allow", SG_BY_PROFILE),
  CLIP (OUT, "off", "ClipboardDirections=out", "off", SG_BY_PROFILE),
  CLIP (OUT, "ask", "ClipboardDirections=out", "ask", SG_BY_PROFILE),
  CLIP (OUT, "ask", "ClipboardDirections=in", "off", SG_BY_POLICY),
  CLIP (OUT, "allow", "ClipboardDirections=out", "allow", SG_BY_PROFILE),
  CLIP (OUT, "allow", "ClipboardDirections=in", "off", SG_BY_POLICY),
  CLIP (OUT, NULL, "ClipboardDirections=in", "off", SG_BY_POLICY),
  PLAIN (SG_SETTING_CLIPBOARD_CONTENT, NULL, "text, files", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_CLIPBOARD_CONTENT, "4", "images", SG_BY_PROFILE),
  PLAIN (SG_SETTING_CLIPBOARD_MAX_KIB, NULL, "65536 KiB", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_CLIPBOARD_MAX_KIB, "10", "10 KiB", SG_BY_PROFILE),
  PLAIN (SG_SETTING_CLIPBOARD_MAX_KIB, "0", "1 KiB", SG_BY_COMPUTER),
  PLAIN (SG_SETTING_PROTECTED_CLIENT, NULL, "on", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_PROTECTED_CLIENT, "on", "on", SG_BY_PROFILE),
  PLAIN (SG_SETTING_PROTECTED_CLIENT, "off", "on", SG_BY_PRODUCT),

  NUMBER (SG_SETTING_MEMORY, NULL, NULL, "4000 MB", SG_BY_DEFAULT),
  NUMBER (SG_SETTING_MEMORY, "2048", NULL, "2048 MB", SG_BY_PROFILE),
  NUMBER (SG_SETTING_MEMORY, "512", NULL, "1024 MB", SG_BY_COMPUTER),
  NUMBER (SG_SETTING_MEMORY, "16000", NULL, "14976 MB", SG_BY_COMPUTER),
  NUMBER (SG_SETTING_MEMORY, NULL, "MaxMemoryMB=2048", "2048 MB", SG_BY_POLICY),
  NUMBER (SG_SETTING_MEMORY, NULL, "MaxMemoryMB=8000", "4000 MB", SG_BY_DEFAULT),
  NUMBER (SG_SETTING_MEMORY, "2048", "MaxMemoryMB=2048", "2048 MB", SG_BY_PROFILE),
  NUMBER (SG_SETTING_MEMORY, "8000", "MaxMemoryMB=2048", "2048 MB", SG_BY_POLICY),
  NUMBER (SG_SETTING_MEMORY, "99999", "MaxMemoryMB=2048", "2048 MB", SG_BY_POLICY),
  NUMBER (SG_SETTING_CPUS, NULL, NULL, "4", SG_BY_DEFAULT),
  NUMBER (SG_SETTING_CPUS, "6", NULL, "6", SG_BY_PROFILE),
  NUMBER (SG_SETTING_CPUS, "0", NULL, "1", SG_BY_COMPUTER),
  NUMBER (SG_SETTING_CPUS, "64", NULL, "8", SG_BY_COMPUTER),
  NUMBER (SG_SETTING_CPUS, NULL, "MaxCpus=1", "1", SG_BY_POLICY),
  NUMBER (SG_SETTING_CPUS, "6", "MaxCpus=2", "2", SG_BY_POLICY),
  NUMBER (SG_SETTING_CPUS, "2", "MaxCpus=2", "2", SG_BY_PROFILE),
  NUMBER (SG_SETTING_DISK, NULL, NULL, "65536 MB", SG_BY_DEFAULT),
  NUMBER (SG_SETTING_DISK, "2000", NULL, "2000 MB", SG_BY_PROFILE),
  NUMBER (SG_SETTING_DISK, "1", NULL, "1024 MB", SG_BY_COMPUTER),
  NUMBER (SG_SETTING_DISK, NULL, "MaxDiskMB=5000", "5000 MB", SG_BY_POLICY),
  NUMBER (SG_SETTING_DISK, "9000", "MaxDiskMB=5000", "5000 MB", SG_BY_POLICY),
  NUMBER (SG_SETTING_DISK, "2000", "MaxDiskMB=5000", "2000 MB", SG_BY_PROFILE),
  NUMBER (SG_SETTING_MAX_SANDBOXES, NULL, NULL, "no limit", SG_BY_DEFAULT),
  NUMBER (SG_SETTING_MAX_SANDBOXES, NULL, "MaxSandboxes=3", "3", SG_BY_POLICY),

  PLAIN (SG_SETTING_LIFETIME, NULL, "window", SG_BY_DEFAULT),
  { SG_SETTING_LIFETIME, SG_FOR_COMMAND, NULL, NULL, "command", SG_BY_DEFAULT },
  PLAIN (SG_SETTING_LIFETIME, "idle", "idle", SG_BY_PROFILE),
  PLAIN (SG_SETTING_LIFETIME, "window", "window", SG_BY_PROFILE),
  PLAIN (SG_SETTING_LIFETIME, "command", "command", SG_BY_PROFILE),
  PLAIN (SG_SETTING_IDLE_MINUTES, NULL, "10 min", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_IDLE_MINUTES, "5", "5 min", SG_BY_PROFILE),
  PLAIN (SG_SETTING_KEYBOARD, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_KEYBOARD, "de", "de", SG_BY_PROFILE),
  PLAIN (SG_SETTING_LOCALE, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_LOCALE, "de_DE.UTF-8", "de_DE.UTF-8", SG_BY_PROFILE),
  PLAIN (SG_SETTING_TIME_ZONE, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_TIME_ZONE, "Europe/Berlin", "Europe/Berlin", SG_BY_PROFILE),
  PLAIN (SG_SETTING_DESKTOP_LOOK, NULL, "on", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_DESKTOP_LOOK, "off", "off", SG_BY_PROFILE),
  PLAIN (SG_SETTING_DESKTOP_LOOK, "on", "on", SG_BY_PROFILE),
  PLAIN (SG_SETTING_TITLE, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_TITLE, "Bank", "Bank", SG_BY_PROFILE),
  PLAIN (SG_SETTING_BASE, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_BASE, "bank", "bank", SG_BY_PROFILE),
  PLAIN (SG_SETTING_PROGRAM, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_PROGRAM, "firefox", "firefox", SG_BY_PROFILE),
  PLAIN (SG_SETTING_OPEN, NULL, "not set", SG_BY_DEFAULT),
  PLAIN (SG_SETTING_OPEN, "/home/maria/a.pdf", "/home/maria/a.pdf", SG_BY_PROFILE),
};

static void
ask (SgProfile *profile, const SgSettingInfo *info, const char *asked)
{
  gint64 value = 0;

  if (info->kind == SG_KIND_TEXT)
    sg_profile_ask_text (profile, info->id, asked, NULL);
  else if (info->kind == SG_KIND_CHOICE)
    {
      ck_assert_msg (sg_setting_parse_choice (info, asked, &value), "%s", asked);
      sg_profile_ask (profile, info->id, value, NULL);
    }
  else
    sg_profile_ask (profile, info->id, g_ascii_strtoll (asked, NULL, 10), NULL);
}

START_TEST (cell_of_the_truth_table)
{
  const Cell *cell = &cells[_i];
  const SgSettingInfo *info = sg_setting_info (cell->setting);
  const SgDefaults defaults = { .purpose = cell->purpose, .memory_mb = 16000, .cpus = 8 };
  g_autofree char *text = g_strconcat ("[policy]\n", cell->policy, "\n", NULL);
  g_autoptr (SgPolicy) policy = policy_of (cell->policy != NULL ? text : NULL);
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");

  if (cell->asked != NULL)
    ask (profile, info, cell->asked);
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);
  const SgGrant *grant = &grants->settings[cell->setting];
  g_autofree char *given = sg_setting_words (info, grant->value, grant->text);
  g_autofree char *why = sg_reason_text (&grant->reason);
  ck_assert_msg (strcmp (given, cell->given) == 0 && grant->reason.who == cell->who,
                 "%s, asked %s, policy %s: %s (%s), not %s", info->name, cell->asked, cell->policy,
                 given, why, cell->given);
  /* Who did not get what was asked for reads it in the reason; rules name their line. */
  if (cell->asked != NULL && cell->who != SG_BY_PROFILE)
    ck_assert_ptr_nonnull (strstr (why, "; asked: "));
  if (cell->who == SG_BY_POLICY)
    ck_assert_ptr_nonnull (strstr (why, "/etc/sandglass/policy.d/20.conf:2, "));
}
END_TEST

/* Whether the table has that cell.  RULE: how it begins; NULL: no rule. */
static gboolean
has_cell (SgSetting setting, SgPurpose purpose, const char *asked, const char *rule)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cells); i++)
    if (cells[i].setting == setting && cells[i].purpose == purpose
        && g_strcmp0 (cells[i].asked, asked) == 0
        && (rule == NULL ? cells[i].policy == NULL
                         : cells[i].policy != NULL && strstr (cells[i].policy, rule) != NULL))
      return TRUE;
  return FALSE;
}

/* Everything that can be asked of a setting, and nothing, against RULE. */
static void
assert_row (const SgSettingInfo *info, const char *rule)
{
  guint asked = 0;

  ck_assert_msg (has_cell (info->id, SG_FOR_DESKTOP, NULL, rule), "%s, not asked, %s", info->name,
                 rule);
  if (info->element == NULL)
    return;
  for (const SgChoice *choice = info->choices; info->kind == SG_KIND_CHOICE && choice->word != NULL;
       choice++)
    ck_assert_msg (has_cell (info->id, SG_FOR_DESKTOP, choice->word, rule), "%s, asked %s, %s",
                   info->name, choice->word, rule);
  for (gsize i = 0; i < G_N_ELEMENTS (cells); i++)
    asked += cells[i].setting == info->id && cells[i].asked != NULL
             && (rule == NULL ? cells[i].policy == NULL
                              : cells[i].policy != NULL && strstr (cells[i].policy, rule) != NULL);
  ck_assert_msg (asked > 0, "%s, asked, %s", info->name, rule);
}

/* The table above has a row for every setting and each of its words, without and with every policy
 * of it; and for every purpose that has a default of its own. */
START_TEST (the_truth_table_is_whole)
{
  const SgSettingInfo *info = sg_setting_info (_i);

  assert_row (info, NULL);
  for (SgPurpose purpose = SG_FOR_DESKTOP; purpose < SG_PURPOSE_MAX; purpose++)
    if (info->defaults[purpose] != info->defaults[SG_FOR_DESKTOP])
      ck_assert_msg (has_cell (info->id, purpose, NULL, NULL), "%s, purpose %d", info->name,
                     purpose);
  for (guint i = 0; i < SG_SETTING_POLICIES && info->policies[i] != SG_POLICY_NONE; i++)
    {
      const SgPolicyKeyInfo *key = sg_policy_key_info (info->policies[i]);
      g_autofree char *yes = g_strconcat (key->name, "=true", NULL);
      g_autofree char *no = g_strconcat (key->name, "=false", NULL);

      if (key->kind != SG_POLICY_KIND_ALLOW && key->kind != SG_POLICY_KIND_REQUIRE)
        {
          assert_row (info, key->name);
          continue;
        }
      assert_row (info, yes);
      assert_row (info, no);
    }
}
END_TEST

/* What this computer cannot do is off, says why, and is no more than usual; a rule that closes it
 * too is what is told. */
START_TEST (what_is_not_possible_here_is_off_and_says_why)
{
  static const struct
  {
    SgSetting setting;
    const char *note, *words;
  } cases[] = {
    { SG_SETTING_VGPU, "not possible here: no card",
      "Your graphics card: not possible here: no card." },
    { SG_SETTING_PRINTERS, "not possible here: no CUPS",
      "Your printers: not possible here: no CUPS." },
  };
  const SgDefaults defaults
      = { .memory_mb = 16000, .cpus = 8, .no_vgpu = "no card", .no_printers = "no CUPS" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SgSetting setting = cases[i].setting;
      g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");
      g_autoptr (SgPolicy) closed
          = policy_of ("[policy]\nAllowVGPU=false\nAllowPrinterRedirection=false\n");
      g_autoptr (SgGrants) unasked = sg_grants_new (&defaults, profile, NULL);
      sg_profile_ask (profile, setting, 1, NULL);
      g_autoptr (SgGrants) asked = sg_grants_new (&defaults, profile, NULL);
      g_autoptr (SgGrants) denied = sg_grants_new (&defaults, profile, closed);
      g_auto (GStrv) all = sg_grants_sentences (asked);
      g_auto (GStrv) usual = sg_grants_sentences (unasked);
      g_auto (GStrv) wishes = sg_grants_wishes (&defaults, profile, NULL);
      g_autofree char *why = sg_reason_text (&asked->settings[setting].reason);

      ck_assert_int_eq (unasked->settings[setting].reason.who, SG_BY_DEFAULT);
      ck_assert_int_eq (asked->settings[setting].value, 0);
      ck_assert_int_eq (asked->settings[setting].reason.who, SG_BY_COMPUTER);
      ck_assert_ptr_nonnull (strstr (why, cases[i].note));
      ck_assert_ptr_nonnull (strstr (why, "asked: on"));
      ck_assert_int_eq (denied->settings[setting].reason.who, SG_BY_POLICY);
      ck_assert (g_strv_contains ((const char *const *)all, cases[i].words));
      ck_assert (!g_strv_contains ((const char *const *)usual, cases[i].words));
      ck_assert_ptr_null (wishes[0]);
    }
}
END_TEST

/* Programs speak English then: it is kept, and said. */
START_TEST (a_language_that_is_not_there_is_said)
{
  const SgDefaults defaults = { .no_locale = "not set up" };
  g_autoptr (SgProfile) profile = sg_profile_new ("x.wsb");
  g_autoptr (SgGrants) unasked = sg_grants_new (&defaults, profile, NULL);

  ask (profile, sg_setting_info (SG_SETTING_LOCALE), "xx_XX.UTF-8");
  g_autoptr (SgGrants) asked = sg_grants_new (&defaults, profile, NULL);
  const SgGrant *grant = &asked->settings[SG_SETTING_LOCALE];
  g_auto (GStrv) all = sg_grants_sentences (asked);
  g_autofree char *why = sg_reason_text (&grant->reason);

  ck_assert_str_eq (grant->text, "xx_XX.UTF-8");
  ck_assert_int_eq (grant->reason.who, SG_BY_PROFILE);
  ck_assert_ptr_nonnull (strstr (why, "not set up"));
  ck_assert (g_strv_contains ((const char *const *)all, "The language xx_XX.UTF-8: not set up."));
  ck_assert_ptr_null (unasked->settings[SG_SETTING_LOCALE].reason.note);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("grants");
  TCase *tests = tcase_create ("tests");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, cell_of_the_truth_table, 0, G_N_ELEMENTS (cells));
  tcase_add_test (tests, a_language_that_is_not_there_is_said);
  tcase_add_test (tests, what_is_not_possible_here_is_off_and_says_why);
  tcase_add_loop_test (tests, the_truth_table_is_whole, 0, SG_SETTING_MAX);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
