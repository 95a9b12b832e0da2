/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile editor without its window: words from the grants, a file that stays as it is, and
 * refusals that say why. */
#include "launcher/vgpu.h"
#include "policies/approved.h"
#include "ui/editor-profile.h"
#include "ui/editor-rows.h"
#include "ui/fix.h"
#include "ui/shortcut.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *place; /* $XDG_CONFIG_HOME of the test */

static SgEditorProfile *
edit (const char *xml, const char *policy)
{
  g_autofree char *path = g_build_filename (place, "x.wsb", NULL);
  SgLook *look;

  if (xml != NULL)
    ck_assert (g_file_set_contents (path, xml, -1, NULL));
  look = sg_look_new (xml != NULL ? path : NULL, NULL);
  if (policy != NULL)
    sg_policy_add_text (look->policy, "/etc/sandglass/policy.d/20-lab.conf", policy,
                        strlen (policy));
  return sg_editor_profile_new (look);
}

static gboolean
says (SgEditorProfile *edited, const char *sentence)
{
  g_auto (GStrv) all = sg_grants_sentences (sg_editor_profile_look (edited)->grants);

  return g_strv_contains ((const char *const *)all, sentence);
}

START_TEST (every_setting_has_a_row)
{
  for (SgSetting s = 0; s < SG_SETTING_MAX; s++)
    {
      const SgSettingInfo *info = sg_setting_info (s);
      gboolean found = s == SG_SETTING_TITLE || sg_editor_row_is_elsewhere (s);

      for (SgEditorSectionId id = 0; id < SG_SECTION_MAX; id++)
        for (const SgSetting *in = sg_editor_section (id)->settings; *in != SG_SETTING_MAX; in++)
          found |= *in == s;
      ck_assert_msg (found == (info->element != NULL), "%s: %s", info->name,
                     found ? "a row for what no profile can ask" : "has no row in the editor");
    }
}
END_TEST

START_TEST (safe_when_nobody_asks)
{
  g_autoptr (SgEditorProfile) edited = edit (NULL, NULL);
  g_autofree char *line = sg_look_line (sg_editor_profile_look (edited));

  ck_assert_str_eq (line, "Internet yes - local network no - your files no - microphone no");
  ck_assert (says (edited, "It can reach the internet, not your local network."));
  ck_assert (says (edited, "It can neither hear nor see you."));
  ck_assert (!sg_editor_profile_is_changed (edited));
}
END_TEST

START_TEST (words_change_with_each_change)
{
  g_autoptr (SgEditorProfile) edited = edit (NULL, NULL);
  g_autofree char *xml = NULL, *line = NULL, *before = sg_editor_profile_xml (edited);

  sg_editor_profile_set_number (edited, SG_SETTING_NETWORK, SG_NETWORK_NONE);
  ck_assert (says (edited, "It has no network."));
  sg_editor_profile_add_folder (edited, "/srv/invoices");
  ck_assert (says (edited, "It can read /srv/invoices."));
  sg_editor_profile_set_folder (edited, 0, SG_ACCESS_WRITABLE);
  ck_assert (says (edited, "It can read and change /srv/invoices."));
  sg_editor_profile_set_number (edited, SG_SETTING_AUDIO_INPUT, 1);
  line = sg_look_line (sg_editor_profile_look (edited));
  ck_assert_str_eq (line, "Network no - your files: some - microphone yes");
  /* Put back, nothing is left of it. */
  sg_editor_profile_set_number (edited, SG_SETTING_NETWORK, SG_NETWORK_INTERNET);
  sg_editor_profile_set_number (edited, SG_SETTING_AUDIO_INPUT, 0);
  sg_editor_profile_remove_folder (edited, 0);
  xml = sg_editor_profile_xml (edited);
  ck_assert_str_eq (xml, before);
}
END_TEST

