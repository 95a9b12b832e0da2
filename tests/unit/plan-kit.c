/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/plan-kit.h"

#include <check.h>
#include <string.h>

static SgProfile *
profile_of (const char *elements)
{
  static const SgProfileHost person = { "/home/maria", "maria", "/home/maria", NULL };
  g_autofree char *text = g_strdup_printf ("<Configuration>%s</Configuration>", elements);
  g_autoptr (GError) error = NULL;
  SgProfile *profile = sg_profile_parse (text, strlen (text), "p.wsb", &person, &error);

  ck_assert_msg (profile != NULL, "%s", error != NULL ? error->message : "");
  return profile;
}

SgGrants *
grants_of (const char *elements, const char *rules)
{
  SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgProfile) profile = elements != NULL ? profile_of (elements) : NULL;
  g_autoptr (SgPolicy) policy = sg_policy_new ();
  g_autofree char *text = g_strdup_printf ("[policy]\n%s\n", rules != NULL ? rules : "");

  sg_policy_add_text (policy, "/etc/sandglass/policy.d/1.conf", text, strlen (text));
  return sg_grants_new (&defaults, profile, policy);
}

const SgPlanHost plan_kit_host = { .qemu = "/usr/bin/qemu-system-x86_64",
                                   .nbdkit = "/usr/bin/nbdkit",
                                   .bwrap = "/usr/bin/bwrap",
                                   .plugin = "/lib/plugin.so",
                                   .relay = "/lib/sandglass-relay",
                                   .usbgate = "/lib/sandglass-usbgate",
                                   .memory_bytes = 16 * GIB,
                                   .available_bytes = 8 * GIB,
                                   .cpus = 8 };
const SgPlanBase plan_kit_base = { .dir = "/cache/bases/abc",
                                   .root = "/",
                                   .digest = "abc",
                                   .kernel = "/boot/vmlinuz-1",
                                   .kernel_release = "1",
                                   .scratch_bytes = 64 * GIB };
const SgAccel plan_kit_tcg = { .kind = SG_ACCEL_TCG, .reason = (char *)"slow" };
const SgAccel plan_kit_kvm = { .kind = SG_ACCEL_KVM, .reason = (char *)"fast" };

SgPlan *
plan_of (const SgGrants *grants, int memory, int cpus)
{
  SgPlanRequest request = { .grants = grants, .memory_mb = memory, .cpus = cpus };
  g_autoptr (GError) error = NULL;
  SgPlan *plan = sg_plan_new (&request, &plan_kit_host, &plan_kit_base, &plan_kit_kvm, &error);

  ck_assert_msg (plan != NULL, "%s", error != NULL ? error->message : "");
  return plan;
}

char *
line_of (const SgPlan *plan)
{
  g_auto (GStrv) argv = sg_plan_qemu (plan, "0123abcd");

  return g_strjoinv (" ", argv);
}
