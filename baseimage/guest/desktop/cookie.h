/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The secret that lets a program draw on the X server (MIT-MAGIC-COOKIE-1). */
#pragma once

#include <gio/gio.h>

#define SG_COOKIE_BYTES 16

/* Fresh random bytes from the kernel. */
gboolean sg_cookie_new (guint8 cookie[SG_COOKIE_BYTES], GError **error);

/* The contents of an authority file with that one cookie, for any display and any host name. */
GBytes *sg_cookie_file (const guint8 cookie[SG_COOKIE_BYTES]);

/* Puts CONTENTS at PATH, mode 0600, in one step (written aside and renamed). */
gboolean sg_cookie_write (const char *path, GBytes *contents, GError **error);
