/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a saved sandbox can be granted and not every computer has. */
#include "launcher/doctor-internal.h"

#include "launcher/vgpu.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>

void
sg_look_vgpu (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *qemu = sg_host_program (host, "qemu-system-x86_64");
  const char *root = host->root != NULL ? host->root : "/", *why_not;
  g_autoptr (SgVgpu) vgpu = sg_vgpu_find (root, qemu, NULL, &why_not);

  finding->met = vgpu != NULL;
  if (vgpu != NULL)
    finding->found
        = g_strdup_printf ("%s%s%s", vgpu->node, vgpu->driver != NULL ? _ (", driver ") : "",
                           vgpu->driver != NULL ? vgpu->driver : "");
  else
    finding->found = g_strdup (why_not);
  if (vgpu == NULL && strstr (why_not, "module") != NULL)
    finding->mend = sg_host_install (host, "qemu-gl");
}

void
sg_look_printers (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *path = sg_host_path (host, "/run/cups/cups.sock");
  struct stat st;

  finding->met = stat (path, &st) == 0 && S_ISSOCK (st.st_mode);
  finding->found = g_strdup (finding->met ? _ ("the print service (CUPS) runs")
                                          : _ ("the print service (CUPS) does not run"));
}
