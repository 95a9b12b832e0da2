/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the panel of contacted places says; names come from a guest. */
#include "ui/places.h"

#include <check.h>
#include <string.h>

static GPtrArray *
from (const char *text, guint *total)
{
  g_autoptr (GVariant) records = g_variant_ref_sink (
      g_variant_parse (G_VARIANT_TYPE ("(a(ssttttxxyqsss))"), text, NULL, NULL, NULL));

  return sg_places_from (records, total);
}

START_TEST (stopped_first_then_the_busiest)
{
  guint total;
  g_autoptr (GPtrArray) places
      = from ("([('192.0.2.1', 'small.example', 1, 2, 1, 0, 1, 2, 6, 443, '', '', ''),"
              "  ('192.0.2.2', 'large.example', 1000, 340000, 1, 0, 1, 2, 6, 443, '', '', ''),"
              "  ('192.168.1.1', '', 0, 0, 0, 3, 1, 2, 6, 80, 'lan', 'No local network', "
              "   '/etc/sandglass/policy.d/20-lab.conf')],)",
              &total);
  const SgPlace *place;

  ck_assert_uint_eq (total, 3);
  place = places->pdata[0];
  ck_assert (place->stopped);
  ck_assert_str_eq (place->title, "192.168.1.1");
  ck_assert_str_eq (place->detail, "Stopped 3 times: No local network (20-lab.conf)");
  place = places->pdata[1];
  ck_assert_str_eq (place->title, "large.example");
  ck_assert_ptr_nonnull (strstr (place->detail, "340.0"));
}
END_TEST

START_TEST (names_are_made_fit_to_be_shown)
{
  guint total;
  g_autofree char *long_name = g_strnfill (10000, 'w');
  g_autofree char *text = g_strdup_printf (
      "([('', 'a\\nb\\u202e%s', 1, 2, 1, 0, 1, 2, 6, 443, '', '', '')],)", long_name);
  g_autoptr (GPtrArray) places = from (text, &total);
  const SgPlace *place = places->pdata[0];

  ck_assert (g_utf8_strlen (place->title, -1) <= 70);
  ck_assert_ptr_null (strchr (place->title, '\n'));
  ck_assert_ptr_null (strstr (place->title, "\u202e"));
}
END_TEST

START_TEST (many_are_counted)
{
  guint total;
  GVariantBuilder builder;
  g_autoptr (GVariant) records = NULL;
  g_autoptr (GPtrArray) places = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssttttxxyqsss)"));
  for (guint64 i = 0; i < 1000; i++)
    g_variant_builder_add (&builder, "(ssttttxxyqsss)", "192.0.2.1", "", i, i, i, (guint64)0,
                           (gint64)0, (gint64)0, 6, 1, "", "", "");
  records = g_variant_ref_sink (g_variant_new ("(a(ssttttxxyqsss))", &builder));
  places = sg_places_from (records, &total);
  ck_assert_uint_eq (total, 1000);
  ck_assert_uint_eq (places->len, SG_PLACES_MAX);
}
END_TEST

START_TEST (another_answer_is_none)
{
  guint total;
  g_autoptr (GVariant) other = g_variant_ref_sink (g_variant_new ("(s)", "no"));
  g_autoptr (GPtrArray) none = sg_places_from (other, &total);
  g_autoptr (GPtrArray) nothing = sg_places_from (NULL, &total);

  ck_assert_uint_eq (none->len + nothing->len + total, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-places");
  TCase *all = tcase_create ("places");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (all, stopped_first_then_the_busiest);
  tcase_add_test (all, names_are_made_fit_to_be_shown);
  tcase_add_test (all, many_are_counted);
  tcase_add_test (all, another_answer_is_none);
  suite_add_tcase (suite, all);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
