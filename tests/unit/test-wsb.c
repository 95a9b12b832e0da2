/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles: what is read as what, and what is refused and where. */
#include "policies/paths.h"
#include "policies/profile-internal.h"
#include "tests/unit/wsb-kit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- values: an element, and what is granted for it */

static const struct
{
  const char *inner;
  SgSetting setting;
  const char *given;
  guint errors;
} values[] = {
  { "<vGPU>Enable</vGPU>", SG_SETTING_VGPU, "on", 0 },
  { "<VGPU> \n true\t</VGPU>", SG_SETTING_VGPU, "on", 0 },
  { "<vgpu>Disabled</vgpu>", SG_SETTING_VGPU, "off", 0 },
  { "<VGpu>default</VGpu>", SG_SETTING_VGPU, "off", 0 },
  { "<vGPU>yess</vGPU>", SG_SETTING_VGPU, "off", 1 },
  { "<vGPU><![CDATA[Enable]]></vGPU>", SG_SETTING_VGPU, "on", 0 },
  { "<vGPU>En<!-- ! -->able</vGPU>", SG_SETTING_VGPU, "on", 0 },
  { "<AudioInput>Enabled</AudioInput>", SG_SETTING_AUDIO_INPUT, "on", 0 },
  { "<VideoInput>Enable</VideoInput>", SG_SETTING_VIDEO_INPUT, "on", 0 },
  { "<PrinterRedirection>1</PrinterRedirection>", SG_SETTING_PRINTERS, "on", 0 },
  { "<UsbRedirection>Enable</UsbRedirection>", SG_SETTING_USB, "on", 0 },
  { "<ProtectedClient>Enable</ProtectedClient>", SG_SETTING_PROTECTED_CLIENT, "on", 0 },
  { "<ProtectedClient>Disable</ProtectedClient>", SG_SETTING_PROTECTED_CLIENT, "on", 0 },
  { "<Administrator>false</Administrator>", SG_SETTING_ADMINISTRATOR, "off", 0 },
  { "<NestedVirtualization>true</NestedVirtualization>", SG_SETTING_NESTED_VIRTUALIZATION, "on",
    0 },
  { "<Encrypted>true</Encrypted>", SG_SETTING_ENCRYPTION, "required", 0 },
  { "<Encrypted>false</Encrypted>", SG_SETTING_ENCRYPTION, "usual", 0 },
  { "<Networking>Enable</Networking>", SG_SETTING_NETWORK, "internet", 0 },
  { "<Networking>Disable</Networking>", SG_SETTING_NETWORK, "none", 0 },
  { "<Networking>Default</Networking>", SG_SETTING_NETWORK, "internet", 0 },
  { "<NetworkMode>off</NetworkMode>", SG_SETTING_NETWORK, "none", 0 },
  { "<NetworkMode>LAN</NetworkMode>", SG_SETTING_NETWORK, "lan", 0 },
  { "<NetworkMode>private</NetworkMode>", SG_SETTING_NETWORK, "private", 0 },
  { "<NetworkMode>lan</NetworkMode><Networking>Enable</Networking>", SG_SETTING_NETWORK, "lan", 0 },
  { "<NetworkMode>lan</NetworkMode><Networking>Disable</Networking>", SG_SETTING_NETWORK, "none",
    0 },
  { "<NetworkMode>lan</NetworkMode><NetworkMode>internet</NetworkMode>", SG_SETTING_NETWORK,
    "internet", 0 },
  { "<NetworkMode>internet</NetworkMode><NetworkMode>lan</NetworkMode>", SG_SETTING_NETWORK,
    "internet", 0 },
  { "<NetworkMode>allowlist</NetworkMode>", SG_SETTING_NETWORK, "none", 0 },
  { "<AllowedHosts><Host>example.org</Host></AllowedHosts>", SG_SETTING_NETWORK, "allowlist", 0 },
  { "<Networking>Enable</Networking><AllowedHosts><Host>a.b</Host></AllowedHosts>",
    SG_SETTING_NETWORK, "allowlist", 0 },
  { "<AllowedHosts><Host>http://a</Host></AllowedHosts>", SG_SETTING_NETWORK, "internet", 1 },
  { "<AllowedHosts><Host>0.0.0.0/332</Host></AllowedHosts>", SG_SETTING_NETWORK, "internet", 1 },
  { "<AllowedHosts><Host>::/129</Host></AllowedHosts>", SG_SETTING_NETWORK, "internet", 1 },
  { "<ClipboardRedirection>Enable</ClipboardRedirection>", SG_SETTING_CLIPBOARD_IN, "paste", 0 },
  { "<ClipboardRedirection>Disable</ClipboardRedirection>", SG_SETTING_CLIPBOARD_IN, "off", 0 },
  { "<ClipboardRedirection>Disable</ClipboardRedirection><Clipboard><Ask>false</Ask></Clipboard>",
    SG_SETTING_CLIPBOARD_OUT, "off", 0 },
  { "<Clipboard><Ask>false</Ask></Clipboard>", SG_SETTING_CLIPBOARD_OUT, "allow", 0 },
  { "<Clipboard><Ask>false</Ask><Ask>true</Ask></Clipboard>", SG_SETTING_CLIPBOARD_OUT, "ask", 0 },
  { "<Clipboard><Direction>in</Direction><Ask>false</Ask></Clipboard>", SG_SETTING_CLIPBOARD_OUT,
    "off", 0 },
  { "<Clipboard><Direction>out</Direction></Clipboard>", SG_SETTING_CLIPBOARD_IN, "off", 0 },
  { "<Clipboard><Direction>both</Direction><Direction>out</Direction></Clipboard>",
    SG_SETTING_CLIPBOARD_IN, "off", 0 },
  { "<Clipboard><Content>Text;Images</Content></Clipboard>", SG_SETTING_CLIPBOARD_CONTENT,
    "text, images", 0 },
  { "<Clipboard><Content>all</Content></Clipboard>", SG_SETTING_CLIPBOARD_CONTENT,
    "text, files, images", 0 },
  { "<Clipboard><MaxKiB>64</MaxKiB></Clipboard>", SG_SETTING_CLIPBOARD_MAX_KIB, "64 KiB", 0 },
  { "<MemoryInMB>\n 8192 \n</MemoryInMB>", SG_SETTING_MEMORY, "8192 MB", 0 },
  { "<MemoryInMB>100</MemoryInMB>", SG_SETTING_MEMORY, "1024 MB", 0 },
  { "<MemoryInMB>18446744073709551616</MemoryInMB>", SG_SETTING_MEMORY, "14976 MB", 0 },
  { "<MemoryInMB>4 GB</MemoryInMB>", SG_SETTING_MEMORY, "4000 MB", 1 },
  { "<MemoryInMB>-4096</MemoryInMB>", SG_SETTING_MEMORY, "4000 MB", 1 },
  { "<MemoryInMB>0x1000</MemoryInMB>", SG_SETTING_MEMORY, "4000 MB", 1 },
  { "<CpuCount>2</CpuCount>", SG_SETTING_CPUS, "2", 0 },
  { "<DiskInMB>2048</DiskInMB>", SG_SETTING_DISK, "2048 MB", 0 },
  { "<Keyboard>de(nodeadkeys)</Keyboard>", SG_SETTING_KEYBOARD, "de(nodeadkeys)", 0 },
  { "<Keyboard>de; rm -rf</Keyboard>", SG_SETTING_KEYBOARD, "not set", 1 },
  { "<Locale>de_DE.UTF-8</Locale>", SG_SETTING_LOCALE, "de_DE.UTF-8", 0 },
  { "<TimeZone>Europe/Berlin</TimeZone>", SG_SETTING_TIME_ZONE, "Europe/Berlin", 0 },
  { "<TimeZone>Europe/../../x</TimeZone>", SG_SETTING_TIME_ZONE, "not set", 1 },
  { "<TimeZone>/etc/x</TimeZone>", SG_SETTING_TIME_ZONE, "not set", 1 },
  { "<DesktopLook>Disable</DesktopLook>", SG_SETTING_DESKTOP_LOOK, "off", 0 },
  { "<DesktopLook>dark</DesktopLook>", SG_SETTING_DESKTOP_LOOK, "on", 1 },
  { "<Program> firefox --private-window </Program>", SG_SETTING_PROGRAM, "firefox --private-window",
    0 },
  { "<Program>a\xe2\x80\xae"
    "b</Program>",
    SG_SETTING_PROGRAM, "not set", 1 },
  { "<Title>a &lt;b&gt;</Title>", SG_SETTING_TITLE, "a <b>", 0 },
  { "<Title>a\xe2\x80\xae"
    "b</Title>",
    SG_SETTING_TITLE, "not set", 1 },
  { "<Base>bank 2</Base>", SG_SETTING_BASE, "bank 2", 0 },
  { "<Base>../x</Base>", SG_SETTING_BASE, "not set", 1 },
  { "<Open>letter.pdf</Open>", SG_SETTING_OPEN, "/home/maria/saved/letter.pdf", 0 },
  { "<Open>C:\\Users\\Bob\\letter.pdf</Open>", SG_SETTING_OPEN, "/home/maria/letter.pdf", 0 },
  { "<Open>https://example.org/?a=1</Open>", SG_SETTING_OPEN, "https://example.org/?a=1", 0 },
  { "<Lifetime>command</Lifetime>", SG_SETTING_LIFETIME, "command", 0 },
  { "<Lifetime>idle 30</Lifetime>", SG_SETTING_IDLE_MINUTES, "30 min", 0 },
  { "<Lifetime>45</Lifetime>", SG_SETTING_LIFETIME, "idle", 0 },
  { "<Lifetime>idle 30 minutes</Lifetime>", SG_SETTING_LIFETIME, "idle", 0 },
  { "<Lifetime>window 30</Lifetime>", SG_SETTING_LIFETIME, "window", 1 },
  { "<Metadata>x</Metadata>", SG_SETTING_NETWORK, "internet", 0 },
  { "<HostName>pc</HostName>", SG_SETTING_NETWORK, "internet", 0 },
  { "<WindowsAppTheme>Dark</WindowsAppTheme>", SG_SETTING_DESKTOP_LOOK, "on", 0 },
  { "<Networking/>", SG_SETTING_NETWORK, "internet", 0 },
};

