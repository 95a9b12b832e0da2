/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's system call filter. */
#pragma once

#include <gio/gio.h>

/* From here on only what relay-confine.c lists is allowed, for all threads made later; call it with
 * one thread.  A build with AddressSanitizer gets no filter. */
gboolean sg_relay_confine (GError **error);
