/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-host.h"

#include "baseimage/scratch.h"
#include "common/memory.h"
#include "common/paths.h"
#include "launcher/computer.h"
#include "launcher/ram-preload.h"
#include "launcher/vgpu.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The program itself: what is bound into the walls is a file, not a link. */
static const char *
find (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  return path != NULL ? realpath (path, NULL) : NULL;
}

gboolean
sg_session_host_look (SgPlanHost *host, GError **error)
{
  struct stat st;

  host->qemu = find ("qemu-system-x86_64");
  host->nbdkit = find ("nbdkit");
  host->bwrap = find ("bwrap");
  host->bwrap_setuid
      = host->bwrap != NULL && stat (host->bwrap, &st) == 0 && (st.st_mode & S_ISUID) != 0;
  host->plugin = sg_paths_program ("nbdkit-sandglass-plugin.so", error);
  host->relay = host->plugin != NULL ? sg_paths_program ("sandglass-relay", error) : NULL;
  host->passt = find ("passt");
  host->printgate = sg_paths_program ("sandglass-printgate", NULL);
  host->usbgate = sg_paths_program ("sandglass-usbgate", NULL);
  host->netgate = sg_paths_program ("sandglass-netgate", NULL);
  host->ram_preload = sg_paths_program (SG_RAM_PRELOAD, NULL);
  host->memory_bytes = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  host->available_bytes = sg_memory_available ();
  host->cpus = g_get_num_processors ();
  return host->relay != NULL;
}

void
sg_session_host_clear (SgPlanHost *host)
{
  free ((char *)host->qemu);
  free ((char *)host->nbdkit);
  free ((char *)host->bwrap);
  g_free ((char *)host->plugin);
  g_free ((char *)host->relay);
  free ((char *)host->passt);
  g_free ((char *)host->netgate);
  g_free ((char *)host->printgate);
  g_free ((char *)host->usbgate);
  g_free ((char *)host->ram_preload);
}

static gboolean
look_at (const char *path, const char *what, GError **error)
{
  if (access (path, R_OK) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "%s (%s) cannot be read (%s); make the copy of this computer anew with `sandglass "
               "base build --force`",
               what, path, g_strerror (errno));
  return FALSE;
}

SgPlan *
sg_session_plan (const SgPlanRequest *request, const SgBase *base, const SgAccel *accel,
                 GError **error)
{
  SgPlanBase facts = { .dir = sg_base_dir (base),
                       .root = sg_base_root (base),
                       .digest = sg_base_digest (base),
                       .kernel = sg_base_kernel (base),
                       .kernel_release = sg_base_kernel_release (base),
                       .scratch_bytes = SG_SCRATCH_BYTES };
  SgPlanHost host = { 0 };
  g_autoptr (SgVgpu) vgpu = NULL;
  g_autofree char *printers = NULL;
  g_autoptr (SgPlan) plan = NULL;
  const char *why_not;

  if (!sg_session_host_look (&host, error))
    {
      sg_session_host_clear (&host);
      return NULL;
    }
  if (request->grants != NULL && sg_grants_number (request->grants, SG_SETTING_VGPU) != 0)
    vgpu = sg_vgpu_find ("/", host.qemu, NULL, &why_not);
  if (request->grants != NULL && sg_grants_number (request->grants, SG_SETTING_PRINTERS) != 0)
    printers = sg_computer_printers (&why_not);
  host.printers = printers;
  host.render_node = vgpu != NULL ? vgpu->node : NULL;
  host.render_device = vgpu != NULL ? vgpu->device : NULL;
  plan = sg_plan_new (request, &host, &facts, accel, error);
  sg_session_host_clear (&host);
  if (plan == NULL || !look_at (plan->kernel, "The kernel that sandboxes boot", error)
      || !look_at (plan->initrd, "A part of the copy of this computer", error)
      || !look_at (plan->scratch_below, "A part of the copy of this computer", error))
    return NULL;
  return g_steal_pointer (&plan);
}
