/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Says on the console what is wrong (as printf) and switches the machine off. */
__attribute__ ((noreturn, format (printf, 1, 2))) void sg_die (const char *format, ...);
