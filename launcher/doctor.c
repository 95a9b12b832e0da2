/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/doctor-internal.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *id, *title;
  SgNeed need;
  SgLook look;
  const char *means; /* said when it is not met */
  const char *tool;  /* row of doctor-packages.c that mends it; NULL: not by installing */
} Check;

static const Check checks[] = {
  { "qemu", N_ ("QEMU 7.2 or newer"), SG_NEED_REQUIRED, sg_look_qemu,
    N_ ("QEMU is the machine a sandbox runs in; without it none can start."), "qemu" },
  { "qemu-spice", N_ ("QEMU's SPICE module"), SG_NEED_REQUIRED, sg_look_qemu_spice,
    N_ ("The sandbox's screen is shown through it; without it none can start."), "qemu-spice" },
  { "qemu-display", N_ ("QEMU's virtio-vga module"), SG_NEED_REQUIRED, sg_look_qemu_display,
    N_ ("It is the sandbox's graphics card; without it none can start."), "qemu-display" },
  { "nbdkit", N_ ("nbdkit 1.32 or newer"), SG_NEED_REQUIRED, sg_look_nbdkit,
    N_ ("It lends this computer's programs to the sandbox, read-only; without it none can start."),
    "nbdkit" },
  { "bubblewrap", N_ ("bubblewrap, not setuid"), SG_NEED_REQUIRED, sg_look_bubblewrap,
    N_ ("It locks every part of a sandbox in; without it none is started."), "bubblewrap" },
  { "user-namespaces", N_ ("User namespaces for this user"), SG_NEED_REQUIRED, sg_look_namespaces,
    N_ ("bubblewrap needs them to lock the parts of a sandbox in; without them none is started."),
    NULL },
  { "kernel", N_ ("A kernel with its modules, readable"), SG_NEED_REQUIRED, sg_look_kernel,
    N_ ("The sandbox boots this computer's own installed kernel; without one none can start."),
    "kernel" },
  { "mke2fs", "mke2fs", SG_NEED_REQUIRED, sg_look_mke2fs,
    N_ ("It prepares the sandbox's empty disk when the base is built."), "mke2fs" },
  { "virtualization", N_ ("Hardware virtualization"), SG_NEED_RECOMMENDED, sg_look_virtualization,
    NULL, NULL },
  { "xorg", N_ ("X server (Xorg)"), SG_NEED_RECOMMENDED, sg_look_xorg,
    N_ ("The desktop inside needs it; without it only `sandglass run` works, in the terminal."),
    "xorg" },
  { "window-manager", N_ ("A small window manager"), SG_NEED_RECOMMENDED, sg_look_window_manager,
    N_ ("Without it windows inside have no frame and cannot be moved."), "window-manager" },
  { "vdagent", "spice-vdagent", SG_NEED_RECOMMENDED, sg_look_vdagent,
    N_ ("Without it the desktop inside does not follow the window's size, and copy and paste "
        "between "
        "inside and outside does not work."),
    "vdagent" },
  { "vgpu", N_ ("3D by the graphics card"), SG_NEED_ADVICE, sg_look_vgpu,
    N_ ("A saved sandbox that asks for it (vGPU) opens with pictures computed by the processor. "
        "Nothing "
        "else needs it, and the wall around a sandbox is stronger without."),
    NULL },
  { "printers", N_ ("Printers"), SG_NEED_ADVICE, sg_look_printers,
    N_ ("A saved sandbox that asks for your printers (PrinterRedirection) opens without; print to "
        "a file "
        "and save it."),
    NULL },
  { "memory", N_ ("Memory"), SG_NEED_RECOMMENDED, sg_look_memory,
    N_ ("A sandbox starts with 1.5 GB; with less free, this computer becomes slow while one runs."),
    NULL },
  { "disk", N_ ("Disk room"), SG_NEED_REQUIRED, sg_look_disk,
    N_ ("Building the base needs about 100 MB, and what is saved inside a sandbox needs room while "
        "it "
        "runs."),
    NULL },
  { "scratch", N_ ("A place for nameless files"), SG_NEED_RECOMMENDED, sg_look_scratch,
    N_ ("What a sandbox writes then stays in memory only: it is gone at the end all the same, but "
        "the "
        "sandbox's disk is small."),
    NULL },
  { "swap", N_ ("Swap that leaves no trace"), SG_NEED_ADVICE, sg_look_swap,
    N_ ("Pieces of a sandbox's memory can be written to the swap and be found there later."),
    NULL },
  { "hibernation", N_ ("No hibernation to plain disk"), SG_NEED_ADVICE, sg_look_hibernation,
    N_ ("Hibernating while a sandbox runs writes its memory to disk."), NULL },
  { "runtime-directory", N_ ("Runtime directory"), SG_NEED_RECOMMENDED, sg_look_runtime_directory,
    N_ ("The sandbox's sockets then live below /tmp, in a directory that only this user can open."),
    NULL },
  { "display", N_ ("A display for the app"), SG_NEED_RECOMMENDED, sg_look_display,
    N_ ("The window cannot open here; `sandglass run -- COMMAND` works in this terminal."), NULL },
};

const char *
sg_need_name (SgNeed need)
{
  static const char *const names[] = { "required", "recommended", "advice" };

  return names[need];
}

void
sg_finding_free (SgFinding *finding)
{
  if (finding == NULL)
    return;
  g_free (finding->found);
  g_free (finding->means);
  g_free (finding->mend);
  g_free (finding);
}

static SgFinding *
look (const SgDoctorHost *host, const Check *check, GCancellable *cancellable)
{
  SgFinding *finding = g_new0 (SgFinding, 1);

  finding->id = check->id;
  finding->title = _ (check->title);
  finding->need = check->need;
  check->look (host, finding, cancellable);
  if (!finding->met && finding->means == NULL && check->means != NULL)
    finding->means = g_strdup (_ (check->means));
  if (!finding->met && finding->mend == NULL && check->tool != NULL)
    finding->mend = sg_host_install (host, check->tool);
  return finding;
}

GPtrArray *
sg_doctor_run (const SgDoctorHost *host, gboolean essential_only, GCancellable *cancellable)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_finding_free);

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!g_cancellable_is_cancelled (cancellable)
        && (!essential_only || checks[i].need == SG_NEED_REQUIRED))
      g_ptr_array_add (findings, look (host, &checks[i], cancellable));
  return findings;
}

SgFinding *
sg_doctor_check (const SgDoctorHost *host, const char *id, GCancellable *cancellable)
{
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (g_str_equal (checks[i].id, id))
      return look (host, &checks[i], cancellable);
  return NULL;
}

gboolean
sg_doctor_fine (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const SgFinding *finding = g_ptr_array_index (findings, i);
      if (finding->need == SG_NEED_REQUIRED && !finding->met)
        return FALSE;
    }
  return TRUE;
}
