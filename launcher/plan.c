/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/plan.h"

#define MIB (1024ull * 1024)
/* A quarter of the computer, within what a desktop needs and what a throwaway one should take. */
#define MEMORY_LEAST_MB 1536u
#define MEMORY_MOST_MB 4096u
/* What must be free for a start that does not push others out: the rest is taken when it is used.
 */
#define MEMORY_FREE_MB 768u
#define CPUS_MOST 4u

static gboolean
require (const char *program, const char *name, const char *what, GError **error)
{
  if (program != NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "%s (%s) is not installed, and no sandbox starts without it; `sandglass doctor` "
               "names the command that installs it",
               what, name);
  return FALSE;
}

/* A setuid bubblewrap has been a way to become root. */
static gboolean
refuse_setuid (const SgPlanHost *host, GError **error)
{
  if (!host->bwrap_setuid)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "%s runs as root whoever starts it (setuid), which has been a way to take over "
               "computers; Sandglass does not use it. To mend it: sudo chmod u-s %s",
               host->bwrap, host->bwrap);
  return FALSE;
}

static gboolean
choose_memory (SgPlan *plan, const SgPlanRequest *request, const SgPlanHost *host, GError **error)
{
  guint64 all = host->memory_bytes / MIB, available = host->available_bytes / MIB;
  guint64 needed;

  if (request->memory_mb > 0)
    {
      plan->memory_mb = (guint)request->memory_mb;
      plan->memory_why = g_strdup ("as asked");
    }
  else
    {
      plan->memory_mb = (guint)CLAMP (all / 4, MEMORY_LEAST_MB, MEMORY_MOST_MB);
      plan->memory_mb -= plan->memory_mb % 2;
      plan->memory_why = g_strdup_printf ("a quarter of this computer's %" G_GUINT64_FORMAT
                                          " MB, within %u and %u",
                                          all, MEMORY_LEAST_MB, MEMORY_MOST_MB);
    }
  needed = MIN (plan->memory_mb, MEMORY_FREE_MB);
  if (plan->memory_mb < all && (available == 0 || available >= needed))
    return TRUE;
  if (plan->memory_mb >= all)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "The sandbox would have %u MB of memory, but this computer has %" G_GUINT64_FORMAT
                 " MB in all; ask for less with --memory",
                 plan->memory_mb, all);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "There is not enough free memory for a sandbox: it needs %" G_GUINT64_FORMAT
                 " MB to start, %" G_GUINT64_FORMAT " MB are free. Close something and try again",
                 needed, available);
  return FALSE;
}

static void
choose_cpus (SgPlan *plan, const SgPlanRequest *request, const SgPlanHost *host)
{
  if (request->cpus > 0)
    {
      plan->cpus = (guint)request->cpus;
      plan->cpus_why = g_strdup ("as asked");
    }
  else
    {
      plan->cpus = CLAMP (host->cpus, 1, CPUS_MOST);
      plan->cpus_why
          = g_strdup_printf ("this computer's %u, at most %u", MAX (host->cpus, 1), CPUS_MOST);
    }
}

static void
take_accel (SgPlan *plan, const SgAccel *accel)
{
  plan->accel_known = accel != NULL;
  plan->accel = accel != NULL ? accel->kind : SG_ACCEL_TCG;
  plan->accel_why
      = g_strdup (accel != NULL ? accel->reason
                                : "Whether hardware virtualization works is found out by the "
                                  "first start; without it, software emulation.");
}

static void
take_base (SgPlan *plan, const SgPlanBase *base)
{
  plan->base_dir = g_strdup (base->dir);
  plan->base_root = g_strdup (base->root);
  plan->base_digest = g_strdup (base->digest);
  plan->kernel = g_strdup (base->kernel);
  plan->kernel_release = g_strdup (base->kernel_release);
  plan->initrd = g_build_filename (base->dir, "initrd", NULL);
  plan->scratch_below = g_build_filename (base->dir, "scratch", NULL);
  plan->scratch_bytes = base->scratch_bytes;
}