static guint
count_errors (const SgProfile *profile)
{
  guint errors = 0;

  for (guint i = 0; i < profile->notes->len; i++)
    errors += ((const SgNote *)profile->notes->pdata[i])->kind == SG_NOTE_ERROR;
  return errors;
}

START_TEST (value_is_understood)
{
  const SgSettingInfo *info = sg_setting_info (values[_i].setting);
  g_autoptr (SgProfile) profile = wsb_kit_inner (values[_i].inner);
  g_autoptr (SgGrants) grants = wsb_kit_grants (profile);
  const SgGrant *grant = &grants->settings[values[_i].setting];
  g_autofree char *given = sg_setting_words (info, grant->value, grant->text);
  g_autofree char *notes = sg_profile_notes_text (profile);

  ck_assert_msg (strcmp (given, values[_i].given) == 0, "%s: %s", values[_i].inner, given);
  ck_assert_msg (count_errors (profile) == values[_i].errors, "%s: %s", values[_i].inner, notes);
  ck_assert_int_eq (grants->may_run, values[_i].errors == 0);
}
END_TEST

/* ---- paths */

static const struct
{
  const char *written, *path; /* NULL: cannot be mapped */
} paths[] = {
  { "C:\\Users\\Bob\\Documents", "/home/maria/Documents" },
  { "c:/users/BOB/Documents/", "/home/maria/Documents" },
  { "C:\\Users\\Bob", "/home/maria" },
  { "%USERPROFILE%\\Downloads", "/home/maria/Downloads" },
  { "%userprofile%/Downloads", "/home/maria/Downloads" },
  { "%HOMEDRIVE%%HOMEPATH%\\x", "/home/maria/x" },
  { "C:\\Users\\%USERNAME%\\x", "/home/maria/x" },
  { "~", "/home/maria" },
  { "~/a b", "/home/maria/a b" },
  { "$HOME/x", "/home/maria/x" },
  { "${WORK}/x", "/srv/work/x" },
  { "%WORK%\\x", "/srv/work/x" },
  { "%work%\\x", "/srv/work/x" },
  { "$ODD", "/home/maria/saved/a b" },
  { "project", "/home/maria/saved/project" },
  { ".\\sub\\dir", "/home/maria/saved/sub/dir" },
  { "../other", "/home/maria/other" },
  { ".", "/home/maria/saved" },
  { "/srv//x/./y/../z", "/srv/x/z" },
  { "/srv/back\\slash", "/srv/back\\slash" },
  { "/srv/100%", "/srv/100%" },
  { "/srv/5$", "/srv/5$" },
  { "/../../etc", "/etc" },
  { "C:\\Users\\Public\\x", NULL },
  { "C:\\Users\\", NULL },
  { "C:\\temp", NULL },
  { "D:\\Users\\Bob", NULL },
  { "\\\\server\\share", NULL },
  { "%NOPE%\\x", NULL },
  { "$NOPE/x", NULL },
  { "~bob/x", NULL },
};

