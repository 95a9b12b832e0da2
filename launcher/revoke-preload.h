/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where QEMU's confinement has the library that lets go of a folder's files (revoke-preload.c), and
 * what it is told: the signal SG_REVOKE_SIGNAL with the number of a mount as its value. */
#pragma once

#include "launcher/ram-preload.h"

#include <signal.h>

#define SG_REVOKE_PRELOAD "sandglass-revoke-preload.so" /* for sg_paths_program() */
#define SG_INSIDE_REVOKE_PRELOAD "/sandbox/sandglass-revoke-preload.so"
/* Both of ours, for LD_PRELOAD. */
#define SG_INSIDE_BOTH_PRELOADS SG_INSIDE_RAM_PRELOAD ":" SG_INSIDE_REVOKE_PRELOAD

/* QEMU and its libraries use none of the real-time signals. */
#define SG_REVOKE_SIGNAL (SIGRTMIN + 5)
