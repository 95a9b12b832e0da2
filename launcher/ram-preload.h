/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where QEMU's confinement has a template's memory file, and what helps QEMU before 8.2 to open it
 * (see ram-preload.c): bound at SG_INSIDE_RAM_PRELOAD, named in LD_PRELOAD. */
#pragma once

#define SG_INSIDE_RAM "/sandbox/ram"
#define SG_INSIDE_RAM_PRELOAD "/sandbox/sandglass-ram-preload.so"
#define SG_RAM_PRELOAD "sandglass-ram-preload.so" /* for sg_paths_program() */
