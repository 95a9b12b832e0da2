/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/leave-key.h"

#include <glib/gi18n.h>

static const SgLeaveKey keys[] = {
  { "right-ctrl", N_ ("Right Ctrl"), "Control_R" },
  { "ctrl-alt", N_ ("Ctrl+Alt"), "Control_L+Alt_L" },
  { "scroll-lock", N_ ("Scroll Lock"), "Scroll_Lock" },
  { "pause", N_ ("Pause"), "Pause" },
  { NULL, NULL, NULL },
};

const SgLeaveKey *
sg_leave_key_all (void)
{
  return keys;
}

const SgLeaveKey *
sg_leave_key_find (const char *name)
{
  for (const SgLeaveKey *key = keys; key->name != NULL; key++)
    if (g_strcmp0 (key->name, name) == 0)
      return key;
  return &keys[0];
}