/* A switch that this computer cannot keep to says so, also before it was ever on. */
START_TEST (what_this_computer_cannot_is_told)
{
  g_autoptr (SgEditorProfile) edited = NULL;
  const SgGrant *printers, *vgpu;
  const char *no_card;
  g_autofree char *why = NULL;
  g_autoptr (SgVgpu) card = NULL;

  g_setenv ("CUPS_SERVER", "print.example.org", TRUE);
  edited = edit ("<Configuration><Locale>xx_YY.UTF-8</Locale></Configuration>", NULL);
  g_unsetenv ("CUPS_SERVER");
  sg_editor_profile_set_number (edited, SG_SETTING_PRINTERS, 1);
  sg_editor_profile_set_number (edited, SG_SETTING_VGPU, 1);
  printers = &sg_editor_profile_look (edited)->grants->settings[SG_SETTING_PRINTERS];
  ck_assert_int_eq (printers->value, 0);
  ck_assert_int_eq (printers->reason.who, SG_BY_COMPUTER);
  card = sg_vgpu_find ("/", "/no/such/qemu", NULL, &no_card);
  vgpu = &sg_editor_profile_look (edited)->grants->settings[SG_SETTING_VGPU];
  if (g_access ("/dev/dri/renderD128", F_OK) < 0)
    {
      ck_assert_int_eq (vgpu->value, 0);
      ck_assert_int_eq (vgpu->reason.who, SG_BY_COMPUTER);
      ck_assert_ptr_nonnull (strstr (no_card, "no graphics card"));
    }
  ck_assert_ptr_nonnull (
      sg_editor_profile_look (edited)->grants->settings[SG_SETTING_LOCALE].reason.note);
  ck_assert (sg_editor_profile_set_text (edited, SG_SETTING_LOCALE, "C.UTF-8", &why));
  ck_assert_ptr_null (
      sg_editor_profile_look (edited)->grants->settings[SG_SETTING_LOCALE].reason.note);
}
END_TEST

START_TEST (untouched_settings_stay)
{
  g_autoptr (SgEditorProfile) edited
      = edit ("<Configuration><vGPU>Disable</vGPU><MemoryInMB>2048</MemoryInMB>"
              "<NetworkMode>internet</NetworkMode><Metadata>theirs</Metadata></Configuration>",
              NULL);
  g_autofree char *xml = sg_editor_profile_xml (edited), *again = NULL;

  ck_assert_ptr_nonnull (strstr (xml, "<vGPU>Disable</vGPU>"));
  ck_assert_ptr_nonnull (strstr (xml, "<NetworkMode>internet</NetworkMode>"));
  ck_assert_ptr_nonnull (strstr (xml, "<Metadata>theirs</Metadata>"));
  g_autoptr (SgEditorProfile) second = edit (xml, NULL);
  again = sg_editor_profile_xml (second);
  ck_assert_str_eq (again, xml);
}
END_TEST

START_TEST (what_is_not_understood_is_told)
{
  g_autoptr (SgEditorProfile) edited
      = edit ("<Configuration>\n<vGPU>Perhaps</vGPU>\n</Configuration>", NULL);
  g_autofree char *xml = sg_editor_profile_xml (edited);

  ck_assert (g_str_has_prefix (sg_editor_profile_left_out (edited), "Line 2: "));
  ck_assert_ptr_null (strstr (xml, "vGPU"));
  ck_assert (sg_editor_profile_look (edited)->grants->may_run);
}
END_TEST

