/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles as files: encodings, the samples and all their truncations, what is written back, how
 * long it takes, and that the documents name what the code knows. */
#include "policies/profile-internal.h"
#include "tests/unit/wsb-kit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- encodings */

START_TEST (encodings_are_the_same)
{
  static const char *const names[] = { "UTF-8", "UTF-16LE", "UTF-16BE" };
  static const char *const marks[] = { "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff" };
  static const gsize mark_lengths[] = { 3, 2, 2 };
  static const char xml[] = "<?xml version='1.0'?>\r\n<Configuration>\r\n <Title>M\xc3\xa4rz "
                            "\xf0\x9f\x93\x85</Title>\r\n</Configuration>";

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (int marked = 0; marked < 2; marked++)
      {
        gsize len;
        g_autofree char *text = g_convert (xml, -1, names[i], "UTF-8", NULL, &len, NULL);
        g_autoptr (GByteArray) bytes = g_byte_array_new ();

        if (marked)
          g_byte_array_append (bytes, (const guint8 *)marks[i], (guint)mark_lengths[i]);
        g_byte_array_append (bytes, (const guint8 *)text, (guint)len);
        g_autoptr (SgProfile) profile = wsb_kit_read ((const char *)bytes->data, bytes->len);
        ck_assert_str_eq (profile->settings[SG_SETTING_TITLE].text, "M\xc3\xa4rz \xf0\x9f\x93\x85");
        ck_assert_uint_eq (profile->settings[SG_SETTING_TITLE].line, 3);
      }
}
END_TEST

/* ---- samples */

/* Every truncation of every sample is read or refused with a place, and never as more than it says.
 */
START_TEST (every_truncation_is_read_or_refused)
{
  g_autoptr (GDir) dir = g_dir_open ("tests/wsb", 0, NULL);
  const char *name;
  guint samples = 0;

  ck_assert_ptr_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("tests/wsb", name, NULL);
      g_autofree char *data = NULL;
      gsize len;

      if (!g_str_has_suffix (name, ".wsb"))
        continue;
      ck_assert (g_file_get_contents (path, &data, &len, NULL));
      samples++;
      for (gsize cut = 0; cut < len; cut++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (SgProfile) profile = sg_profile_parse (data, cut, "x", &wsb_kit_host, &error);
          guint line, column;

          if (profile == NULL)
            ck_assert_msg (sscanf (error->message, "x:%u:%u: ", &line, &column) == 2, "%s: %s",
                           name, error->message);
          else /* only blanks were cut off */
            for (gsize i = cut; i < len; i++)
              ck_assert_msg (strchr (" \r\n", data[i]) != NULL, "%s cut at %zu", name, cut);
        }
    }
  ck_assert_uint_ge (samples, 15);
}
END_TEST

START_TEST (refused_samples_are_refused)
{
  g_autoptr (GDir) dir = g_dir_open ("tests/wsb/refused", 0, NULL);
  const char *name;

  ck_assert_ptr_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("tests/wsb/refused", name, NULL);
      g_autofree char *data = NULL;
      gsize len;

      ck_assert (g_file_get_contents (path, &data, &len, NULL));
      wsb_kit_refused (data, len, "x.wsb:");
    }
}
END_TEST

/* ---- writing */

