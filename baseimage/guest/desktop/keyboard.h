/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyboard's layout: from the host's settings to the X server. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *model;   /* each of them "" when not set */
  char *layout;  /* "de", "us,ru" */
  char *variant; /* "nodeadkeys", ",phonetic" */
  char *options; /* "compose:caps" */
} SgKeyboard;

/* From ROOT/etc/default/keyboard, else ROOT/etc/vconsole.conf (its XKB words, else its console
 * keymap by systemd's table), else "us".  ROOT is "" for the running system.  Names that are not
 * made of the letters of XKB names are dropped: they end up in a configuration file. */
SgKeyboard *sg_keyboard_read (const char *root);

/* From words such as "de", "de nodeadkeys" or "us,ru"; an error for anything else. */
SgKeyboard *sg_keyboard_parse (const char *text, GError **error);

/* A section for xorg.conf; g_free(). */
char *sg_keyboard_section (const SgKeyboard *keyboard);

void sg_keyboard_free (SgKeyboard *keyboard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgKeyboard, sg_keyboard_free)