START_TEST (refused_values_say_so)
{
  static const struct
  {
    SgSetting setting;
    const char *good, *bad;
  } texts[] = {
    { SG_SETTING_KEYBOARD, "de(nodeadkeys)", "../../etc" },
    { SG_SETTING_LOCALE, "de_DE.UTF-8", "$(id)" },
    { SG_SETTING_TIME_ZONE, "Europe/Berlin", "/etc/passwd" },
  };
  g_autoptr (SgEditorProfile) edited = edit (NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *why = NULL, *none = NULL;

      ck_assert (!sg_editor_profile_set_text (edited, texts[i].setting, texts[i].bad, &why));
      ck_assert_ptr_nonnull (why);
      ck_assert_str_eq (sg_editor_profile_text (edited, texts[i].setting), "");
      ck_assert (sg_editor_profile_set_text (edited, texts[i].setting, texts[i].good, &none));
      ck_assert_str_eq (sg_editor_profile_text (edited, texts[i].setting), texts[i].good);
    }
  g_autofree char *why = NULL, *none = NULL;
  ck_assert (!sg_editor_profile_add_host (edited, "https://example.org/", &why));
  ck_assert_ptr_nonnull (why);
  ck_assert (sg_editor_profile_add_host (edited, "Example.ORG", &none));
  ck_assert (sg_editor_profile_add_host (edited, "example.org", &none));
  ck_assert_uint_eq (sg_editor_profile_look (edited)->profile->hosts->len, 1);
}
END_TEST

START_TEST (a_company_network_is_added_and_taken_away)
{
  static const char *const bad[] = { "0.0.0.0/0", "http://wiki", "*.corp.example", "10.0" };
  g_autoptr (SgEditorProfile) edited = edit (NULL, NULL);
  g_autofree char *none = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *why = NULL;

      ck_assert (!sg_editor_profile_add_place (edited, bad[i], &why));
      ck_assert_ptr_nonnull (why);
    }
  ck_assert (sg_editor_profile_add_place (edited, " 10.20.0.0/16 ", &none));
  ck_assert (sg_editor_profile_add_place (edited, "Corp.Example", &none));
  ck_assert (says (edited, "It can reach these local networks besides: 10.20.0.0/16."));
  g_autofree char *xml = sg_editor_profile_xml (edited);
  g_autoptr (SgEditorProfile) again = edit (xml, NULL);
  ck_assert (says (again, "It can reach these local networks besides: 10.20.0.0/16."));
  sg_editor_profile_remove_place (again, 0);
  ck_assert (!says (again, "It can reach these local networks besides: 10.20.0.0/16."));
  ck_assert_uint_eq (sg_editor_profile_look (again)->profile->places->len, 1);
}
END_TEST

/* With sites on the list, "internet" has to be said: left out it would mean the list. */
START_TEST (internet_is_said_beside_a_list)
{
  g_autoptr (SgEditorProfile) edited = edit (NULL, NULL);
  g_autofree char *why = NULL;

  sg_editor_profile_set_number (edited, SG_SETTING_NETWORK, SG_NETWORK_ALLOWLIST);
  ck_assert (sg_editor_profile_add_host (edited, "example.org", &why));
  ck_assert (says (edited, "It can reach only these on the internet: example.org."));
  sg_editor_profile_set_number (edited, SG_SETTING_NETWORK, SG_NETWORK_INTERNET);
  g_autofree char *xml = sg_editor_profile_xml (edited);
  g_autoptr (SgEditorProfile) again = edit (xml, NULL);
  ck_assert (says (again, "It can reach the internet, not your local network."));
  /* The last site taken away does not open the rest. */
  sg_editor_profile_set_number (again, SG_SETTING_NETWORK, SG_NETWORK_ALLOWLIST);
  sg_editor_profile_remove_host (again, 0);
  ck_assert (!says (again, "It can reach the internet, not your local network."));
}
END_TEST

