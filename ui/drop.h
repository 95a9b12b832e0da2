/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of this computer that a person pastes or drops onto a sandbox's window: named to the keeper,
 * which has the person asked and copies them in (put.h).  Not a byte of them comes here; this process
 * cannot open them.
 *
 * Signal "told" (text): a sentence for the person, why nothing is asked. */
#pragma once

#include "ui/clipboard.h"
#include "ui/keeper.h"
#include "ui/viewer-display.h"

#define SG_TYPE_DROP (sg_drop_get_type ())
G_DECLARE_FINAL_TYPE (SgDrop, sg_drop, SG, DROP, GObject)

/* Takes what is dropped on TARGET, and what CLIPBOARD's signal "files" says. */
SgDrop *sg_drop_new (SgViewerDisplay *target, SgClipboard *clipboard, SgKeeper *keeper);