SgPlan *
sg_plan_new (const SgPlanRequest *request, const SgPlanHost *host, const SgPlanBase *base,
             const SgAccel *accel, GError **error)
{
  g_autoptr (SgPlan) plan = g_new0 (SgPlan, 1);

  if (!require (host->qemu, "qemu-system-x86_64", "QEMU", error)
      || !require (host->nbdkit, "nbdkit", "The server for the sandbox's files", error)
      || !require (host->bwrap, "bwrap", "bubblewrap", error) || !refuse_setuid (host, error)
      || !choose_memory (plan, request, host, error))
    return NULL;
  choose_cpus (plan, request, host);
  take_accel (plan, accel);
  take_base (plan, base);
  plan->title = g_strdup (request->title != NULL ? request->title : "Sandbox");
  plan->start_why = g_strdup ("no template is used");
  plan->template_size = sg_plan_template_size (host);
  plan->ram_preload = g_strdup (host->ram_preload);
  plan->printgate = g_strdup (host->printgate);
  plan->printers = host->printgate != NULL ? g_strdup (host->printers) : NULL;
  plan->usbgate = g_strdup (host->usbgate);
  plan->render_node = g_strdup (host->render_node);
  plan->render_device = g_strdup (host->render_device);
  plan->size_asked = request->memory_mb > 0 || request->cpus > 0;
  plan->text = request->text && !request->prepare;
  if (!sg_plan_take_grants (plan, request, error))
    return NULL;
  plan->bwrap = g_strdup (host->bwrap);
  plan->qemu = g_strdup (host->qemu);
  plan->nbdkit = g_strdup (host->nbdkit);
  plan->relay = g_strdup (host->relay);
  plan->confine_qemu
      = sg_confine_qemu (host->qemu, plan->kernel, plan->initrd, plan->accel == SG_ACCEL_KVM);
  plan->confine_qemu->seccomp_fd = SG_QEMU_FD_FILTER;
  if (plan->printers != NULL)
    plan->confine_printgate = sg_confine_printgate (plan->printgate, plan->printers);
  if (plan->usbgate != NULL)
    plan->confine_usbgate = sg_confine_usbgate (plan->usbgate);
  if (plan->render_node != NULL)
    sg_confine_vgpu (plan->confine_qemu, plan->render_node, plan->render_device);
  plan->confine_nbdkit
      = sg_confine_nbdkit (host->nbdkit, host->plugin, plan->base_dir, plan->base_root);
  plan->confine_nbdkit->seccomp_fd = SG_NBDKIT_FD_FILTER;
  plan->confine_relay = sg_confine_relay (host->relay);
  if (host->netgate != NULL && host->passt != NULL)
    {
      plan->netgate = g_strdup (host->netgate);
      plan->passt = g_strdup (host->passt);
      plan->confine_netgate = sg_confine_netgate (host->netgate);
      plan->confine_passt = sg_confine_passt (host->passt);
    }
  return g_steal_pointer (&plan);
}

void
sg_plan_free (SgPlan *plan)
{
  if (plan == NULL)
    return;
  char *texts[] = { plan->title,       plan->memory_why,     plan->cpus_why,      plan->accel_why,
                    plan->base_dir,    plan->base_root,      plan->kernel,        plan->base_digest,
                    plan->initrd,      plan->kernel_release, plan->bwrap,         plan->qemu,
                    plan->nbdkit,      plan->relay,          plan->scratch_below, plan->start_why,
                    plan->ram_preload, plan->disk_why,       plan->network_why,   plan->kernel_line,
                    plan->netgate,     plan->passt,          plan->render_node,   plan->render_device,
                    plan->printgate,   plan->printers,       plan->usbgate };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (plan->hosts);
  g_strfreev (plan->company_networks);
  g_strfreev (plan->company_domains);
  sg_confinement_free (plan->confine_qemu);
  sg_confinement_free (plan->confine_nbdkit);
  sg_confinement_free (plan->confine_relay);
  sg_confinement_free (plan->confine_netgate);
  sg_confinement_free (plan->confine_passt);
  sg_confinement_free (plan->confine_printgate);
  sg_confinement_free (plan->confine_usbgate);
  g_free (plan);
}