START_TEST (written_is_read_as_the_same)
{
  g_autoptr (SgProfile) profile = sg_profile_new ("this window");

  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    {
      const SgSettingInfo *info = sg_setting_info (i);

      if (info->element == NULL)
        continue;
      if (info->kind == SG_KIND_TEXT)
        sg_profile_ask_text (profile, i, i == SG_SETTING_OPEN ? "/srv/a&b" : "en", NULL);
      else if (info->kind == SG_KIND_NUMBER)
        sg_profile_ask (profile, i, 4096, NULL);
      else
        sg_profile_ask (profile, i, 1, NULL);
    }
  sg_profile_ask (profile, SG_SETTING_LIFETIME, SG_LIFETIME_IDLE, NULL);
  sg_profile_ask (profile, SG_SETTING_CLIPBOARD_OUT, SG_CLIPBOARD_ALLOW, NULL);
  sg_profile_ask (profile, SG_SETTING_NETWORK, SG_NETWORK_ALLOWLIST, NULL);
  sg_profile_ask_host (profile, "example.org");
  sg_profile_ask_folder (profile, "/srv/\"x\" <y>", "/mnt/y", SG_ACCESS_WRITABLE);
  sg_profile_ask_folder (profile, "/srv/z", NULL, SG_ACCESS_UNSAID);
  sg_profile_ask_command (profile, "a < b && c", TRUE);
  g_autofree char *once = sg_profile_to_xml (profile);
  g_autoptr (SgProfile) again = wsb_kit_read (once, strlen (once));
  g_autofree char *twice = sg_profile_to_xml (again);
  g_autofree char *notes = sg_profile_notes_text (again);
  ck_assert_str_eq (notes, "");
  ck_assert_str_eq (once, twice);
  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    {
      ck_assert_msg (again->settings[i].value == profile->settings[i].value, "%s",
                     sg_setting_info (i)->name);
      ck_assert_str_eq (again->settings[i].text != NULL ? again->settings[i].text : "",
                        profile->settings[i].text != NULL ? profile->settings[i].text : "");
    }
}
END_TEST

START_TEST (clipboard_survives_writing)
{
  static const gint64 ins[] = { -1, SG_CLIPBOARD_OFF, SG_CLIPBOARD_PASTE };
  static const gint64 outs[] = { -1, SG_CLIPBOARD_OFF, SG_CLIPBOARD_ASK, SG_CLIPBOARD_ALLOW };

  for (guint i = 0; i < G_N_ELEMENTS (ins); i++)
    for (guint j = 0; j < G_N_ELEMENTS (outs); j++)
      {
        g_autoptr (SgProfile) profile = sg_profile_new ("x");

        if (ins[i] >= 0)
          sg_profile_ask (profile, SG_SETTING_CLIPBOARD_IN, ins[i], NULL);
        if (outs[j] >= 0)
          sg_profile_ask (profile, SG_SETTING_CLIPBOARD_OUT, outs[j], NULL);
        g_autofree char *xml = sg_profile_to_xml (profile);
        g_autoptr (SgProfile) again = wsb_kit_read (xml, strlen (xml));
        g_autoptr (SgGrants) a = wsb_kit_grants (profile);
        g_autoptr (SgGrants) b = wsb_kit_grants (again);
        ck_assert_msg (sg_grants_number (a, SG_SETTING_CLIPBOARD_IN)
                               == sg_grants_number (b, SG_SETTING_CLIPBOARD_IN)
                           && sg_grants_number (a, SG_SETTING_CLIPBOARD_OUT)
                                  == sg_grants_number (b, SG_SETTING_CLIPBOARD_OUT),
                       "%s", xml);
      }
}
END_TEST

START_TEST (elements_of_others_are_kept)
{
  g_autoptr (SgProfile) profile
      = wsb_kit_inner ("<Metadata a=\"x &amp; y\"><b>1 &lt; 2</b></Metadata><Title>t</Title>");
  g_autofree char *xml = sg_profile_to_xml (profile);

  ck_assert_str_eq (xml, "<Configuration>\n  <Title>t</Title>\n"
                         "  <Metadata a=\"x &amp; y\"><b>1 &lt; 2</b></Metadata>\n"
                         "</Configuration>\n");
}
END_TEST

/* ---- speed */

