/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shell says and asks. */
#pragma once

#include <gtk/gtk.h>

/* Shows a message with a Close button; returns at once. */
void sg_message (const char *headline, const char *text);

/* Asks, once at a time; YES (DATA) is called when the person presses ACTION.  Escape, closing the
 * window and Enter mean no. */
void sg_ask (const char *headline, const char *text, const char *no, const char *action,
             void (*yes) (gpointer data), gpointer data);
