/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which accelerator a machine of ours can really use: found out by booting one.
 *
 * /dev/kvm can exist, open, create machines, and still not work (nested clouds): QEMU aborts with
 * `-cpu host`, or the guest hangs silently in early boot.  So "kvm" is said only when the host's
 * own kernel pair has reached userspace under `-M q35,accel=kvm -cpu host -smp 2` before a
 * deadline. Without /dev/kvm, or without the right to open it, the answer is "tcg" at once.
 *
 * The outcome is kept in CACHE/accelerator, bound to the host's kernel, QEMU's file (path, size,
 * mtime), the CPU model and /dev/kvm's identity; "does not work" also to this boot of the host, so
 * that one overloaded minute is not remembered for ever. */
#pragma once

#include <gio/gio.h>

typedef enum
{
  SG_ACCEL_TCG,
  SG_ACCEL_KVM
} SgAccelKind;

typedef struct
{
  SgAccelKind kind;
  char *reason;     /* owned: one or two sentences for a person: what it is, why, what it means */
  char *fix;        /* owned: the command that would change it; NULL where there is none */
  gboolean cached;  /* known from before; nothing was booted */
  gint64 took_usec; /* what the probing boot took; 0 without one */
} SgAccel;

void sg_accel_free (SgAccel *accel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgAccel, sg_accel_free)

/* "kvm" or "tcg". */
const char *sg_accel_name (SgAccelKind kind);

typedef struct
{
  const char *qemu;    /* absolute path; NULL: qemu-system-x86_64 from PATH */
  const char *kernel;  /* vmlinuz to boot; NULL: the pair a base would use (sg_kernel_find) */
  const char *cache;   /* directory; NULL: sg_paths_cache () */
  const char *device;  /* NULL: "/dev/kvm" */
  gboolean fresh;      /* do not believe the cache (doctor) */
  guint deadline_msec; /* of the boot; 0: 10 s */
} SgAccelOptions;

/* Finds out without blocking.  The probing machine is spawned from, and reported to, the calling
 * thread's main context; it dies with this process.  `options` may be NULL and is not kept. */
void sg_accel_probe_async (const SgAccelOptions *options, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);

/* Returns the outcome; free with sg_accel_free().  A machine without KVM is an outcome, not an
 * error: NULL only for G_IO_ERROR_CANCELLED, and where QEMU or a kernel to boot is missing. */
SgAccel *sg_accel_probe_finish (GAsyncResult *result, GError **error);

/* The same, blocking. */
SgAccel *sg_accel_probe (const SgAccelOptions *options, GCancellable *cancellable, GError **error);

/* What is known without booting anything (well under 1 ms): "tcg" because of a missing or closed
 * /dev/kvm, or the remembered outcome.  NULL without an error when only a boot could tell. */
SgAccel *sg_accel_peek (const SgAccelOptions *options);
