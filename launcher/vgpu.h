/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 3D inside by this computer's graphics card (virgl): whether this computer can, and with what.
 *
 * The guest's commands for 3D are carried out by virglrenderer and Mesa in QEMU, which needs the
 * card's render node for it: a weaker wall, so nothing of this is looked for, or there, unless it
 * is granted. */
#pragma once

#include <glib.h>

/* Runs a program; its exit status (-1: could not be run), what it wrote on both streams. */
typedef int (*SgVgpuRun) (const char *const *argv, char **ret_output);

typedef struct
{
  char *node;   /* owned: /dev/dri/renderD128 */
  char *device; /* owned: the card's directory in sysfs, by which Mesa finds its driver; or NULL */
  const char *driver; /* interned: the kernel's name of its driver; or NULL: not known */
} SgVgpu;

/* NULL with the reason in *ret_why_not (static, goes on after "not possible here: ").  ROOT: below
 * it /dev and /sys are looked at ("/").  QEMU: the program; NULL: not installed.  RUN: NULL for the
 * usual one, which gives up after some seconds. */
SgVgpu *sg_vgpu_find (const char *root, const char *qemu, SgVgpuRun run, const char **ret_why_not);
void sg_vgpu_free (SgVgpu *vgpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgVgpu, sg_vgpu_free)
