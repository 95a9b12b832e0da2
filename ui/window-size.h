/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The size of a saved sandbox's window, for the next time it is opened.
 *
 * It is a setting of the saved sandbox, kept beside it: one line of two numbers in the file
 * "windows" of the person's configuration.  A sandbox that is not saved leaves nothing there, and
 * what is deleted is dropped with the next one that is written. */
#pragma once

#include <glib.h>

#define SG_WINDOW_LEAST 240 /* pixels; as windows count them */
#define SG_WINDOW_MOST 16384

/* What the saved sandbox in the file PROFILE is called there; NULL: it is not one of those that are
 * saved.  Free with g_free(). */
char *sg_window_size_name (const char *profile);

/* FALSE: there is none, or none that makes sense. */
gboolean sg_window_size_load (const char *name, int *ret_width, int *ret_height);

/* FALSE with an error where it cannot be written, or does not make sense. */
gboolean sg_window_size_save (const char *name, guint width, guint height, GError **error);
