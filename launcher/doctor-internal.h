/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor's files share: the host to look at, and the checks' functions. */
#pragma once

#include "launcher/doctor.h"

/* `finding` comes with id, title, need, and met = FALSE; the function sets `met` and `found`, and
 * may set `means` and `mend` where it knows better than the check's row. */
typedef void (*SgLook) (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);

/* doctor-host.c: PATH below the host's root, files, environment, programs. */

/* Full path of PROGRAM, or NULL.  Free with g_free(). */
char *sg_host_program (const SgDoctorHost *host, const char *program);
/* PATH below the host's root.  Free with g_free(). */
char *sg_host_path (const SgDoctorHost *host, const char *path);
/* The file's contents without trailing blanks, or NULL.  Free with g_free(). */
char *sg_host_read (const SgDoctorHost *host, const char *path);
/* NULL when it is unset or empty. */
const char *sg_host_getenv (const SgDoctorHost *host, const char *name);
/* Runs a program for at most 10 s.  Returns its exit status (-1: could not be run, or was killed)
 * and what it wrote on both streams, at most 4 KiB, fit for a terminal. */
int sg_host_run (const char *const *argv, GCancellable *cancellable, char **ret_output);

/* doctor-packages.c: the command that installs TOOL ("qemu", "nbdkit", …) with this distribution's
 * package manager; NULL where the distribution is unknown.  Free with g_free(). */
char *sg_host_install (const SgDoctorHost *host, const char *tool);

/* doctor-programs.c */
void sg_look_qemu (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_qemu_spice (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_qemu_display (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_nbdkit (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_bubblewrap (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_namespaces (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_kernel (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_xorg (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void
sg_look_window_manager (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_vdagent (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_mke2fs (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);

/* doctor-devices.c */
void sg_look_vgpu (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_printers (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);

/* doctor-computer.c */
void
sg_look_virtualization (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_memory (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_disk (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_scratch (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_swap (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_hibernation (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void
sg_look_runtime_directory (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
void sg_look_display (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable);