START_TEST (host_path_is_mapped)
{
  g_autofree char *why = NULL;
  g_autofree char *path = sg_path_map_host (paths[_i].written, &wsb_kit_host, &why);

  ck_assert_msg (g_strcmp0 (path, paths[_i].path) == 0, "%s: %s", paths[_i].written, path);
  ck_assert ((path == NULL) == (why != NULL));
}
END_TEST

static const struct
{
  const char *written, *path;
} places[] = {
  { "C:\\Users\\WDAGUtilityAccount\\Desktop\\x", "/home/sandbox/Desktop/x" },
  { "C:\\Users\\WDAGUtilityAccount\\Downloads", "/home/sandbox/Downloads" },
  { "%USERPROFILE%\\Desktop", "/home/sandbox/Desktop" },
  { "x", "/home/sandbox/Desktop/x" },
  { "/mnt/x", "/mnt/x" },
  { "/srv", "/srv" },
  { "/usr/local", NULL },
  { "/etc", NULL },
  { "/etcetera", "/etcetera" },
  { "/", NULL },
  { "/home/sandbox", NULL },
  { "/mnt/../proc", NULL },
  { "C:\\temp", NULL },
};

START_TEST (sandbox_path_is_mapped)
{
  g_autofree char *why = NULL;
  g_autofree char *path = sg_path_map_sandbox (places[_i].written, &why);

  ck_assert_msg (g_strcmp0 (path, places[_i].path) == 0, "%s: %s", places[_i].written, path);
  ck_assert ((path == NULL) == (why != NULL));
}
END_TEST