static double
seconds_for (guint folders)
{
  GString *xml = g_string_new ("<Configuration><MappedFolders>");
  double best = 1e9;

  for (guint i = 0; i < folders; i++)
    g_string_append_printf (xml, "<MappedFolder><HostFolder>~/a/%u/x</HostFolder></MappedFolder>",
                            i);
  g_string_append (xml, "</MappedFolders></Configuration>");
  for (int run = 0; run < 5; run++)
    {
      struct timespec a, b;

      clock_gettime (CLOCK_THREAD_CPUTIME_ID, &a);
      g_autoptr (SgProfile) profile = wsb_kit_read (xml->str, xml->len);
      g_autoptr (SgGrants) grants = wsb_kit_grants (profile);
      clock_gettime (CLOCK_THREAD_CPUTIME_ID, &b);
      ck_assert_uint_eq (grants->folders->len, folders);
      best = MIN (best, (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
    }
  g_string_free (xml, TRUE);
  return best;
}

/* Eight times as many folders, all with the same last part: about eight times as long, not 64. */
START_TEST (time_is_linear)
{
  double few = seconds_for (2000), many = seconds_for (16000);

  ck_assert_msg (many < 24 * few, "%.1f ms and %.1f ms", 1e3 * few, 1e3 * many);
}
END_TEST

/* ---- documents */

/* First and last `word` of each table row of a document. */
static GHashTable *
table_rows (const char *file)
{
  GHashTable *rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *text = NULL;

  ck_assert_msg (g_file_get_contents (file, &text, NULL, NULL), "%s", file);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) parts = g_strsplit (*line, "`", -1);
      guint n = g_strv_length (parts);

      if (!g_str_has_prefix (*line, "| `") || n < 5)
        continue;
      const char *word = strrchr (parts[1], '/');
      g_hash_table_insert (rows, g_strdup (word != NULL ? word + 1 : parts[1]),
                           g_strdup (parts[n - 2]));
    }
  return rows;
}

/* It is in that source, which knows NAME (an element by how it is written). */
static gboolean
tests_it (const char *source, const char *name, const char *test)
{
  g_autofree char *start = g_strdup_printf ("START_TEST (%s)", test), *text = NULL;
  g_autofree char *written = g_strdup_printf ("<%s", name);

  ck_assert (g_file_get_contents (source, &text, NULL, NULL));
  return strstr (text, start) != NULL
         && strstr (text, g_str_equal (test, "value_is_understood") ? written : name) != NULL;
}

static void
assert_tests_exist (GHashTable *rows, const char *file)
{
  static const char *const sources[]
      = { "tests/unit/test-wsb.c", "tests/unit/test-wsb-files.c", "tests/unit/test-policy.c",
          "tests/unit/test-grants.c", "tests/unit/test-grants-rules.c" };
  GHashTableIter iter;
  gpointer name, test;

  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &name, &test))
    {
      const char *word = g_str_equal (name, "Command@user") ? "Command user=" : name;
      gboolean found = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
        found |= tests_it (sources[i], word, test);
      ck_assert_msg (found, "%s: %s names the test '%s'", file, (char *)name, (char *)test);
    }
}

START_TEST (documents_name_every_element)
{
  g_autoptr (GHashTable) rows = table_rows ("docs/wsb.md");
  gsize n, known = 0;
  const SgElement *elements = sg_elements_all (&n);

  for (gsize i = 0; i < n; i++)
    if (elements[i].parent != SG_ELEMENT_NONE)
      {
        known++;
        ck_assert_msg (g_hash_table_contains (rows, elements[i].name), "%s", elements[i].name);
      }
  ck_assert (g_hash_table_contains (rows, "Command@user"));
  ck_assert_uint_eq (g_hash_table_size (rows), known + 1);
  assert_tests_exist (rows, "docs/wsb.md");
}
END_TEST

START_TEST (documents_name_every_key)
{
  g_autoptr (GHashTable) rows = table_rows ("docs/policy.md");

  for (SgPolicyKey key = SG_POLICY_NONE + 1; key < SG_POLICY_MAX; key++)
    ck_assert_msg (g_hash_table_contains (rows, sg_policy_key_info (key)->name), "%s",
                   sg_policy_key_info (key)->name);
  ck_assert_uint_eq (g_hash_table_size (rows), SG_POLICY_MAX - 1);
  assert_tests_exist (rows, "docs/policy.md");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("wsb-files");
  TCase *tests = tcase_create ("tests");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, encodings_are_the_same);
  tcase_add_test (tests, every_truncation_is_read_or_refused);
  tcase_add_test (tests, refused_samples_are_refused);
  tcase_add_test (tests, written_is_read_as_the_same);
  tcase_add_test (tests, clipboard_survives_writing);
  tcase_add_test (tests, elements_of_others_are_kept);
  tcase_add_test (tests, time_is_linear);
  tcase_add_test (tests, documents_name_every_element);
  tcase_add_test (tests, documents_name_every_key);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
