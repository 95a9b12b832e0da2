/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a machine starts: by itself, to become a template, or out of one.
 *
 * All templates of a computer have one size, so that one serves every request: small, with room in
 * their hardware description for what is plugged in later.  What is plugged in and what the kernel
 * must reserve for it is the template's for good, so the room has a limit.  Processors can also be
 * taken out again; memory that a machine booted with cannot: who asks for less boots. */
#include "launcher/plan.h"

#include "baseimage/guest/kernel-command-line.h"
#include "launcher/ram-preload.h"
#include "launcher/template.h"

/* As much as a sandbox has at first: what is plugged in makes the guest work, and that work's pages
 * are each sandbox's own. */
#define TEMPLATE_MEMORY_MB 1536
#define TEMPLATE_CPUS 2u
#define CPUS_ROOM 16u
/* The id in a template's command line, so that its key is always the same. */
#define TEMPLATE_ID "template"

SgTemplateSize
sg_plan_template_size (const SgPlanHost *host)
{
  guint64 gib = (host->memory_bytes >> 30) + 1;

  return (SgTemplateSize){ .memory_mb = TEMPLATE_MEMORY_MB,
                           .memory_max_mb = (guint)CLAMP (gib, 2, 4096) * 1024,
                           .cpus = CLAMP (host->cpus, 1, TEMPLATE_CPUS),
                           .cpus_max = CLAMP (host->cpus, CPUS_ROOM, 255) };
}

SgQemuSettings
sg_plan_qemu_settings (const SgPlan *plan, const char *id)
{
  const SgTemplateSize *size = &plan->template_size;
  gboolean cold = plan->start == SG_START_COLD;

  return (SgQemuSettings){
    .qemu = plan->qemu,
    .id = id,
    .accel = plan->accel,
    .memory_mb = cold ? plan->memory_mb : size->memory_mb,
    .memory_max_mb = cold ? plan->memory_mb : size->memory_max_mb,
    .cpus = cold ? plan->cpus : size->cpus,
    .cpus_max = cold ? plan->cpus : size->cpus_max,
    .ram = cold                              ? SG_RAM_OWN
           : plan->start == SG_START_PREPARE ? SG_RAM_TEMPLATE
                                             : SG_RAM_CLONE,
    .ram_path = SG_INSIDE_RAM,
    .ram_readonly = plan->ram_readonly,
    .incoming = plan->start == SG_START_CLONE,
    .kernel = SG_INSIDE_KERNEL,
    .initrd = SG_INSIDE_INITRD,
    .command_line = cold && plan->kernel_line != NULL ? plan->kernel_line
                    : cold && plan->text              ? SG_GUEST_KERNEL_COMMAND_LINE_TEXT
                                                      : SG_GUEST_KERNEL_COMMAND_LINE,
    .scratch_bytes = plan->scratch_bytes,
    .microphone = plan->microphone,
    .usb = plan->usb,
    .camera = plan->camera,
    .nested = plan->nested,
    .render_node = plan->render_node,
    .clipboard = plan->clipboard,
  };
}

/* Why this plan's machine cannot come out of a template; NULL when it can. */
static const char *
why_not (const SgPlan *plan)
{
  const SgTemplateSize *size = &plan->template_size;

  if (!plan->accel_known)
    return "the accelerator is not known yet";
  if (plan->cold_why != NULL)
    return plan->cold_why;
  if (plan->memory_mb < size->memory_mb)
    return "less memory was asked for than the prepared sandbox has "
           "(" G_STRINGIFY (TEMPLATE_MEMORY_MB) " MB)";
  if (plan->memory_mb > size->memory_max_mb || plan->cpus > size->cpus_max)
    return "more was asked for than can be added to the prepared sandbox";
  return NULL;
}

char *
sg_plan_template_key (const SgPlan *plan, const char **ret_why)
{
  SgPlan prepare = *plan;
  SgTemplateInputs inputs = { plan->base_digest, plan->qemu, plan->kernel, NULL };
  g_auto (GStrv) argv = NULL;

  *ret_why = why_not (plan);
  if (*ret_why != NULL)
    return NULL;
  prepare.start = SG_START_PREPARE;
  prepare.clipboard = FALSE; /* no device: what SPICE lets pass is not in the machine's state */
  SgQemuSettings settings = sg_plan_qemu_settings (&prepare, TEMPLATE_ID);
  argv = sg_qemu_arguments (&settings);
  inputs.argv = (const char *const *)argv;
  return sg_template_key (&inputs);
}

static void
set (SgPlan *plan, SgStart start, const char *why)
{
  plan->start = start;
  g_free (plan->start_why);
  plan->start_why = g_strdup (why);
}

void
sg_plan_cold (SgPlan *plan, const char *why)
{
  set (plan, SG_START_COLD, why);
}

void
sg_plan_prepare (SgPlan *plan, const char *ram)
{
  set (plan, SG_START_PREPARE, "to be the one that others are woken from");
  sg_confinement_add (plan->confine_qemu, SG_DOOR_WRITE, ram, SG_INSIDE_RAM,
                      "the memory that is kept; no person's data has been in it");
}

void
sg_plan_clone (SgPlan *plan, const char *ram, gboolean readonly)
{
  set (plan, SG_START_CLONE, "a template for exactly this base, QEMU and processor is there");
  plan->ram_readonly = readonly;
  sg_confinement_add (plan->confine_qemu, SG_DOOR_READ, ram, SG_INSIDE_RAM,
                      "the template's memory: changes stay this sandbox's own");
  if (readonly)
    return;
  sg_confinement_add (plan->confine_qemu, SG_DOOR_READ, plan->ram_preload, SG_INSIDE_RAM_PRELOAD,
                      "lets a QEMU before 8.2 open that memory read-only");
  plan->confine_qemu->preload = SG_INSIDE_RAM_PRELOAD;
}
