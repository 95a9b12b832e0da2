/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans and QEMU's command line as values: nothing is started. */
#include "launcher/plan.h"

#include "baseimage/guest/kernel-command-line.h"
#include "launcher/overlay.h"

#include <check.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

#define GIB (1024ull * 1024 * 1024)

static const SgPlanBase base = { .dir = "/cache/bases/abc",
                                 .root = "/",
                                 .digest = "abc",
                                 .kernel = "/boot/vmlinuz-1",
                                 .kernel_release = "1",
                                 .scratch_bytes = 64 * GIB };
static const SgAccel tcg = { .kind = SG_ACCEL_TCG, .reason = (char *)"slow" };
static const SgAccel kvm = { .kind = SG_ACCEL_KVM, .reason = (char *)"fast" };

static SgPlanHost
a_host (void)
{
  return (SgPlanHost){ .qemu = "/usr/bin/qemu-system-x86_64",
                       .nbdkit = "/usr/bin/nbdkit",
                       .bwrap = "/usr/bin/bwrap",
                       .plugin = "/lib/plugin.so",
                       .relay = "/lib/sandglass-relay",
                       .memory_bytes = 16 * GIB,
                       .available_bytes = 8 * GIB,
                       .cpus = 8 };
}

static SgPlan *
plan_of (const SgPlanRequest *request, const SgAccel *accel)
{
  SgPlanHost host = a_host ();
  g_autoptr (GError) error = NULL;
  SgPlan *plan = sg_plan_new (request, &host, &base, accel, &error);

  ck_assert_msg (plan != NULL, "%s", error != NULL ? error->message : "no error");
  return plan;
}

/* The word after OPTION, the NTH time it comes; NULL when it does not. */
static const char *
value_of (char **argv, const char *option, guint nth)
{
  for (char **word = argv; *word != NULL; word++)
    if (g_str_equal (*word, option) && nth-- == 0)
      return word[1];
  return NULL;
}

static gboolean
has (char **argv, const char *text)
{
  for (char **word = argv; *word != NULL; word++)
    if (strstr (*word, text) != NULL)
      return TRUE;
  return FALSE;
}

/* --- figures ------------------------------------------------------------------------------------
 */

START_TEST (memory_is_a_quarter_within_bounds)
{
  static const struct
  {
    guint64 gib;
    guint mb;
  } cases[] = { { 4, 1536 }, { 8, 2048 }, { 12, 3072 }, { 16, 4096 }, { 256, 4096 } };
  SgPlanRequest request = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SgPlanHost host = a_host ();
      host.memory_bytes = cases[i].gib * GIB;
      g_autoptr (SgPlan) plan = sg_plan_new (&request, &host, &base, &tcg, NULL);
      ck_assert_ptr_nonnull (plan);
      ck_assert_uint_eq (plan->memory_mb, cases[i].mb);
    }
}
END_TEST

START_TEST (what_is_asked_is_taken)
{
  SgPlanRequest request = { .memory_mb = 999, .cpus = 3, .title = "Mine" };
  g_autoptr (SgPlan) plan = plan_of (&request, &tcg);

  ck_assert_uint_eq (plan->memory_mb, 999);
  ck_assert_uint_eq (plan->cpus, 3);
  ck_assert_str_eq (plan->title, "Mine");
  ck_assert_str_eq (plan->memory_why, "as asked");
}
END_TEST

/* Whoever asks for nothing is woken with what there is; nothing is plugged in before it is used. */
START_TEST (a_template_has_what_is_enough_at_first)
{
  SgPlanRequest nothing = { 0 }, less = { .memory_mb = 1024 }, one = { .cpus = 1 };
  g_autoptr (SgPlan) usual = plan_of (&nothing, &tcg), small = plan_of (&less, &tcg),
                     slow = plan_of (&one, &tcg);
  g_autofree char *key = NULL, *none = NULL, *same = NULL;
  const char *why;

  ck_assert_uint_eq (usual->template_size.memory_mb, 1536);
  ck_assert_uint_ge (usual->memory_mb, usual->template_size.memory_mb);
  key = sg_plan_template_key (usual, &why);
  ck_assert_ptr_nonnull (key);
  ck_assert_ptr_null (why);
  none = sg_plan_template_key (small, &why);
  ck_assert_ptr_null (none);
  ck_assert_ptr_nonnull (strstr (why, "less memory was asked for than the prepared sandbox has "
                                      "(1536 MB)"));
  same = sg_plan_template_key (slow, &why); /* one is taken out when it wakes */
  ck_assert_str_eq (same, key);
}
END_TEST

