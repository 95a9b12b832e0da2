/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants -> plan, settings inside, lifetime, this computer's swap; and the steps, with a real relay
 * and a fake guest that really runs commands. */
#include "common/fd.h"
#include "launcher/enforce-host.h"
#include "launcher/enforce-inside.h"
#include "launcher/grants-load.h"
#include "launcher/lifetime.h"
#include "launcher/plan.h"
#include "launcher/steps.h"
#include "tests/unit/fake-guest.h"
#include "tests/unit/loop-kit.h"
#include "tests/unit/relay-kit.h"

#include <check.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIB (1024ull * 1024 * 1024)

/* --- kit ----------------------------------------------------------------------------------------
 */

static SgProfile *
profile_of (const char *elements)
{
  static const SgProfileHost host = { "/home/maria", "maria", "/home/maria", NULL };
  g_autofree char *text = g_strdup_printf ("<Configuration>%s</Configuration>", elements);
  g_autoptr (GError) error = NULL;
  SgProfile *profile = sg_profile_parse (text, strlen (text), "p.wsb", &host, &error);

  ck_assert_msg (profile != NULL, "%s", error != NULL ? error->message : "");
  return profile;
}

/* ELEMENTS of a profile or NULL, RULES of the policy or NULL. */
static SgGrants *
grants_of (const char *elements, const char *rules)
{
  SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgProfile) profile = elements != NULL ? profile_of (elements) : NULL;
  g_autoptr (SgPolicy) policy = sg_policy_new ();
  g_autofree char *text = g_strdup_printf ("[policy]\n%s\n", rules != NULL ? rules : "");

  sg_policy_add_text (policy, "/etc/sandglass/policy.d/1.conf", text, strlen (text));
  return sg_grants_new (&defaults, profile, policy);
}

static const SgPlanHost host = { .qemu = "/usr/bin/qemu-system-x86_64",
                                 .nbdkit = "/usr/bin/nbdkit",
                                 .bwrap = "/usr/bin/bwrap",
                                 .plugin = "/lib/plugin.so",
                                 .relay = "/lib/sandglass-relay",
                                 .usbgate = "/lib/sandglass-usbgate",
                                 .memory_bytes = 16 * GIB,
                                 .available_bytes = 8 * GIB,
                                 .cpus = 8 };
static const SgPlanBase base = { .dir = "/cache/bases/abc",
                                 .root = "/",
                                 .digest = "abc",
                                 .kernel = "/boot/vmlinuz-1",
                                 .kernel_release = "1",
                                 .scratch_bytes = 64 * GIB };
static const SgAccel tcg = { .kind = SG_ACCEL_TCG, .reason = (char *)"slow" };
static const SgAccel kvm = { .kind = SG_ACCEL_KVM, .reason = (char *)"fast" };

static SgPlan *
plan_of (const SgGrants *grants, int memory, int cpus)
{
  SgPlanRequest request = { .grants = grants, .memory_mb = memory, .cpus = cpus };
  g_autoptr (GError) error = NULL;
  SgPlan *plan = sg_plan_new (&request, &host, &base, &kvm, &error);

  ck_assert_msg (plan != NULL, "%s", error != NULL ? error->message : "");
  return plan;
}

static char *
line_of (const SgPlan *plan)
{
  g_auto (GStrv) argv = sg_plan_qemu (plan, "0123abcd");

  return g_strjoinv (" ", argv);
}

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
      "-cpu host " },
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
      SgPlanHost with = host;
      g_autoptr (SgPlan) plan = NULL;
      g_autofree char *line = NULL, *key = NULL, *text = NULL, *sees = NULL;
      const char *why = NULL;

      with.render_node = cases[i].card ? "/dev/dri/renderD128" : NULL;
      with.render_device = cases[i].card ? "/sys/devices/pci0/0000:00:02.0" : NULL;
      plan = sg_plan_new (&request, &with, &base, &kvm, NULL);
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
  g_autoptr (SgPlan) refused = sg_plan_new (&request, &host, &base, &tcg, &error);
  g_autoptr (SgPlan) good = sg_plan_new (&request, &host, &base, &kvm, NULL);

  ck_assert_ptr_null (refused);
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  ck_assert_ptr_nonnull (strstr (error->message, "1.conf, line 2"));
  ck_assert_ptr_nonnull (strstr (error->message, "slow"));
  ck_assert_ptr_nonnull (good);
  request.grants = usual;
  g_autoptr (SgPlan) emulated = sg_plan_new (&request, &host, &base, &tcg, NULL);
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

