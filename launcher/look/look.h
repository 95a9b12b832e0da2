/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sandglass-look finds out about the desktop that it is started from. */
#pragma once

#include <gio/gio.h>

#define LOOK_GROUP "look"
#define LOOK_INTERFACE "org.gnome.desktop.interface"

/* The person's own value of KEY, of TYPE; NULL where there is no such schema or key, or where nobody
 * has set it.  Free with g_variant_unref(). */
GVariant *look_setting (const char *schema, const char *key, const char *type);

/* Each adds what it knows to FILE's group LOOK_GROUP, and leaves out what it does not know.
 * look-screen.c: size of text, pointer, dark style.  look-keys.c: keyboard, input method. */
void look_screen (GKeyFile *file);
void look_keys (GKeyFile *file);

/* All of it, as a key file; free with g_free(). */
char *look_text (void);

/* Prints it and stays (look-watch.c); an exit code. */
int look_watch (void);
