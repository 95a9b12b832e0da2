/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When all is read: settings that more than one element speaks about, and the notes in their order.
 */
#include "policies/profile-internal.h"

/* Networking switches the network on and off; NetworkMode says which. */
static void
settle_network (SgReading *reading)
{
  SgAsked *mode = &reading->profile->settings[SG_SETTING_NETWORK];
  SgPlace place = { reading->networking.line, reading->networking.column };

  if (reading->networking.value == 0)
    {
      if (mode->asked && mode->value != SG_NETWORK_NONE)
        sg_reading_note (reading, SG_NOTE_CHANGED, (SgPlace){ mode->line, mode->column },
                         "%s has no effect: <Networking> is off (line %u)", mode->as_written,
                         place.line);
      sg_asked_clear (mode);
      sg_reading_ask (reading, SG_SETTING_NETWORK, SG_NETWORK_NONE, NULL,
                      g_strdup ("Networking=Disable"), place);
    }
  else if (!mode->asked && reading->profile->hosts->len > 0)
    {
      /* A list of hosts alone means these and no others. */
      const SgAskedHost *first = reading->profile->hosts->pdata[0];
      sg_reading_ask (reading, SG_SETTING_NETWORK, SG_NETWORK_ALLOWLIST, NULL,
                      g_strdup ("AllowedHosts"), (SgPlace){ first->line, first->column });
    }
  else if (reading->networking.value == 1 && !mode->asked)
    sg_reading_ask (reading, SG_SETTING_NETWORK, SG_NETWORK_INTERNET, NULL,
                    g_strdup ("Networking=Enable"), place);
}

/* ClipboardRedirection: off closes both ways.  Clipboard/Direction: which.  Clipboard/Ask: how. */
static void
settle_clipboard (SgReading *reading)
{
  gboolean off = reading->clipboard.value == 0, on = reading->clipboard.value == 1;
  gboolean directed = reading->direction_in.value >= 0;
  const char *rule = off        ? "ClipboardRedirection=Disable"
                     : directed ? "Clipboard/Direction"
                                : "ClipboardRedirection=Enable";
  SgPlace place = directed && !off
                      ? (SgPlace){ reading->direction_in.line, reading->direction_in.column }
                      : (SgPlace){ reading->clipboard.line, reading->clipboard.column };

  if (off || on || directed)
    {
      gboolean in = !off && reading->direction_in.value != 0;
      sg_reading_ask (reading, SG_SETTING_CLIPBOARD_IN, in ? SG_CLIPBOARD_PASTE : SG_CLIPBOARD_OFF,
                      NULL, g_strdup (rule), place);
    }
  if (reading->ask.value >= 0 && !off && reading->direction_out.value != 0)
    sg_reading_ask (reading, SG_SETTING_CLIPBOARD_OUT,
                    reading->ask.value ? SG_CLIPBOARD_ASK : SG_CLIPBOARD_ALLOW, NULL,
                    g_strdup_printf ("Clipboard/Ask=%s", reading->ask.value ? "true" : "false"),
                    (SgPlace){ reading->ask.line, reading->ask.column });
  else if (off || on || directed)
    {
      gboolean out = !off && reading->direction_out.value != 0;
      sg_reading_ask (reading, SG_SETTING_CLIPBOARD_OUT, out ? SG_CLIPBOARD_ASK : SG_CLIPBOARD_OFF,
                      NULL, g_strdup (rule), place);
    }
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const SgNote *x = *(SgNote *const *)a, *y = *(SgNote *const *)b;

  if (x->line != y->line)
    return x->line < y->line ? -1 : 1;
  return (x->column > y->column) - (x->column < y->column);
}

void
sg_reading_settle (SgReading *reading)
{
  settle_network (reading);
  settle_clipboard (reading);
  g_ptr_array_sort (reading->profile->notes, compare_places);
  if (reading->notes_left_out > 0)
    sg_profile_add_note (reading->profile, SG_NOTE_IGNORED, (SgPlace){ 0, 0 },
                         g_strdup_printf ("%u more remarks are left out", reading->notes_left_out));
}
