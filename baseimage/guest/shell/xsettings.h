/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs on X11 are told of fonts, themes and the pointer (XSETTINGS): GTK follows it at once,
 * also in programs that run already. */
#pragma once

#include <glib.h>

/* A block of settings in the form of the specification, to be filled. */
typedef struct SgXsettings SgXsettings;

SgXsettings *sg_xsettings_new (guint32 serial);
void sg_xsettings_add_number (SgXsettings *settings, const char *name, gint32 value);
void sg_xsettings_add_text (SgXsettings *settings, const char *name, const char *value);
/* Frees SETTINGS; the bytes are for g_byte_array_unref(). */
GByteArray *sg_xsettings_end (SgXsettings *settings);
