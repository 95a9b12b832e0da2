/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-usb.h"

#include "ui/stand-on.h"
#include "ui/usb-facts.h"

#include <glib/gi18n.h>

void
sg_viewer_usb_changed (SgViewerWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "usb");
  g_auto (SgUsbLight) light = { 0 };

  sg_usb_light_init (&light, sg_link_grants (self->link), sg_link_usb_devices (self->link));
  sg_viewer_bar_show_usb (self->bar, &light);
  sg_viewer_bar_show_usb (self->edge_bar, &light);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), light.granted && self->keeper != NULL
                                                             && sg_viewer_shows_screen (self));
}

void
sg_viewer_usb_show (SgViewerWindow *self)
{
  if (self->keeper == NULL || self->link == NULL || self->failed || self->closing
      || sg_link_is_over (self->link))
    return;
  if (self->asking)
    {
      sg_viewer_hint (self, _ ("Close this sandbox's other window first."));
      return;
    }
  self->asking = TRUE;
  sg_viewer_display_leave (self->screen);
  sg_keeper_ask_async (self->keeper, SG_ASK_USB, sg_window_number (GTK_WIDGET (self)),
                       sg_viewer_other_window_closed, g_object_ref (self));
}