START_TEST (processors_are_the_hosts_at_most_four)
{
  static const guint cases[][2] = { { 0, 1 }, { 1, 1 }, { 2, 2 }, { 4, 4 }, { 64, 4 } };
  SgPlanRequest request = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SgPlanHost host = a_host ();
      host.cpus = cases[i][0];
      g_autoptr (SgPlan) plan = sg_plan_new (&request, &host, &base, &tcg, NULL);
      ck_assert_uint_eq (plan->cpus, cases[i][1]);
    }
}
END_TEST

static void
refused (const SgPlanRequest *request, const SgPlanHost *host, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgPlan) plan = sg_plan_new (request, host, &base, &tcg, &error);

  ck_assert_ptr_null (plan);
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, code), "code %d", error->code);
  ck_assert_msg (strstr (error->message, words) != NULL, "%s", error->message);
}

START_TEST (too_little_memory_is_said_with_the_figures)
{
  SgPlanRequest none = { 0 }, much = { .memory_mb = 16384 };
  SgPlanHost host = a_host ();

  refused (&much, &host, G_IO_ERROR_NO_SPACE, "16384 MB in all");
  host.available_bytes = GIB / 2;
  refused (&none, &host, G_IO_ERROR_NO_SPACE, "512 MB are free");
  /* A small one still fits. */
  none.memory_mb = 400;
  g_autoptr (SgPlan) plan = sg_plan_new (&none, &host, &base, &tcg, NULL);
  ck_assert_ptr_nonnull (plan);
}
END_TEST

START_TEST (a_missing_or_bad_program_is_named)
{
  SgPlanRequest request = { 0 };
  SgPlanHost host = a_host ();

  host.bwrap_setuid = TRUE;
  refused (&request, &host, G_IO_ERROR_PERMISSION_DENIED, "sudo chmod u-s /usr/bin/bwrap");
  host.bwrap = NULL;
  refused (&request, &host, G_IO_ERROR_NOT_FOUND, "bwrap");
  host.nbdkit = NULL;
  refused (&request, &host, G_IO_ERROR_NOT_FOUND, "nbdkit");
  host.qemu = NULL;
  refused (&request, &host, G_IO_ERROR_NOT_FOUND, "qemu-system-x86_64");
}
END_TEST

/* --- command lines ------------------------------------------------------------------------------
 */

START_TEST (the_accelerator_decides_processor_and_door)
{
  SgPlanRequest request = { 0 };
  g_autoptr (SgPlan) slow = plan_of (&request, &tcg), fast = plan_of (&request, &kvm);
  g_auto (GStrv) emulated = sg_plan_qemu (slow, "01234567"), real = sg_plan_qemu (fast, "01234567");

  ck_assert_str_eq (value_of (emulated, "-accel", 0), "tcg,thread=multi");
  ck_assert (g_str_has_prefix (value_of (emulated, "-cpu", 0), "max,"));
  ck_assert (!has (emulated, "/dev/kvm"));
  ck_assert_str_eq (value_of (real, "-accel", 0), "kvm,kernel-irqchip=split");
  ck_assert (g_str_has_prefix (value_of (real, "-cpu", 0), "host,"));
  ck_assert_str_eq (value_of (real, "--dev-bind", 0), "/dev/kvm");
  ck_assert_str_eq (value_of (real, "-cpu", 0), "host,vmx=off,svm=off,pmu=off");
}
END_TEST