START_TEST (the_administrator_is_named)
{
  g_autoptr (SgEditorProfile) edited
      = edit ("<Configuration><AudioInput>Enable</AudioInput></Configuration>",
              "[policy]\nAllowAudioInput=false\nNetworkModes=none\n");
  g_autofree char *microphone = NULL, *lan = NULL, *none = NULL;

  ck_assert (!sg_editor_profile_may (edited, SG_SETTING_AUDIO_INPUT, 1, &microphone));
  ck_assert_str_eq (microphone, "Set by your administrator (20-lab.conf, line 2).");
  ck_assert (!sg_editor_profile_may (edited, SG_SETTING_NETWORK, SG_NETWORK_LAN, &lan));
  ck_assert_str_eq (lan, "Set by your administrator (20-lab.conf, line 3).");
  ck_assert (sg_editor_profile_may (edited, SG_SETTING_NETWORK, SG_NETWORK_NONE, &none));
  ck_assert (says (edited, "It has no network."));
  ck_assert (says (edited, "It can neither hear nor see you."));
  /* What was asked for stays in the file: another computer may allow it. */
  g_autofree char *xml = sg_editor_profile_xml (edited);
  ck_assert_ptr_nonnull (strstr (xml, "<AudioInput>Enable</AudioInput>"));
}
END_TEST

/* The highest that may be chosen, and who says so. */
START_TEST (numbers_have_a_ceiling)
{
  g_autoptr (SgEditorProfile) edited = edit (NULL, "[policy]\nMaxMemoryMB=4096\n");
  g_autofree char *memory = NULL, *disk = NULL;

  ck_assert_int_eq (sg_editor_profile_most (edited, SG_SETTING_MEMORY, &memory), 4096);
  ck_assert_str_eq (memory, "Set by your administrator (20-lab.conf, line 2).");
  ck_assert_int_eq (sg_editor_profile_most (edited, SG_SETTING_DISK, &disk),
                    sg_setting_info (SG_SETTING_DISK)->most);
  ck_assert_ptr_null (disk);
}
END_TEST

/* --- saving --- */

static void
saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  sg_editor_profile_save_finish (SG_EDITOR_PROFILE (source), result, &error);
  ck_assert_msg (error == NULL, "%s", error != NULL ? error->message : "");
  g_main_loop_quit (data);
}

static gboolean
saves_approved (SgEditorProfile *edited)
{
  g_autofree char *path = g_build_filename (place, "saved.wsb", NULL), *file = sg_approved_file ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SgLook) look = NULL;

  sg_editor_profile_save_async (edited, path, TRUE, saved, loop);
  g_main_loop_run (loop);
  ck_assert (!sg_editor_profile_is_changed (edited));
  look = sg_look_new (path, NULL);
  ck_assert_ptr_nonnull (look->grants);
  return sg_approved_has (file, look->profile, NULL);
}

START_TEST (what_one_made_opens_without_a_question)
{
  g_autoptr (SgEditorProfile) edited = edit (NULL, NULL);
  g_autoptr (SgEditorProfile) unsaid = edit (NULL, NULL);

  sg_editor_profile_add_folder (edited, place);
  ck_assert (saves_approved (edited));
  sg_editor_profile_add_folder (unsaid, place);
  sg_editor_profile_set_folder (unsaid, 0, SG_ACCESS_UNSAID);
  ck_assert (!saves_approved (unsaid));
}
END_TEST

static void
refused (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!sg_editor_profile_save_finish (SG_EDITOR_PROFILE (source), result, &error));
  ck_assert_ptr_nonnull (error);
  g_main_loop_quit (data);
}