START_TEST (read_only_is_asked_when_left_out)
{
  g_autoptr (SgProfile) profile = wsb_kit_inner (
      "<MappedFolders><MappedFolder><HostFolder>~/a</HostFolder></MappedFolder>"
      "<MappedFolder><HostFolder>~/b</HostFolder><ReadOnly> False </ReadOnly>"
      "<SandboxFolder>C:\\Users\\WDAGUtilityAccount\\Desktop\\in</SandboxFolder></MappedFolder>"
      "</MappedFolders><MappedFolders><MappedFolder><ReadOnly>true</ReadOnly>"
      "<HostFolder>~/c</HostFolder></MappedFolder></MappedFolders>");

  ck_assert_uint_eq (profile->folders->len, 3);
  ck_assert_int_eq (((SgAskedFolder *)profile->folders->pdata[0])->access, SG_ACCESS_UNSAID);
  ck_assert_int_eq (((SgAskedFolder *)profile->folders->pdata[1])->access, SG_ACCESS_WRITABLE);
  ck_assert_int_eq (((SgAskedFolder *)profile->folders->pdata[2])->access, SG_ACCESS_READ_ONLY);
  ck_assert_ptr_null (((SgAskedFolder *)profile->folders->pdata[0])->sandbox_path);
  ck_assert_str_eq (((SgAskedFolder *)profile->folders->pdata[1])->sandbox_path,
                    "/home/sandbox/Desktop/in");
}
END_TEST

START_TEST (places_of_a_company_are_read)
{
  g_autoptr (SgProfile) profile = wsb_kit_inner (
      "<CompanyNetworks><Network>10.20.0.0/16</Network><Domain>corp.example</Domain>"
      "</CompanyNetworks><companynetworks><NETWORK> fd12::/32 </NETWORK></companynetworks>");
  g_autoptr (SgProfile) wrong
      = wsb_kit_inner ("<CompanyNetworks><Network>0.0.0.0/0</Network></CompanyNetworks>");
  g_autoptr (SgGrants) grants = wsb_kit_grants (profile);
  g_autofree char *networks = g_strjoinv (" ", grants->company_networks);
  g_autofree char *domains = g_strjoinv (" ", grants->company_domains);

  ck_assert_str_eq (networks, "10.20.0.0/16 fd12::/32");
  ck_assert_str_eq (domains, "corp.example");
  ck_assert (!sg_profile_has_errors (profile));
  ck_assert (sg_profile_has_errors (wrong));
}
END_TEST

START_TEST (commands_keep_their_order)
{
  g_autoptr (SgProfile) profile = wsb_kit_inner (
      "<LogonCommand><Command>one &amp;&amp; two</Command></LogonCommand><LogonCommand>"
      "<Command user='System'>three</Command><Command USER='ExistingLogin'>four</Command>"
      "</LogonCommand>");

  ck_assert_uint_eq (profile->commands->len, 3);
  ck_assert_str_eq (((SgAskedCommand *)profile->commands->pdata[0])->command, "one && two");
  ck_assert (((SgAskedCommand *)profile->commands->pdata[1])->root);
  ck_assert (!((SgAskedCommand *)profile->commands->pdata[2])->root);
  ck_assert_int_eq (sg_profile_has_errors (profile), FALSE);
}
END_TEST

