/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The method Picture: what the sandbox's screen shows now, for a thumbnail. */
#pragma once

#include "launcher/session-machine.h"

/* A memory file with the screen as QEMU writes it (PPM); -1 on error.  What is in it comes from a
 * process that the guest can take over: whoever reads it bounds and checks. */
void sg_machine_picture_async (SgMachine *machine, GAsyncReadyCallback callback, gpointer data);
int sg_machine_picture_finish (GAsyncResult *result, GError **error);
