/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is granted -> what the machine is.  A device is there because a grant says so; without
 * grants (a template) none of these is.
 *
 * What a template has not got cannot be plugged in later without the machine's memory of it being
 * wrong, or is read at the start only (language of the desktop), so such a machine boots. */
#include "launcher/plan.h"

#include "baseimage/guest/kernel-command-line.h"

#include <string.h>

static const SgReason *
reason_of (const SgGrants *grants, SgSetting setting)
{
  return &grants->settings[setting].reason;
}

static gboolean
on (const SgGrants *grants, SgSetting setting)
{
  return sg_grants_number (grants, setting) != 0;
}

/* --- how large ----------------------------------------------------------------------------------
 */

/* ASKED on the command line is kept where the administrator allows it.  What nobody asked for is
 * our choice, which can be less than may be had. */
static void
size (const SgGrants *grants, SgSetting setting, int asked, guint *value, char **why)
{
  const SgReason *reason = reason_of (grants, setting);
  guint granted = (guint)CLAMP (sg_grants_number (grants, setting), 1, G_MAXINT);
  gboolean wished = asked == 0 && (reason->who == SG_BY_PROFILE || reason->asked != NULL);

  if (!wished && (granted >= *value || reason->who != SG_BY_POLICY))
    return;
  *value = granted;
  g_free (*why);
  *why = sg_reason_text (reason);
}

static gboolean
was_asked (const SgGrants *grants, SgSetting setting)
{
  const SgReason *reason = reason_of (grants, setting);

  return reason->who == SG_BY_PROFILE || reason->asked != NULL;
}

/* --- what is plugged in -------------------------------------------------------------------------
 */

static gboolean
is_locale (const char *text)
{
  return *text != '\0' && strlen (text) < 64
         && strspn (text, G_CSET_A_2_Z G_CSET_a_2_z "0123456789_.@-") == strlen (text);
}

static void
boots_because (SgPlan *plan, gboolean granted, const char *why)
{
  if (granted && plan->cold_why == NULL)
    plan->cold_why = why;
}

/* The card is for who was granted it, whatever the computer has. */
static void
no_vgpu (SgPlan *plan)
{
  g_clear_pointer (&plan->render_node, g_free);
  g_clear_pointer (&plan->render_device, g_free);
}

static void
take_devices (SgPlan *plan, const SgGrants *grants)
{
  const char *locale = sg_grants_text (grants, SG_SETTING_LOCALE);

  plan->microphone = on (grants, SG_SETTING_AUDIO_INPUT);
  plan->usb = on (grants, SG_SETTING_USB);
  plan->camera = on (grants, SG_SETTING_VIDEO_INPUT);
  if (!plan->usb && !plan->camera)
    g_clear_pointer (&plan->usbgate, g_free);
  plan->nested = on (grants, SG_SETTING_NESTED_VIRTUALIZATION);
  if (!on (grants, SG_SETTING_VGPU))
    no_vgpu (plan);
  if (!on (grants, SG_SETTING_PRINTERS))
    g_clear_pointer (&plan->printers, g_free);
  plan->clipboard = on (grants, SG_SETTING_CLIPBOARD_IN) || on (grants, SG_SETTING_CLIPBOARD_OUT);
  boots_because (plan, plan->microphone,
                 "the microphone is granted, which no prepared sandbox has");
  boots_because (plan, plan->usb || plan->camera,
                 "USB devices are granted, which no prepared sandbox can take");
  boots_because (plan, plan->render_node != NULL,
                 "3D by the graphics card is granted, whose state cannot be saved");
  boots_because (plan, plan->nested,
                 "virtual machines inside are granted, which no prepared sandbox can start");
  if (locale == NULL || !is_locale (locale))
    return;
  plan->kernel_line = g_strdup_printf (
      "%s locale.LANG=%s",
      plan->text ? SG_GUEST_KERNEL_COMMAND_LINE_TEXT : SG_GUEST_KERNEL_COMMAND_LINE, locale);
  boots_because (plan, TRUE, "another language is asked for than the prepared sandbox has");
}

static void
take_network (SgPlan *plan, const SgGrants *grants)
{
  plan->network = (SgNetwork)sg_grants_number (grants, SG_SETTING_NETWORK);
  plan->network_why = sg_reason_text (reason_of (grants, SG_SETTING_NETWORK));
  plan->hosts = g_strdupv (grants->hosts);
  plan->company_networks = g_strdupv (grants->company_networks);
  plan->company_domains = g_strdupv (grants->company_domains);
}

static void
take_disk (SgPlan *plan, const SgGrants *grants)
{
  guint64 most = (guint64)sg_grants_number (grants, SG_SETTING_DISK) << 20;

  if (most >= plan->disk_cap)
    return;
  plan->disk_cap = most;
  plan->disk_why = sg_reason_text (reason_of (grants, SG_SETTING_DISK));
}

/* --- may it start -------------------------------------------------------------------------------
 */

static gboolean
refuse_emulation (const SgPlan *plan, const SgGrants *grants, GError **error)
{
  g_autofree char *who = NULL;

  if (!plan->accel_known || plan->accel == SG_ACCEL_KVM
      || !on (grants, SG_SETTING_HARDWARE_VIRTUALIZATION))
    return TRUE;
  who = sg_reason_sentence (reason_of (grants, SG_SETTING_HARDWARE_VIRTUALIZATION));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "Sandboxes open on this computer only with hardware virtualization, and it has none "
               "that works. %s %s",
               who, plan->accel_why);
  return FALSE;
}

/* Its own name, or that of the program that has the window. */
static void
take_title (SgPlan *plan, const SgGrants *grants)
{
  const char *title = sg_grants_text (grants, SG_SETTING_TITLE);
  const char *program = sg_grants_text (grants, SG_SETTING_PROGRAM);
  g_auto (GStrv) words = NULL;

  if (title == NULL && program != NULL && g_shell_parse_argv (program, NULL, &words, NULL))
    title = strrchr (words[0], '/') != NULL ? strrchr (words[0], '/') + 1 : words[0];
  if (title == NULL)
    return;
  g_free (plan->title);
  plan->title = g_strdup (title);
}

gboolean
sg_plan_take_grants (SgPlan *plan, const SgPlanRequest *request, GError **error)
{
  const SgGrants *grants = request->grants;

  plan->disk_cap = plan->scratch_bytes;
  plan->network_why = g_strdup ("nothing is granted");
  if (grants == NULL)
    {
      no_vgpu (plan);
      g_clear_pointer (&plan->printers, g_free);
      g_clear_pointer (&plan->usbgate, g_free);
      return TRUE;
    }
  g_clear_pointer (&plan->network_why, g_free);
  size (grants, SG_SETTING_MEMORY, request->memory_mb, &plan->memory_mb, &plan->memory_why);
  size (grants, SG_SETTING_CPUS, request->cpus, &plan->cpus, &plan->cpus_why);
  plan->size_asked |= was_asked (grants, SG_SETTING_MEMORY) || was_asked (grants, SG_SETTING_CPUS);
  take_devices (plan, grants);
  take_network (plan, grants);
  take_disk (plan, grants);
  take_title (plan, grants);
  return refuse_emulation (plan, grants, error);
}
