/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants -> plan: what of them is in the machine's command line and its walls. */
#include "tests/unit/plan-kit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* --- the plan -----------------------------------------------------------------------------------
 */

START_TEST (sizes_are_the_narrowest)
{
  static const struct
  {
    const char *elements, *rules;
    int asked;
    guint expected;
  } cases[] = {
    { NULL, NULL, 0, 4096 },
    { NULL, NULL, 900, 900 },
    { NULL, "MaxMemoryMB=2000", 0, 2000 },
    { NULL, "MaxMemoryMB=2000", 3000, 2000 },
    { NULL, "MaxMemoryMB=2000", 1500, 1500 },
    { "<MemoryInMB>6000</MemoryInMB>", NULL, 0, 6000 },
    { "<MemoryInMB>6000</MemoryInMB>", "MaxMemoryMB=5000", 0, 5000 },
    { "<MemoryInMB>1100</MemoryInMB>", "MaxMemoryMB=5000", 0, 1100 },
    { "<MemoryInMB>900000</MemoryInMB>", NULL, 0, 16000 - 1024 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) grants = grants_of (cases[i].elements, cases[i].rules);
      g_autoptr (SgPlan) plan = plan_of (grants, cases[i].asked, 0);

      ck_assert_msg (plan->memory_mb == cases[i].expected, "case %zu: %u", i, plan->memory_mb);
    }
  g_autoptr (SgGrants) grants
      = grants_of ("<CpuCount>6</CpuCount><DiskInMB>9000</DiskInMB>", "MaxCpus=3\nMaxDiskMB=2048");
  g_autoptr (SgPlan) plan = plan_of (grants, 0, 0);
  ck_assert_uint_eq (plan->cpus, 3);
  ck_assert_uint_eq (plan->disk_cap, 2 * GIB);
  ck_assert_ptr_nonnull (strstr (plan->cpus_why, "1.conf:2, MaxCpus=3"));
  ck_assert_ptr_nonnull (strstr (plan->disk_why, "1.conf:3, MaxDiskMB=2048"));
}
END_TEST

START_TEST (a_device_is_there_when_granted_and_only_then)
{
  static const struct
  {
    const char *element, *rule, *words;
  } cases[] = {
    { "<AudioInput>Enable</AudioInput>", "AllowAudioInput=false", "hda-micro" },
    { "<UsbRedirection>Enable</UsbRedirection>", "AllowUsbRedirection=false", "qemu-xhci" },
    { "<VideoInput>Enable</VideoInput>", "AllowVideoInput=false", "qemu-xhci" },
    { "<NestedVirtualization>Enable</NestedVirtualization>", "AllowNestedVirtualization=false",
      "-cpu host,pmu=off " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) none = grants_of ("", NULL);
      g_autoptr (SgGrants) given = grants_of (cases[i].element, NULL);
      g_autoptr (SgGrants) denied = grants_of (cases[i].element, cases[i].rule);
      g_autoptr (SgPlan) without = plan_of (none, 0, 0), with = plan_of (given, 0, 0);
      g_autoptr (SgPlan) closed = plan_of (denied, 0, 0), template = plan_of (NULL, 0, 0);
      g_autofree char *line = line_of (without), *more = line_of (with), *less = line_of (closed);
      g_autofree char *bare = line_of (template);
      const char *why;

      ck_assert_ptr_nonnull (strstr (more, cases[i].words));
      ck_assert_ptr_null (strstr (line, cases[i].words));
      /* what plays is in every machine, and hears nothing */
      ck_assert_ptr_nonnull (strstr (line, "-device hda-output,bus=sound-card.0"));
      ck_assert_msg (g_str_equal (line, less), "a closed device leaves something");
      /* what SPICE lets pass is no device: one template serves both */
      g_auto (GStrv) apart = g_strsplit (bare, "disable-copy-paste=on", -1);
      g_autofree char *with_clipboard = g_strjoinv ("disable-copy-paste=off", apart);
      ck_assert_msg (g_str_equal (line, with_clipboard), "a template is another machine");
      g_autofree char *key = sg_plan_template_key (without, &why);
      g_autofree char *its_key = sg_plan_template_key (template, &why);
      ck_assert_str_eq (key, its_key);
      /* and such a machine is not woken from a template, which has no such device */
      ck_assert_ptr_null (sg_plan_template_key (with, &why));
      ck_assert_ptr_nonnull (strstr (why, "granted"));
    }
}
END_TEST