/* --- command lines ------------------------------------------------------------------------------
 */

char **
sg_plan_qemu (const SgPlan *plan, const char *id)
{
  SgQemuSettings settings = sg_plan_qemu_settings (plan, id);
  g_auto (GStrv) command = sg_qemu_arguments (&settings);

  return sg_confinement_arguments (plan->confine_qemu, plan->bwrap, (const char *const *)command);
}

char **
sg_plan_nbdkit (const SgPlan *plan)
{
  g_autofree char *notices = g_strdup_printf ("notice-fd=%d", SG_NBDKIT_FD_NOTICES);
  const char *command[] = { plan->nbdkit,
                            "--foreground",
                            "--single", /* one client, on standard input and output */
                            "--readonly",
                            SG_INSIDE_PLUGIN,
                            "base=" SG_INSIDE_BASE,
                            "root=" SG_INSIDE_HOST,
                            notices,
                            NULL };

  return sg_confinement_arguments (plan->confine_nbdkit, plan->bwrap, command);
}

char **
sg_plan_relay (const SgPlan *plan)
{
  g_autofree char *agent = g_strdup_printf ("--agent-fd=%d", SG_RELAY_FD_AGENT);
  g_autofree char *control = g_strdup_printf ("--control-fd=%d", SG_RELAY_FD_CONTROL);
  const char *command[] = { SG_INSIDE_RELAY, agent, control, NULL };

  return sg_confinement_arguments (plan->confine_relay, plan->bwrap, command);
}

char **
sg_plan_netgate (const SgPlan *plan, const char *mac)
{
  g_autofree char *guest = g_strdup_printf ("--guest-fd=%d", SG_NETGATE_FD_GUEST);
  g_autofree char *control = g_strdup_printf ("--control-fd=%d", SG_NETGATE_FD_CONTROL);
  g_autofree char *netlink = g_strdup_printf ("--netlink-fd=%d", SG_NETGATE_FD_NETLINK);
  const char *command[] = { SG_INSIDE_NETGATE, guest, control, netlink, "--mac", mac, NULL };

  return sg_confinement_arguments (plan->confine_netgate, plan->bwrap, command);
}

char **
sg_plan_switch (const SgPlan *plan)
{
  g_autofree char *control = g_strdup_printf ("--switch-fd=%d", SG_SWITCH_FD_CONTROL);
  const char *command[] = { SG_INSIDE_NETGATE, control, NULL };

  return sg_confinement_arguments (plan->confine_netgate, plan->bwrap, command);
}

char **
sg_plan_passt (const SgPlan *plan, const SgPasstOptions *options)
{
  SgPasstOptions ours = *options;
  g_auto (GStrv) command = NULL;

  ours.program = plan->passt;
  ours.fd = SG_PASST_FD_STREAM;
  command = sg_passt_args (&ours);
  return sg_confinement_arguments (plan->confine_passt, plan->bwrap, (const char *const *)command);
}

char **
sg_plan_printgate (const SgPlan *plan, const char *user)
{
  g_autofree char *guest = g_strdup_printf ("--guest-fd=%d", SG_PRINTGATE_FD_GUEST);
  const char *command[] = { SG_INSIDE_PRINTGATE, guest, "--user", user, NULL };

  return sg_confinement_arguments (plan->confine_printgate, plan->bwrap, command);
}

char **
sg_plan_usbgate (const SgPlan *plan)
{
  g_autofree char *machine = g_strdup_printf ("--machine-fd=%d", SG_USBGATE_FD_MACHINE);
  g_autofree char *device = g_strdup_printf ("--device-fd=%d", SG_USBGATE_FD_DEVICE);
  const char *command[] = { SG_INSIDE_USBGATE, machine, device, NULL };

  return sg_confinement_arguments (plan->confine_usbgate, plan->bwrap, command);
}

SgUsbGrants
sg_plan_usb_grants (const SgPlan *plan)
{
  return (SgUsbGrants){ plan->usb, plan->camera, plan->microphone };
}
