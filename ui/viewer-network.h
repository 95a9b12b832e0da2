/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network's switch in the sandbox window: the action view.network (a mode), and the menu under
 * the globe.  What the administrator denies stands in it, with the reason, and cannot be chosen.
 *
 * Signals:
 *   "changed"        menu, label or icon are other ones
 *   "told" (char *)  a switch failed, in words for the person
 */
#pragma once

#include "ui/link.h"

#define SG_TYPE_VIEWER_NETWORK (sg_viewer_network_get_type ())
G_DECLARE_FINAL_TYPE (SgViewerNetwork, sg_viewer_network, SG, VIEWER_NETWORK, GObject)

/* Adds the action to ACTIONS. */
SgViewerNetwork *sg_viewer_network_new (SgLink *link, GActionMap *actions);

/* NULL until the session has told: no switch is shown. */
const char *sg_viewer_network_label (SgViewerNetwork *network);
const char *sg_viewer_network_icon (SgViewerNetwork *network);
/* Whether there is anything to cut off. */
gboolean sg_viewer_network_is_on (SgViewerNetwork *network);
/* "Set by your administrator (...)."; NULL: everything can be chosen. */
const char *sg_viewer_network_administrator (SgViewerNetwork *network);
GMenuModel *sg_viewer_network_menu (SgViewerNetwork *network);