/* A computer with a graphics card that can be shared: only who was granted it gets it. */
START_TEST (the_graphics_card_is_there_when_granted_and_only_then)
{
  static const struct
  {
    const char *elements, *rule;
    gboolean card, there;
  } cases[] = {
    { "<vGPU>Enable</vGPU>", NULL, TRUE, TRUE },
    { "<vGPU>Enable</vGPU>", NULL, FALSE, FALSE }, /* gone since the grants were made */
    { "<vGPU>Enable</vGPU>", "AllowVGPU=false", TRUE, FALSE },
    { "<vGPU>Disable</vGPU>", NULL, TRUE, FALSE },
    { "", NULL, TRUE, FALSE },
    { NULL, NULL, TRUE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) grants = grants_of (cases[i].elements, cases[i].rule);
      SgPlanRequest request = { .grants = i + 1 < G_N_ELEMENTS (cases) ? grants : NULL };
      SgPlanHost with = plan_kit_host;
      g_autoptr (SgPlan) plan = NULL;
      g_autofree char *line = NULL, *key = NULL, *text = NULL, *sees = NULL;
      const char *why = NULL;

      with.render_node = cases[i].card ? "/dev/dri/renderD128" : NULL;
      with.render_device = cases[i].card ? "/sys/devices/pci0/0000:00:02.0" : NULL;
      plan = sg_plan_new (&request, &with, &plan_kit_base, &plan_kit_kvm, NULL);
      line = line_of (plan);
      text = sg_plan_text (plan);
      key = sg_plan_template_key (plan, &why);
      ck_assert_int_eq (strstr (line, "virtio-vga-gl,") != NULL, cases[i].there);
      ck_assert_int_eq (strstr (line, "egl-headless,rendernode=/dev/dri/renderD128") != NULL,
                        cases[i].there);
      ck_assert_int_eq (strstr (line, "--dev-bind /dev/dri/renderD128 ") != NULL, cases[i].there);
      ck_assert_int_eq (strstr (line, "--ro-bind /sys/devices/pci0/0000:00:02.0 ") != NULL,
                        cases[i].there);
      ck_assert_int_eq (strstr (line, "/sys") != NULL, cases[i].there);
      ck_assert_int_eq (strstr (line, "-display none") != NULL, !cases[i].there);
      ck_assert_int_eq (strstr (text, "the wall is weaker") != NULL, cases[i].there);
      ck_assert_int_eq (key == NULL, cases[i].there);
      if (cases[i].there)
        {
          ck_assert_ptr_nonnull (strstr (line, "blob=off"));
          ck_assert_ptr_nonnull (strstr (why, "cannot be saved"));
        }
    }
}
END_TEST

START_TEST (usb_devices_are_let_through_by_class)
{
  static const struct
  {
    const char *elements, *filter;
  } cases[] = {
    { "<UsbRedirection>Enable</UsbRedirection>",
      "filter=0x09:-1:-1:-1:0|0x01:-1:-1:-1:0|0x0e:-1:-1:-1:0|-1:-1:-1:-1:1" },
    { "<VideoInput>Enable</VideoInput>",
      "filter=0x09:-1:-1:-1:0|0x01:-1:-1:-1:0|0x0e:-1:-1:-1:1|-1:-1:-1:-1:0" },
    { "<VideoInput>Enable</VideoInput><AudioInput>Enable</AudioInput>",
      "filter=0x09:-1:-1:-1:0|0x01:-1:-1:-1:1|0x0e:-1:-1:-1:1|-1:-1:-1:-1:0" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) grants = grants_of (cases[i].elements, NULL);
      g_autoptr (SgPlan) plan = plan_of (grants, 0, 0);
      g_autofree char *text = sg_plan_text (plan), *line = line_of (plan);

      /* what is handed over is plugged in later, by a gate of its own */
      ck_assert_msg (strstr (text, cases[i].filter) != NULL, "%s", text);
      ck_assert_ptr_nonnull (strstr (text, "--device-fd=4"));
      ck_assert_ptr_null (strstr (line, "usb-redir"));
    }
}
END_TEST

START_TEST (emulation_is_refused_where_it_must_be)
{
  g_autoptr (SgGrants) grants = grants_of (NULL, "RequireHardwareVirtualization=true");
  g_autoptr (SgGrants) usual = grants_of (NULL, NULL);
  SgPlanRequest request = { .grants = grants };
  g_autoptr (GError) error = NULL;
  g_autoptr (SgPlan) refused
      = sg_plan_new (&request, &plan_kit_host, &plan_kit_base, &plan_kit_tcg, &error);
  g_autoptr (SgPlan) good
      = sg_plan_new (&request, &plan_kit_host, &plan_kit_base, &plan_kit_kvm, NULL);

  ck_assert_ptr_null (refused);
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  ck_assert_ptr_nonnull (strstr (error->message, "1.conf, line 2"));
  ck_assert_ptr_nonnull (strstr (error->message, "slow"));
  ck_assert_ptr_nonnull (good);
  request.grants = usual;
  g_autoptr (SgPlan) emulated
      = sg_plan_new (&request, &plan_kit_host, &plan_kit_base, &plan_kit_tcg, NULL);
  ck_assert_ptr_nonnull (emulated);
}
END_TEST

START_TEST (a_language_is_no_way_to_the_kernel)
{
  g_autoptr (SgGrants) good = grants_of ("<Locale>de_DE.UTF-8</Locale>", NULL);
  g_autoptr (SgGrants) bad = grants_of ("", NULL);
  g_autoptr (SgPlan) german = plan_of (good, 0, 0);

  ck_assert_ptr_nonnull (strstr (german->kernel_line, " locale.LANG=de_DE.UTF-8"));
  bad->settings[SG_SETTING_LOCALE].text = g_strdup ("C init=/bin/sh");
  g_autoptr (SgPlan) plan = plan_of (bad, 0, 0);
  ck_assert_ptr_null (plan->kernel_line);
}
END_TEST

START_TEST (the_program_gives_its_name)
{
  static const char *const cases[][2] = {
    { "<Program>/usr/bin/firefox --private-window</Program>", "firefox" },
    { "<Program>firefox</Program><Title>Bank</Title>", "Bank" },
    { "<Program>'no end</Program>", "Sandbox" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) grants = grants_of (cases[i][0], NULL);
      g_autoptr (SgPlan) plan = plan_of (grants, 0, 0);

      ck_assert_str_eq (plan->title, cases[i][1]);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("enforce-plan");
  TCase *pure = tcase_create ("pure");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (pure, sizes_are_the_narrowest);
  tcase_add_test (pure, a_device_is_there_when_granted_and_only_then);
  tcase_add_test (pure, the_graphics_card_is_there_when_granted_and_only_then);
  tcase_add_test (pure, usb_devices_are_let_through_by_class);
  tcase_add_test (pure, emulation_is_refused_where_it_must_be);
  tcase_add_test (pure, a_language_is_no_way_to_the_kernel);
  tcase_add_test (pure, the_program_gives_its_name);
  suite_add_tcase (suite, pure);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