/* --- inside -------------------------------------------------------------------------------------
 */

START_TEST (keyboards_are_as_the_agent_has_them)
{
  static const char *const cases[][2] = {
    { "de", "de" },
    { "de(nodeadkeys)", "de:nodeadkeys" },
    { "de(nodeadkeys),us", "de,us:nodeadkeys," },
    { "us, ru(phonetic)", "us,ru:,phonetic" },
    { "de:nodeadkeys", "de:nodeadkeys" },
    { "de(", "de:" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *keyboard = sg_enforce_keyboard (cases[i][0]);
      ck_assert_str_eq (keyboard, cases[i][1]);
    }
}
END_TEST

START_TEST (only_what_differs_is_told)
{
  g_autoptr (SgGrants) usual = grants_of (NULL, NULL);
  g_autoptr (SgGrants) user = grants_of ("<TimeZone>Asia/Tokyo</TimeZone>", "Administrator=deny");
  GVariant *nothing = sg_enforce_demands (usual), *wishes = sg_enforce_wishes (usual, NULL, FALSE);
  g_autoptr (GVariant) demand = g_variant_ref_sink (sg_enforce_demands (user));
  g_autoptr (GVariant) zone = g_variant_ref_sink (sg_enforce_wishes (user, NULL, FALSE));
  gboolean administrator = TRUE;
  const char *text = NULL;

  ck_assert_ptr_null (nothing);
  ck_assert_ptr_null (wishes);
  ck_assert (g_variant_lookup (demand, "administrator", "b", &administrator) && !administrator);
  ck_assert_uint_eq (g_variant_n_children (demand), 1);
  ck_assert (g_variant_lookup (zone, "timezone", "&s", &text));
  ck_assert_str_eq (text, "Asia/Tokyo");
}
END_TEST

START_TEST (who_may_run_commands)
{
  static const char *const others[] = { "root", "daemon", "0", "", "sandbox2" };
  g_autoptr (SgGrants) usual = grants_of (NULL, NULL);
  g_autoptr (SgGrants) user = grants_of (NULL, "Administrator=deny");

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (sg_enforce_user (usual, others[i], NULL));
      ck_assert (!sg_enforce_user (user, others[i], &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
    }
  ck_assert (sg_enforce_user (user, NULL, NULL));
  ck_assert (sg_enforce_user (user, "sandbox", NULL));
}
END_TEST

/* --- lifetime -----------------------------------------------------------------------------------
 */

START_TEST (what_ends_a_sandbox)
{
  const gint64 sec = G_USEC_PER_SEC, now = 1000 * sec;
  static const char idle[] = "<Lifetime>idle 2</Lifetime>",
                    window[] = "<Lifetime>window</Lifetime>",
                    command[] = "<Lifetime>command</Lifetime>";
  const struct
  {
    const char *elements;
    SgLifetimeFacts facts;
    gboolean over;
  } cases[] = {
    { "", { .has_run = TRUE, .had_window = TRUE, .last_used = 0 }, FALSE }, /* not asked */
    { command, { .last_used = 0 }, FALSE },
    { command, { .has_run = TRUE, .commands = 1 }, FALSE },
    { command, { .has_run = TRUE }, TRUE },
    { window, { .last_used = 0 }, FALSE }, /* never had one */
    { window, { .had_window = TRUE, .windows = 1 }, FALSE },
    { window, { .had_window = TRUE, .last_used = now - 5 * sec }, FALSE },
    { window, { .had_window = TRUE, .last_used = now - 11 * sec }, TRUE },
    { window, { .had_window = TRUE, .commands = 1, .last_used = 0 }, FALSE },
    { idle, { .last_used = now - 119 * sec }, FALSE },
    { idle, { .last_used = now - 121 * sec }, TRUE },
    { idle, { .windows = 1, .silent = 1, .last_used = 0 }, FALSE }, /* it may be in use */
    { idle, { .windows = 1, .last_used = now - 121 * sec }, TRUE },
    { idle, { .commands = 1, .last_used = 0 }, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SgGrants) grants = grants_of (cases[i].elements, NULL);
      SgLifetimeRule rule = sg_lifetime_rule (grants);

      ck_assert_msg ((sg_lifetime_over (&rule, &cases[i].facts, now) != NULL) == cases[i].over,
                     "case %zu", i);
      ck_assert_int_eq (sg_lifetime_look (&rule) > 0, *cases[i].elements != '\0');
    }
}
END_TEST

/* --- this computer ------------------------------------------------------------------------------
 */

static void
put (const char *dir, const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (dir, path, NULL), *up = g_path_get_dirname (file);

  ck_assert_int_eq (g_mkdir_with_parents (up, 0700), 0);
  ck_assert (g_file_set_contents (file, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

START_TEST (a_plain_swap_is_found)
{
  static const char title[] = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  static const struct
  {
    const char *swaps;
    gboolean safe;
  } cases[] = {
    { "", TRUE },
    { "/dev/sda2   partition\t1000\t0\t-2\n", FALSE },
    { "/dev/dm-0   partition\t1000\t0\t-2\n", TRUE },
    { "/dev/dm-1   partition\t1000\t0\t-2\n", TRUE },  /* a volume upon it */
    { "/dev/dm-2   partition\t1000\t0\t-2\n", FALSE }, /* a volume upon both */
    { "/dev/zram0  partition\t1000\t0\t100\n", TRUE },
    { "/dev/zram1  partition\t1000\t0\t100\n", FALSE }, /* writes to a disk */
    { "/dev/dm-0   partition\t1000\t0\t-2\n/dev/sda2   partition\t1000\t0\t-3\n", FALSE },
    { "/dev/gone   partition\t1000\t0\t-2\n", FALSE },
    { "/no\\040such/swap  file\t1000\t0\t-2\n", FALSE },
  };
  g_autofree char *dir = g_dir_make_tmp ("enforce-XXXXXX", NULL);

  put (dir, "sys/class/block/sda2/size", "1\n");
  put (dir, "sys/class/block/dm-0/dm/uuid", "CRYPT-PLAIN-swap\n");
  put (dir, "sys/class/block/dm-1/dm/uuid", "LVM-x\n");
  put (dir, "sys/class/block/dm-1/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-x\n");
  put (dir, "sys/class/block/dm-2/dm/uuid", "LVM-y\n");
  put (dir, "sys/class/block/dm-2/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-x\n");
  put (dir, "sys/class/block/dm-2/slaves/sda3/size", "1\n");
  put (dir, "sys/class/block/zram0/disksize", "1000\n");
  put (dir, "sys/class/block/zram0/backing_dev", "none\n");
  put (dir, "sys/class/block/zram1/disksize", "1000\n");
  put (dir, "sys/class/block/zram1/backing_dev", "/dev/sda4\n");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (title, cases[i].swaps, NULL);
      g_autoptr (GError) error = NULL;

      put (dir, "proc/swaps", text);
      ck_assert_msg (sg_enforce_encryption (dir, &error) == cases[i].safe, "case %zu: %s", i,
                     error != NULL ? error->message : "safe");
    }
  ck_assert (sg_enforce_encryption ("/nonexistent", NULL)); /* a kernel without swap */
  remove_tree (dir);
}
END_TEST

START_TEST (sandboxes_are_counted_and_what_waits_is_not)
{
  g_autofree char *dir = g_dir_make_tmp ("enforce-XXXXXX", NULL);
  static const char *const names[] = { "aaaaaaaa/control", "bbbbbbbb/control", "cccccccc/standby" };

  ck_assert_uint_eq (sg_enforce_count (dir), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      g_autofree char *up = g_path_get_dirname (path);
      struct sockaddr_un address = { .sun_family = AF_UNIX };
      sg_fd int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

      g_mkdir (up, 0700);
      g_strlcpy (address.sun_path, path, sizeof address.sun_path);
      ck_assert_int_eq (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
    }
  put (dir, "dddddddd/control", "a file is none");
  ck_assert_uint_eq (sg_enforce_count (dir), 2);
  /* of one login: another directory is another count */
  g_autofree char *elsewhere = g_build_filename (dir, "aaaaaaaa", NULL);
  ck_assert_uint_eq (sg_enforce_count (elsewhere), 0);
  remove_tree (dir);
}
END_TEST

/* --- what is asked ------------------------------------------------------------------------------
 */

START_TEST (what_is_asked_survives_the_command_line)
{
  char *writable[] = { (char *)"/a b", (char *)"/c,d", NULL };
  SgAsk ask = { .config = (char *)"<Configuration/>",
                .purpose = (char *)"file",
                .writable = writable,
                .without_asks = TRUE };
  SgAsk again = { 0 };
  g_autofree GOptionEntry *entries = sg_ask_entries (&again);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, g_strdup ("sandglass-session"));
  sg_ask_arguments (&ask, argv);
  g_ptr_array_add (argv, NULL);
  g_auto (GStrv) words = g_strdupv ((char **)argv->pdata);
  g_option_context_add_main_entries (context, entries, NULL);
  ck_assert_msg (g_option_context_parse_strv (context, &words, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_uint_eq (g_strv_length (words), 1);
  ck_assert_str_eq (again.config, ask.config);
  ck_assert_str_eq (again.purpose, "file");
  ck_assert (g_strv_equal ((const char *const *)again.writable, (const char *const *)writable));
  ck_assert (again.without_asks);
  sg_ask_clear (&again);
}
END_TEST

START_TEST (rules_that_were_touched_are_other_rules)
{
  g_autofree char *dir = g_dir_make_tmp ("enforce-XXXXXX", NULL);
  char *dirs[] = { dir, NULL };
  SgAsk ask = { .policy_dirs = dirs };
  g_autofree char *none = sg_policy_stamp (&ask);

  put (dir, "1.conf", "[policy]\n");
  g_autofree char *one = sg_policy_stamp (&ask), *same = sg_policy_stamp (&ask);
  g_usleep (20000);
  put (dir, "1.conf", "[policy]\n");
  g_autofree char *other = sg_policy_stamp (&ask);
  ck_assert_str_ne (none, one);
  ck_assert_str_eq (one, same);
  ck_assert_str_ne (one, other);
  remove_tree (dir);
}
END_TEST

/* --- steps --------------------------------------------------------------------------------------
 */

static RelayKit kit;
static SgAgent *agent;
static GPid fake;
static GPtrArray *told; /* of char *: in order */
static gboolean all_done;

static void
on_changed (gpointer data)
{
}

static void
on_runs (guint n, guint all, const char *command, gpointer data)
{
  g_ptr_array_add (told, g_strdup_printf ("run %u/%u %s", n, all, command));
}

static void
on_notice (const char *message, gpointer data)
{
  g_ptr_array_add (told, g_strdup (message));
}

static void
on_done (gpointer data)
{
  ck_assert (!all_done);
  all_done = TRUE;
}

static const SgStepsFuncs funcs = { on_changed, on_runs, on_notice, on_done };

static void
set_up (void)
{
  g_autoptr (GAsyncResult) result = NULL;

  relay_kit_start (&kit);
  fake = fake_guest_start (kit.guest);
  sg_fd_clear (&kit.guest);
  agent = sg_agent_new (sg_fd_steal (&kit.supervisor));
  sg_agent_hello_async (agent, NULL, keep, &result);
  SPIN_UNTIL (result);
  ck_assert (sg_agent_hello_finish (agent, result, NULL));
  told = g_ptr_array_new_with_free_func (g_free);
  all_done = FALSE;
}

static void
tear_down (void)
{
  g_clear_object (&agent);
  relay_kit_stop (&kit);
  kill (fake, SIGKILL);
  waitpid (fake, NULL, 0);
  g_ptr_array_unref (told);
}

static char *
log_of (const SgSteps *steps, guint n)
{
  g_autoptr (GBytes) log = sg_steps_log (steps, n);
  g_autoptr (GString) text = g_string_new_len (NULL, 0);

  if (g_bytes_get_size (log) > 0)
    g_string_append_len (text, g_bytes_get_data (log, NULL), (gssize)g_bytes_get_size (log));
  return g_strdup (text->str);
}

START_TEST (one_after_the_other)
{
  g_autoptr (SgGrants) grants
      = grants_of ("<LogonCommand><Command>sleep 0.3; echo first; echo beside &gt;&amp;2</Command>"
                   "<Command>echo second; exit 7</Command><Command>kill -9 $$</Command>"
                   "<Command user=\"root\">echo never</Command>"
                   "<Command>cat; echo last</Command></LogonCommand>",
                   "Administrator=deny");
  g_autoptr (SgSteps) steps = sg_steps_new (grants, TRUE, &funcs, NULL);
  g_autofree char *json = NULL, *first = NULL, *second = NULL, *fourth = NULL, *last = NULL;

  ck_assert_uint_eq (sg_steps_count (steps), 5);
  sg_steps_start (steps, agent);
  ck_assert (sg_steps_running (steps));
  SPIN_UNTIL (all_done);
  ck_assert (!sg_steps_running (steps));
  first = log_of (steps, 0);
  second = log_of (steps, 1);
  fourth = log_of (steps, 3);
  last = log_of (steps, 4);
  ck_assert_str_eq (first, "first\nbeside\n");
  ck_assert_str_eq (second, "second\n");
  ck_assert_str_eq (fourth, "");
  ck_assert_str_eq (last, "last\n"); /* its input is at its end */
  ck_assert_ptr_null (sg_steps_log (steps, 5));
  ck_assert_uint_eq (told->len, 7);
  ck_assert_str_eq (told->pdata[2], "Step 2 of the profile failed with exit code 7: echo second; "
                                    "exit 7");
  ck_assert_str_eq (told->pdata[4], "Step 3 of the profile failed with exit code 137: kill -9 $$");
  ck_assert_ptr_nonnull (strstr (told->pdata[5], "Step 4 of the profile is not run: echo never Set "
                                                 "by your administrator (1.conf, line 2)."));
  json = sg_steps_json (steps);
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  JsonObject *step = json_array_get_object_element (json_node_get_array (root), 3);
  ck_assert_str_eq (json_object_get_string_member (step, "state"), "not-allowed");
  ck_assert (json_object_get_null_member (step, "exit-code"));
}
END_TEST

START_TEST (a_log_has_an_end)
{
  g_autoptr (SgGrants) grants = grants_of (
      "<LogonCommand><Command>head -c 3000000 /dev/zero; printf end</Command></LogonCommand>",
      NULL);
  g_autoptr (SgSteps) steps = sg_steps_new (grants, TRUE, &funcs, NULL);
  g_autoptr (GBytes) log = NULL;
  const char *bytes;
  gsize size;

  sg_steps_start (steps, agent);
  SPIN_UNTIL (all_done);
  log = sg_steps_log (steps, 0);
  bytes = g_bytes_get_data (log, &size);
  ck_assert_uint_eq (size, SG_STEP_LOG);
  ck_assert_int_eq (memcmp (bytes + size - 3, "end", 3), 0);
}
END_TEST

START_TEST (no_steps_are_done_at_once)
{
  g_autoptr (SgSteps) steps = sg_steps_new (NULL, TRUE, &funcs, NULL);
  g_autofree char *json = NULL;

  sg_steps_start (steps, agent);
  SPIN_UNTIL (all_done);
  json = sg_steps_json (steps);
  ck_assert_str_eq (json, "[]");
  ck_assert_uint_eq (told->len, 0);
}
END_TEST

START_TEST (a_program_is_the_last_step)
{
  g_autoptr (SgGrants) grants
      = grants_of ("<Program>sleep 1; echo seen</Program>"
                   "<LogonCommand><Command>echo before</Command></LogonCommand>",
                   NULL);
  g_autoptr (SgSteps) steps = sg_steps_new (grants, TRUE, &funcs, NULL);
  g_autoptr (SgSteps) without = sg_steps_new (grants, FALSE, &funcs, NULL);
  g_autofree char *last = NULL;

  ck_assert_uint_eq (sg_steps_count (steps), 2);
  ck_assert (sg_steps_program (steps));
  ck_assert (!sg_steps_program_runs (steps));
  sg_steps_start (steps, agent);
  ck_assert (!sg_steps_program_runs (steps)); /* the command before it does */
  while (!sg_steps_program_runs (steps))
    g_main_context_iteration (NULL, TRUE);
  SPIN_UNTIL (all_done);
  ck_assert (!sg_steps_program_runs (steps));
  last = log_of (steps, 1);
  ck_assert_str_eq (last, "seen\n");
  ck_assert_uint_eq (sg_steps_count (without), 1);
  ck_assert (!sg_steps_program (without));
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

START_TEST (steps_can_be_given_up)
{
  g_autoptr (SgGrants) grants
      = grants_of ("<LogonCommand><Command>sleep 60</Command></LogonCommand>", NULL);
  SgSteps *steps = sg_steps_new (grants, TRUE, &funcs, NULL);

  sg_steps_start (steps, agent);
  sg_steps_free (steps);
  for (int i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  ck_assert (!all_done);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("enforce");
  TCase *pure = tcase_create ("pure"), *steps = tcase_create ("steps");
  SRunner *runner = srunner_create (suite);

  tcase_add_test (pure, sizes_are_the_narrowest);
  tcase_add_test (pure, a_device_is_there_when_granted_and_only_then);
  tcase_add_test (pure, the_graphics_card_is_there_when_granted_and_only_then);
  tcase_add_test (pure, usb_devices_are_let_through_by_class);
  tcase_add_test (pure, emulation_is_refused_where_it_must_be);
  tcase_add_test (pure, a_language_is_no_way_to_the_kernel);
  tcase_add_test (pure, keyboards_are_as_the_agent_has_them);
  tcase_add_test (pure, only_what_differs_is_told);
  tcase_add_test (pure, who_may_run_commands);
  tcase_add_test (pure, what_ends_a_sandbox);
  tcase_add_test (pure, a_plain_swap_is_found);
  tcase_add_test (pure, sandboxes_are_counted_and_what_waits_is_not);
  tcase_add_test (pure, what_is_asked_survives_the_command_line);
  tcase_add_test (pure, rules_that_were_touched_are_other_rules);
  tcase_add_checked_fixture (steps, set_up, tear_down);
  tcase_set_timeout (steps, 40);
  tcase_add_test (steps, one_after_the_other);
  tcase_add_test (steps, a_program_is_the_last_step);
  tcase_add_test (pure, the_program_gives_its_name);
  tcase_add_test (steps, a_log_has_an_end);
  tcase_add_test (steps, no_steps_are_done_at_once);
  tcase_add_test (steps, steps_can_be_given_up);
  suite_add_tcase (suite, pure);
  suite_add_tcase (suite, steps);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
