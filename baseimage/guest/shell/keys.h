/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that work everywhere: the Super key by itself, and Alt+F1. */
#pragma once

#include <gtk/gtk.h>

typedef struct SgKeys SgKeys;

/* MENU (DATA, timestamp) is called when the key for the menu was pressed.  sg_keys_free(). */
SgKeys *sg_keys_new (void (*menu) (gpointer data, guint32 timestamp), gpointer data);
void sg_keys_free (SgKeys *keys);