START_TEST (no_network_no_sockets_no_defaults)
{
  SgPlanRequest request = { 0 };
  g_autoptr (SgPlan) plan = plan_of (&request, &tcg);
  g_auto (GStrv) argv = sg_plan_qemu (plan, "01234567");

  ck_assert_str_eq (value_of (argv, "-nic", 0), "none");
  ck_assert (!has (argv, "netdev") && !has (argv, "virtio-net"));
  ck_assert (has (argv, "-nodefaults") && has (argv, "-no-user-config"));
  ck_assert (g_str_has_prefix (value_of (argv, "-spice", 0), "port=0,"));
  ck_assert (strstr (value_of (argv, "-spice", 0), "disable-copy-paste=on") != NULL);
  ck_assert (!has (argv, "server=on") && !has (argv, ".path=") && !has (argv, "socket,path=")
             && !has (argv, "unix:"));
  ck_assert_str_eq (value_of (argv, "-sandbox", 0),
                    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
}
END_TEST

/* Balloon and free-page reporting would punch holes into a template's memory. */
START_TEST (no_device_that_harms_a_template)
{
  SgPlanRequest request = { 0 };
  g_autoptr (SgPlan) plan = plan_of (&request, &tcg);
  g_auto (GStrv) argv = sg_plan_qemu (plan, "01234567");

  ck_assert (!has (argv, "balloon") && !has (argv, "free-page") && !has (argv, "qxl"));
}
END_TEST

START_TEST (disks_are_told_apart_by_serial)
{
  SgPlanRequest request = { 0 };
  g_autoptr (SgPlan) plan = plan_of (&request, &tcg);
  g_auto (GStrv) argv = sg_plan_qemu (plan, "01234567");
  g_autofree char *size = g_strdup_printf ("size=%" G_GUINT64_FORMAT, base.scratch_bytes);
  g_autofree char *fd = g_strdup_printf ("server.str=%d", SG_QEMU_FD_BASE);

  ck_assert (has (argv, "serial=sg-base,rerror=report"));
  ck_assert (has (argv, "serial=sg-scratch") && has (argv, "werror=stop"));
  ck_assert (has (argv, "node-name=" SG_OVERLAY_DISK_NODE ",file=" SG_OVERLAY_NULL_NODE));
  ck_assert (has (argv, size) && has (argv, fd));
}
END_TEST

START_TEST (text_and_desktop_differ_in_the_target_only)
{
  SgPlanRequest text = { .text = TRUE }, desktop = { 0 };
  g_autoptr (SgPlan) a = plan_of (&text, &tcg), b = plan_of (&desktop, &tcg);
  g_auto (GStrv) with = sg_plan_qemu (b, "0"), without = sg_plan_qemu (a, "0");

  ck_assert_str_eq (value_of (without, "-append", 0), SG_GUEST_KERNEL_COMMAND_LINE_TEXT);
  ck_assert_str_eq (value_of (with, "-append", 0), SG_GUEST_KERNEL_COMMAND_LINE);
  ck_assert_uint_eq (g_strv_length (with), g_strv_length (without));
}
END_TEST

static SgQemuSettings
template_settings (SgRam ram)
{
  return (SgQemuSettings){ .qemu = "/q",
                           .id = "0",
                           .memory_mb = 1536,
                           .memory_max_mb = 8192,
                           .cpus = 2,
                           .cpus_max = 8,
                           .ram = ram,
                           .ram_path = "/sandbox/ram,x",
                           .kernel = "/k",
                           .initrd = "/i",
                           .command_line = "c",
                           .scratch_bytes = GIB };
}

START_TEST (template_and_clone_agree_in_all_but_memory_and_incoming)
{
  SgQemuSettings template = template_settings (SG_RAM_TEMPLATE);
  SgQemuSettings clone = template_settings (SG_RAM_CLONE);
  g_auto (GStrv) a = sg_qemu_arguments (&template), b = NULL;
  guint differ = 0;

  clone.ram_readonly = TRUE;
  b = sg_qemu_arguments (&clone);
  ck_assert_uint_eq (g_strv_length (a), g_strv_length (b));
  for (guint i = 0; a[i] != NULL; i++)
    differ += !g_str_equal (a[i], b[i]);
  ck_assert_uint_eq (differ, 1);
  ck_assert (has (a, "mem-path=/sandbox/ram,,x,share=on"));
  ck_assert (has (b, "mem-path=/sandbox/ram,,x,share=off,readonly=on,rom=off"));
  ck_assert_str_eq (value_of (a, "-m", 0), "size=1536M,maxmem=8192M");
  ck_assert_str_eq (value_of (a, "-smp", 0), "cpus=2,maxcpus=8");
}
END_TEST

/* What was saved under one accelerator has another processor's features in it. */
START_TEST (a_template_of_one_accelerator_is_none_for_the_other)
{
  SgPlanRequest request = { 0 };
  g_autoptr (SgPlan) slow = plan_of (&request, &tcg);
  g_autoptr (SgPlan) again = plan_of (&request, &tcg);
  g_autoptr (SgPlan) fast = plan_of (&request, &kvm);
  const char *why;
  g_autofree char *slow_key = sg_plan_template_key (slow, &why);
  g_autofree char *again_key = sg_plan_template_key (again, &why);
  g_autofree char *fast_key = sg_plan_template_key (fast, &why);

  ck_assert_str_eq (slow_key, again_key);
  ck_assert_str_ne (slow_key, fast_key);
}
END_TEST

/* --- printing -----------------------------------------------------------------------------------
 */

START_TEST (text_names_every_door_and_the_network)
{
  SgPlanRequest request = { 0 };
  g_autoptr (SgPlan) plan = plan_of (&request, NULL);
  g_autofree char *text = sg_plan_text (plan);

  ck_assert_ptr_nonnull (strstr (text, "Network:     off"));
  ck_assert_ptr_nonnull (strstr (text, "not known yet"));
  for (guint i = 0; i < plan->confine_qemu->doors->len; i++)
    {
      const SgDoor *door = g_ptr_array_index (plan->confine_qemu->doors, i);
      ck_assert_ptr_nonnull (strstr (text, door->outside));
      ck_assert_ptr_nonnull (strstr (text, door->why));
    }
}
END_TEST

START_TEST (json_is_one_object_with_the_command_lines)
{
  SgPlanRequest request = { .memory_mb = 2048 };
  g_autoptr (SgPlan) plan = plan_of (&request, &kvm);
  g_autofree char *json = sg_plan_json (plan);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_auto (GStrv) argv = sg_plan_qemu (plan, "ID");
  JsonObject *object;
  JsonArray *processes, *command;

  ck_assert (json_parser_load_from_data (parser, json, -1, NULL));
  object = json_node_get_object (json_parser_get_root (parser));
  ck_assert_int_eq (json_object_get_int_member (object, "memory-mb"), 2048);
  ck_assert_str_eq (json_object_get_string_member (object, "network"), "off");
  ck_assert_str_eq (json_object_get_string_member (object, "accelerator"), "kvm");
  processes = json_object_get_array_member (object, "processes");
  ck_assert_uint_eq (json_array_get_length (processes), 3);
  command = json_object_get_array_member (json_array_get_object_element (processes, 0), "command");
  ck_assert_uint_eq (json_array_get_length (command), g_strv_length (argv));
  for (guint i = 0; argv[i] != NULL; i++)
    ck_assert_str_eq (json_array_get_string_element (command, i), argv[i]);
}
END_TEST

/* A path that is no UTF-8 must not make JSON that nobody can read. */
START_TEST (json_of_odd_paths_is_valid)
{
  SgPlanRequest request = { 0 };
  SgPlanHost host = a_host ();
  SgPlanBase odd = base;

  odd.dir = "/cache/\xff\"\\\n";
  g_autoptr (SgPlan) plan = sg_plan_new (&request, &host, &odd, &tcg, NULL);
  g_autofree char *json = sg_plan_json (plan);
  g_autoptr (JsonParser) parser = json_parser_new ();

  ck_assert (json_parser_load_from_data (parser, json, -1, NULL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("plan");
  TCase *tc = tcase_create ("plan");
  SRunner *runner = srunner_create (suite);

  tcase_add_test (tc, memory_is_a_quarter_within_bounds);
  tcase_add_test (tc, what_is_asked_is_taken);
  tcase_add_test (tc, a_template_has_what_is_enough_at_first);
  tcase_add_test (tc, processors_are_the_hosts_at_most_four);
  tcase_add_test (tc, too_little_memory_is_said_with_the_figures);
  tcase_add_test (tc, a_missing_or_bad_program_is_named);
  tcase_add_test (tc, the_accelerator_decides_processor_and_door);
  tcase_add_test (tc, no_network_no_sockets_no_defaults);
  tcase_add_test (tc, no_device_that_harms_a_template);
  tcase_add_test (tc, disks_are_told_apart_by_serial);
  tcase_add_test (tc, text_and_desktop_differ_in_the_target_only);
  tcase_add_test (tc, template_and_clone_agree_in_all_but_memory_and_incoming);
  tcase_add_test (tc, a_template_of_one_accelerator_is_none_for_the_other);
  tcase_add_test (tc, text_names_every_door_and_the_network);
  tcase_add_test (tc, json_is_one_object_with_the_command_lines);
  tcase_add_test (tc, json_of_odd_paths_is_valid);
  suite_add_tcase (suite, tc);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
