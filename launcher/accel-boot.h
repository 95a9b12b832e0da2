/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot behind the accelerator probe (accel.h): one machine, until its userspace speaks. */
#pragma once

#include <gio/gio.h>

/* What QEMU exits with when accel-init.c has spoken. */
#define SG_ACCEL_BOOT_ALIVE ((0x2a << 1) | 1)

/* QEMU's arguments for booting KERNEL with the initramfs in descriptor INITRD_FD (as QEMU sees it).
 * `accel`: "kvm" with the host's CPU model, or "tcg".  Pure.  Free with g_strfreev(). */
char **
sg_accel_boot_arguments (const char *qemu, const char *kernel, const char *accel, int initrd_fd);

/* Boots and waits for at most `deadline_msec`.  The machine dies with this process and when
 * cancelled; it is spawned from the calling thread. */
void sg_accel_boot_async (const char *qemu, const char *kernel, const char *accel,
                          guint deadline_msec, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer data);

/* TRUE when userspace was reached.  Otherwise FALSE with G_IO_ERROR_TIMED_OUT,
 * G_IO_ERROR_CANCELLED, or G_IO_ERROR_FAILED whose message is the first line of what QEMU said. */
gboolean sg_accel_boot_finish (GAsyncResult *result, GError **error);
