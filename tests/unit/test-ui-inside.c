/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was saved inside: read from a list that a guest had a hand in, and told. */
#include "ui/allowed.h"
#include "ui/inside.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static JsonNode *
json (const char *text)
{
  JsonNode *node = json_from_string (text, NULL);

  ck_assert_ptr_nonnull (node);
  return node;
}

static const char three[]
    = "{\"cut\": false, \"files\": ["
      "{\"path\": \"/home/sandbox/Documents/report.odt\", \"place\": \"documents\", \"size\": "
      "24000},"
      "{\"path\": \"/home/sandbox/Desktop/x\", \"path-escaped\": "
      "\"/home/sandbox/Desktop/\\\\377x\","
      " \"place\": \"desktop\", \"size\": 1, \"program\": true},"
      "{\"path\": \"/home/sandbox/Downloads/a.part\", \"place\": \"downloads\", \"size\": 5,"
      " \"unfinished\": true},"
      "{\"path\": \"/home/sandbox/notes\", \"place\": \"home\", \"size\": 5}]}";

START_TEST (test_reads)
{
  g_autoptr (JsonNode) node = json (three);
  g_autoptr (SgInside) inside = sg_inside_parse (node);
  g_autofree char *words = sg_inside_words (inside);
  const SgInsideFile *second = inside->files->pdata[1];

  ck_assert_uint_eq (inside->files->len, 4);
  ck_assert_uint_eq (inside->n_asking, 3);
  ck_assert_uint_eq (inside->n_unfinished, 1);
  ck_assert_str_eq (second->path, "/home/sandbox/Desktop/\377x"); /* the very bytes */
  ck_assert (second->program);
  ck_assert_ptr_nonnull (strstr (words, "2 files were saved here and will be gone: report.odt ("));
  ck_assert_ptr_nonnull (strstr (words, "1 download is not finished"));
  ck_assert_ptr_null (strstr (words, "notes"));
}
END_TEST

static const char *const wrong[] = {
  "[]", "3", "{}", "{\"files\": 3}", "{\"files\": {}}", "null",
};

START_TEST (test_no_list)
{
  g_autoptr (JsonNode) node = json (wrong[_i]);

  ck_assert_ptr_null (sg_inside_parse (node));
  ck_assert_ptr_null (sg_inside_parse (NULL));
}
END_TEST

START_TEST (test_hostile_rows)
{
  g_autoptr (JsonNode) node
      = json ("{\"files\": [1, null, [], {}, {\"path\": 3}, {\"path\": \"relative\", \"place\": "
              "\"desktop\"}, {\"path\": \"/x\", \"place\": \"etc\"}, {\"path\": \"/x\", \"place\": "
              "\"desktop\", \"removed\": true}, {\"path\": \"/d/a\\u202egpj.exe\\nb\", \"place\": "
              "\"desktop\", \"size\": -5, \"program\": \"yes\"}]}");
  g_autoptr (SgInside) inside = sg_inside_parse (node);
  const SgInsideFile *file = inside->files->pdata[0];

  ck_assert_uint_eq (inside->files->len, 1);
  ck_assert_str_eq (file->name, "agpj.exeb"); /* no line break, no turned direction */
  ck_assert_uint_eq (file->size, 0);
}
END_TEST

START_TEST (test_saved)
{
  g_autoptr (JsonNode) node = json (three);
  g_autoptr (SgInside) inside = sg_inside_parse (node);
  g_autoptr (JsonNode) full = json (
      "[{\"inside\": \"/home/sandbox/Documents/report.odt\", \"saved-as\": \"/h/report.odt\","
      "\"error\": null}, {\"inside\": \"/home/sandbox/Desktop/x\", \"saved-as\": null, "
      "\"error\": \"the disk is full\"}]");
  g_autoptr (JsonNode) fine = json (
      "[{\"inside\": \"/home/sandbox/Desktop/x\", \"saved-as\": \"/h/x\", \"error\": null}]");
  g_autofree char *words = sg_inside_saved (inside, full, 2);
  g_autofree char *none = NULL, *silent = NULL;

  ck_assert_ptr_nonnull (strstr (words, "x was not saved: the disk is full"));
  ck_assert_ptr_nonnull (strstr (words, "nothing is lost"));
  ck_assert_uint_eq (inside->files->len, 3); /* what was saved is done with */
  silent = sg_inside_saved (inside, NULL, 1);
  ck_assert_ptr_nonnull (silent); /* no answer is not "saved" */
  none = sg_inside_saved (inside, fine, 1);
  ck_assert_ptr_null (none);
  ck_assert_uint_eq (inside->files->len, 2);
}
END_TEST

START_TEST (test_allowed)
{
  g_autoptr (SgAllowed) denied
      = sg_allowed_find ("{\"settings\": {\"save-files\": {\"value\": \"off\", \"reason\": "
                         "{\"by\": \"policy\", \"file\": "
                         "\"/etc/sandglass/policy.d/20-lab.conf\", \"line\": 4}}}}",
                         "save-files");
  g_autoptr (SgAllowed) usual = sg_allowed_find (
      "{\"settings\": {\"save-files\": {\"value\": \"on\", \"reason\": {\"by\": \"default\"}}}}",
      "save-files");
  g_autoptr (SgAllowed) broken = sg_allowed_find ("[\"settings\"", "save-files");
  g_autoptr (SgAllowed) odd = sg_allowed_find ("{\"settings\": [1]}", "save-files");

  ck_assert_str_eq (denied->value, "off");
  ck_assert_str_eq (denied->administrator, "Set by your administrator (20-lab.conf, line 4).");
  ck_assert_str_eq (usual->value, "on");
  ck_assert_ptr_null (usual->administrator);
  ck_assert_ptr_null (broken->value);
  ck_assert_ptr_null (odd->value);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-inside");
  TCase *all = tcase_create ("inside");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (all, test_reads);
  tcase_add_loop_test (all, test_no_list, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (all, test_hostile_rows);
  tcase_add_test (all, test_saved);
  tcase_add_test (all, test_allowed);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
