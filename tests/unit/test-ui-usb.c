/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bar and the window of USB devices show. */
#include "ui/usb-facts.h"

#include <check.h>
#include <string.h>

#define GRANTS(usb, camera)                                                                        \
  "{\"settings\":{\"usb\":{\"value\":\"" usb "\"},\"video-input\":{\"value\":\"" camera "\"}}}"

START_TEST (a_button_is_there_where_it_is_granted)
{
  static const struct
  {
    const char *grants;
    gboolean granted, only_cameras;
  } cases[] = {
    { "", FALSE, FALSE },
    { "{}", FALSE, FALSE },
    { "[]", FALSE, FALSE },
    { GRANTS ("off", "off"), FALSE, FALSE },
    { GRANTS ("on", "off"), TRUE, FALSE },
    { GRANTS ("off", "on"), TRUE, TRUE },
    { GRANTS ("on", "on"), TRUE, FALSE },
    { "{\"settings\":{\"usb\":{\"value\":7}}}", FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (SgUsbLight) light = { 0 };

      sg_usb_light_init (&light, cases[i].grants, NULL);
      ck_assert_msg (light.granted == cases[i].granted, "case %zu", i);
      ck_assert_msg (light.only_cameras == cases[i].only_cameras, "case %zu", i);
      ck_assert_ptr_null (light.camera);
    }
}
END_TEST

START_TEST (a_camera_lights_up)
{
  g_autoptr (GVariant) none = g_variant_ref_sink (
      g_variant_new_parsed ("[('001/002', 'Ultra', false)]"));
  g_autoptr (GVariant) one = g_variant_ref_sink (g_variant_new_parsed (
      "[('001/002', 'Ultra', false), ('001/004', 'HD\nWebcam', true)]"));
  g_auto (SgUsbLight) dark = { 0 }, light = { 0 };

  sg_usb_light_init (&dark, GRANTS ("on", "on"), none);
  ck_assert_uint_eq (dark.n, 1);
  ck_assert_ptr_null (dark.camera);
  sg_usb_light_init (&light, GRANTS ("on", "on"), one);
  ck_assert_uint_eq (light.n, 2);
  ck_assert_ptr_nonnull (light.camera);
  ck_assert (g_str_has_prefix (light.camera, "HD") && strchr (light.camera, '\n') == NULL);
}
END_TEST

START_TEST (the_list_is_read)
{
  g_autoptr (JsonNode) good = json_from_string (
      "{\"devices\":[{\"port\":\"1-2\",\"at\":\"001/004\",\"name\":\"HD Webcam\",\"kind\":"
      "\"Camera\",\"camera\":true,\"given\":true,\"why-not\":null},"
      "{\"at\":\"001/005\",\"name\":\"Ultra\",\"kind\":null,\"camera\":false,\"given\":false,"
      "\"disk-in-use\":\"sdb1\",\"why-not\":\"It is no camera, and only cameras are granted to this sandbox.\"},"
      "{\"at\":\"001/006\",\"name\":\"Stick\",\"disk-in-use\":\"sdc1\",\"why-not\":"
      "\"This computer uses its disk (sdc1); eject it first.\"},"
      "{\"at\":7,\"name\":\"x\"}, 5]}",
      NULL);
  g_autoptr (JsonNode) bad = json_from_string ("{\"devices\":7}", NULL);
  g_autoptr (GPtrArray) rows = sg_usb_rows_parse (good);
  const SgUsbRow *row;

  ck_assert_ptr_null (sg_usb_rows_parse (NULL));
  ck_assert_ptr_null (sg_usb_rows_parse (bad));
  ck_assert_uint_eq (rows->len, 3);
  row = rows->pdata[0];
  ck_assert_str_eq (row->at, "001/004");
  ck_assert_str_eq (row->kind, "Camera");
  ck_assert (row->given && row->camera && row->why_not == NULL);
  row = rows->pdata[1];
  ck_assert_ptr_null (row->kind);
  ck_assert (!row->given && g_str_has_prefix (row->why_not, "It is no camera"));
  row = rows->pdata[2];
  ck_assert_ptr_nonnull (strstr (row->why_not, "sdc1"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ui-usb");
  TCase *all = tcase_create ("all");
  SRunner *runner;
  int failed;

  tcase_add_test (all, a_button_is_there_where_it_is_granted);
  tcase_add_test (all, a_camera_lights_up);
  tcase_add_test (all, the_list_is_read);
  suite_add_tcase (suite, all);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
