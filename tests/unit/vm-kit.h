/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small real machine for tests: the installed kernel, busybox and a few modules; a shell on its
 * serial line.  It boots in some seconds, emulated. */
#pragma once

#include "launcher/clone.h"
#include "tests/unit/qmp-kit.h"

#define VM_KIT_DISK_BYTES (256ull << 20)
#define VM_KIT_RAM_BYTES (256ull << 20)

/* NULL where all is there; else what is missing. */
const char *vm_kit_missing (void);

/* Files for the machine in DIR: kernel is linked, "initrd" made, "base" an empty disk. */
void vm_kit_prepare (const char *dir);

typedef struct
{
  QmpKit qmp;
  int line; /* the serial line */
} VmKit;

/* DIR as above.  `ram` the memory's file, shared and writable, for a template; or NULL. */
void vm_kit_start_template (VmKit *vm, const char *dir, const char *ram);

/* A clone, in a confinement where `ram` is read-only; `preload`: with ram-preload.c or without. */
void vm_kit_start_clone (VmKit *vm, const char *dir, const char *ram, gboolean preload);
void vm_kit_stop (VmKit *vm);

/* Waits until its shell is there. */
void vm_kit_wait (VmKit *vm);

/* What the command prints inside; free with g_free(). */
char *vm_kit_run (VmKit *vm, const char *command);

void vm_kit_steps (VmKit *vm, SgQmpSteps *steps); /* they must succeed */