/* ---- places */

START_TEST (notes_name_line_and_column)
{
  static const char xml[]
      = "<Configuration>\n  <!-- < -->\n  <M\xc3\xa4rz/> <Nope\n a='1'>\n</Nope>\n"
        "  <CpuCount>x</CpuCount>\n</Configuration>";
  g_autoptr (SgProfile) profile = wsb_kit_read (xml, sizeof xml - 1);
  static const guint expected[][2] = { { 3, 3 }, { 3, 11 }, { 6, 3 } };

  ck_assert_uint_eq (profile->notes->len, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const SgNote *note = profile->notes->pdata[i];
      ck_assert_uint_eq (note->line, expected[i][0]);
      ck_assert_uint_eq (note->column, expected[i][1]);
    }
}
END_TEST

START_TEST (depth_and_size_are_bounded)
{
  GString *deep = g_string_new ("<Configuration>\n");

  for (int i = 0; i < 100000; i++)
    g_string_append (deep, "<a>");
  wsb_kit_refused (deep->str, deep->len, "x.wsb:2:46: elements are nested deeper than 16");
  g_string_assign (deep, "<Configuration>");
  while (deep->len <= SG_PROFILE_BYTES_MAX)
    g_string_append (deep, "                                                                ");
  g_string_append (deep, "</Configuration>");
  wsb_kit_refused (deep->str, deep->len, "x.wsb: this is no profile: it is larger");
  g_string_free (deep, TRUE);
}
END_TEST

START_TEST (lists_and_notes_are_bounded)
{
  GString *xml = g_string_new ("<Configuration><LogonCommand>");

  for (int i = 0; i < SG_PROFILE_COMMANDS_MAX + 5; i++)
    g_string_append (xml, "<Command>x</Command>");
  for (int i = 0; i < 5000; i++)
    g_string_append (xml, "<Nope/>");
  g_string_append (xml, "</LogonCommand><CpuCount>x</CpuCount></Configuration>");
  g_autoptr (SgProfile) profile = wsb_kit_read (xml->str, xml->len);
  ck_assert_uint_eq (profile->commands->len, SG_PROFILE_COMMANDS_MAX);
  ck_assert_uint_le (profile->notes->len, SG_PROFILE_NOTES_MAX + 2);
  ck_assert (sg_profile_has_errors (profile));
  g_string_free (xml, TRUE);
}
END_TEST

START_TEST (errors_are_bounded)
{
  GString *xml = g_string_new ("<Configuration>");

  for (int i = 0; i < 5000; i++)
    g_string_append (xml, "<CpuCount>x</CpuCount>");
  g_string_append (xml, "</Configuration>");
  g_autoptr (SgProfile) profile = wsb_kit_read (xml->str, xml->len);
  ck_assert_uint_le (profile->notes->len, SG_PROFILE_NOTES_MAX + 2);
  g_string_free (xml, TRUE);
}
END_TEST

/* An error after a thousand remarks still keeps the profile from running. */
START_TEST (a_late_error_counts)
{
  GString *xml = g_string_new ("<Configuration>");

  for (int i = 0; i < 5000; i++)
    g_string_append (xml, "<Nope/>");
  g_string_append (xml, "<Networking>Disabel</Networking></Configuration>");
  g_autoptr (SgProfile) profile = wsb_kit_read (xml->str, xml->len);
  ck_assert (sg_profile_has_errors (profile));
  g_string_free (xml, TRUE);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("wsb");
  TCase *tests = tcase_create ("tests");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_loop_test (tests, value_is_understood, 0, G_N_ELEMENTS (values));
  tcase_add_loop_test (tests, host_path_is_mapped, 0, G_N_ELEMENTS (paths));
  tcase_add_loop_test (tests, sandbox_path_is_mapped, 0, G_N_ELEMENTS (places));
  tcase_add_test (tests, read_only_is_asked_when_left_out);
  tcase_add_test (tests, places_of_a_company_are_read);
  tcase_add_test (tests, commands_keep_their_order);
  tcase_add_test (tests, notes_name_line_and_column);
  tcase_add_test (tests, depth_and_size_are_bounded);
  tcase_add_test (tests, lists_and_notes_are_bounded);
  tcase_add_test (tests, errors_are_bounded);
  tcase_add_test (tests, a_late_error_counts);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
