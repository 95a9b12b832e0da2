/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the person's desktop looks and is typed on, taken over inside (element `DesktopLook`).
 *
 * Found out by a program of its own (launcher/look/), because the display and the settings are asked.
 * What it prints is believed as far as it is checked here: numbers within bounds, names of a few
 * letters and digits.  Nothing else of the desktop goes inside, and what is as usual is not said. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  gboolean dark;
  guint text_percent;       /* 50 to 300; 0: as usual */
  guint scale;              /* 2 or 3; 0: as usual */
  char *pointer_theme;      /* NULL: as usual */
  guint pointer_size;       /* 16 to 128; 0: as usual */
  char *keyboard, *options; /* "us,de:,nodeadkeys" and XKB options; NULL: not known */
  char *input_method;       /* "ibus" or "fcitx"; or NULL */
  char **engines;           /* of ibus; never NULL */
} SgLook;

/* From a key file's text; never fails: what makes no sense is left out. */
SgLook *sg_look_parse (const char *text);
void sg_look_free (SgLook *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgLook, sg_look_free)

/* Adds it to DICT, settings for the agent.  KEYBOARD: that one too. */
void sg_look_settings (const SgLook *look, gboolean keyboard, GVariantDict *dict);

/* The same without the keyboard, for a desktop that has changed: also what is as usual again is said,
 * by its absence.  Floating, a dictionary. */
GVariant *sg_look_again (const SgLook *look);