START_TEST (what_another_program_wrote_meanwhile_stays)
{
  static const char theirs[] = "<Configuration><VideoInput>Enable</VideoInput></Configuration>";
  g_autofree char *path = g_build_filename (place, "x.wsb", NULL), *now = NULL;
  g_autoptr (SgEditorProfile) edited
      = edit ("<Configuration><AudioInput>Enable</AudioInput></Configuration>", NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  sg_editor_profile_set_number (edited, SG_SETTING_AUDIO_INPUT, 0);
  ck_assert (g_file_set_contents (path, theirs, -1, NULL));
  sg_editor_profile_save_async (edited, path, FALSE, refused, loop);
  g_main_loop_run (loop);
  ck_assert (g_file_get_contents (path, &now, NULL, NULL));
  ck_assert_str_eq (now, theirs);
  ck_assert (sg_editor_profile_is_changed (edited));
  /* Removed, there is nothing to lose. */
  g_unlink (path);
  sg_editor_profile_save_async (edited, path, FALSE, saved, loop);
  g_main_loop_run (loop);
  ck_assert (g_file_test (path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (a_file_keeps_its_place_and_its_rights)
{
  g_autofree char *path = g_build_filename (place, "x.wsb", NULL);
  g_autofree char *link = g_build_filename (place, "saved.wsb", NULL), *now = NULL;
  g_autoptr (SgEditorProfile) edited
      = edit ("<Configuration><AudioInput>Enable</AudioInput></Configuration>", NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GStatBuf st;

  g_unlink (link);
  ck_assert_int_eq (symlink ("x.wsb", link), 0);
  ck_assert_int_eq (g_chmod (path, 0600), 0);
  sg_editor_profile_set_number (edited, SG_SETTING_AUDIO_INPUT, 0);
  sg_editor_profile_save_async (edited, link, FALSE, saved, loop);
  g_main_loop_run (loop);
  ck_assert (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  ck_assert (g_file_get_contents (path, &now, NULL, NULL));
  ck_assert_ptr_null (strstr (now, "<AudioInput>Enable")); /* written through the link */
  ck_assert_int_eq (g_stat (path, &st), 0);
  ck_assert_int_eq (st.st_mode & 0777, 0600);
  g_unlink (link);
}
END_TEST

START_TEST (malformed_files_are_told_not_edited)
{
  g_autofree char *path = g_build_filename (place, "bad.wsb", NULL);
  g_autoptr (SgLook) look = NULL;

  ck_assert (g_file_set_contents (path, "<Configuration><vGPU>", -1, NULL));
  look = sg_look_new (path, NULL);
  ck_assert_ptr_null (look->grants);
  ck_assert_ptr_nonnull (strstr (look->problem, ":1:"));
  g_autoptr (GPtrArray) none = sg_look_words (look);
  ck_assert_uint_eq (none->len, 0);
}
END_TEST

/* What the desktop takes apart again must be what was put in. */
START_TEST (shortcut_quotes_what_is_special)
{
  static const char nasty[] = "/home/a b/\"$HOME\" `id` \\ 100%.wsb";
  g_autofree char *quoted = sg_shortcut_quote (nasty);
  g_auto (GStrv) argv = NULL;

  ck_assert_str_eq (quoted, "\"/home/a b/\\\"\\$HOME\\\" \\`id\\` \\\\ 100%%.wsb\"");
  ck_assert (g_shell_parse_argv (quoted, NULL, &argv, NULL));
  g_auto (GStrv) halves = g_strsplit (argv[0], "%%", -1);
  g_autofree char *back = g_strjoinv ("%", halves);
  ck_assert_str_eq (back, nasty);
}
END_TEST

/* --- what a button may run as root --- */

static const struct
{
  const char *mend, *argv; /* argv NULL: not from a button */
} fixes[] = {
  { "sudo apt-get install qemu-system-x86 libstdc++6",
    "pkexec apt-get -y install qemu-system-x86 libstdc++6" },
  { "sudo apt install passt", "pkexec apt -y install passt" },
  { "sudo sysctl -w user.max_user_namespaces=15000",
    "pkexec sysctl -w user.max_user_namespaces=15000" },
  { "sudo modprobe kvm_intel", "pkexec modprobe kvm_intel" },
  { NULL, NULL },
  { "", NULL },
  { "sudo", NULL },
  { "apt-get install qemu-system-x86", NULL },
  { "sudo apt-get install", NULL },
  { "sudo apt-get install ./evil.deb", NULL },
  { "sudo apt-get install -o APT::x=y qemu", NULL },
  { "sudo apt-get install qemu; reboot", NULL },
  { "sudo apt-get install $(id)", NULL },
  { "sudo apt-get remove qemu-system-x86", NULL },
  { "sudo sysctl -w kernel.core_pattern=x", NULL },
  { "sudo sysctl -w user.max_user_namespaces=15000 kernel.x=1", NULL },
  { "sudo modprobe evil", NULL },
  { "sudo sh -c id", NULL },
};

START_TEST (only_listed_commands_are_run)
{
  g_auto (GStrv) argv = sg_fix_parse (fixes[_i].mend);
  g_autofree char *joined = argv != NULL ? g_strjoinv (" ", argv) : NULL;

  if (fixes[_i].argv == NULL)
    ck_assert_msg (argv == NULL, "%s: %s", fixes[_i].mend, joined);
  else
    ck_assert_str_eq (joined, fixes[_i].argv);
}
END_TEST

static void
fix_ran (GObject *source, GAsyncResult *result, gpointer data)
{
  sg_fix_run_finish (result, data);
}

/* As pkexec ends: closed by the person, who knows; or not asked at all, who must be told. */
START_TEST (a_fix_that_was_not_allowed)
{
  static const struct
  {
    const char *script;
    int code;
  } ends[] = { { "exit 126", G_IO_ERROR_CANCELLED },
               { "exit 127", G_IO_ERROR_PERMISSION_DENIED },
               { "echo no room >&2; exit 100", G_IO_ERROR_FAILED } };
  const char *argv[] = { "/bin/sh", "-c", ends[_i].script, NULL };
  g_autoptr (GError) error = NULL;

  sg_fix_run_async (argv, fix_ran, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  ck_assert (g_error_matches (error, G_IO_ERROR, ends[_i].code));
  if (_i == 2)
    ck_assert_ptr_nonnull (strstr (error->message, "no room"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-editor");
  TCase *tcase = tcase_create ("editor");
  SRunner *runner = srunner_create (suite);
  int failed;

  place = g_dir_make_tmp ("ui-editor-XXXXXX", NULL);
  g_setenv ("XDG_CONFIG_HOME", place, TRUE);
  tcase_add_test (tcase, every_setting_has_a_row);
  tcase_add_test (tcase, safe_when_nobody_asks);
  tcase_add_test (tcase, words_change_with_each_change);
  tcase_add_test (tcase, untouched_settings_stay);
  tcase_add_test (tcase, what_is_not_understood_is_told);
  tcase_add_test (tcase, refused_values_say_so);
  tcase_add_test (tcase, a_company_network_is_added_and_taken_away);
  tcase_add_test (tcase, internet_is_said_beside_a_list);
  tcase_add_test (tcase, the_administrator_is_named);
  tcase_add_test (tcase, numbers_have_a_ceiling);
  tcase_add_loop_test (tcase, a_fix_that_was_not_allowed, 0, 3);
  tcase_add_test (tcase, what_this_computer_cannot_is_told);
  tcase_add_test (tcase, what_one_made_opens_without_a_question);
  tcase_add_test (tcase, what_another_program_wrote_meanwhile_stays);
  tcase_add_test (tcase, a_file_keeps_its_place_and_its_rights);
  tcase_add_test (tcase, malformed_files_are_told_not_edited);
  tcase_add_test (tcase, shortcut_quotes_what_is_special);
  tcase_add_loop_test (tcase, only_listed_commands_are_run, 0, G_N_ELEMENTS (fixes));
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  for (const char *const *file = (const char *const[]){ "x.wsb", "saved.wsb", "bad.wsb", NULL };
       *file != NULL; file++)
    {
      g_autofree char *path = g_build_filename (place, *file, NULL);
      g_unlink (path);
    }
  g_autofree char *approved = sg_approved_file (), *folder = g_path_get_dirname (approved);
  g_unlink (approved);
  g_rmdir (folder);
  g_rmdir (place);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
