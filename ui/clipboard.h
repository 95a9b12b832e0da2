/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clipboard broker of one sandbox's window: between the guest's clipboard agent (messages on
 * SPICE's main channel) and this computer's clipboard, by the rules of clipboard-policy.h.
 *
 * Every message of the agent's may be made up by a hostile guest; what it says is believed in
 * nothing but that the guest wants a clip, or has one.
 *
 * Signal "told" (text): a sentence for the person, why something did not pass.
 * Signal "locked" (gboolean): this computer's screen is locked now, or is not any more.
 * Signal "files" (uris, a GStrv): these files were pasted; they do not pass here (drop.h). */
#pragma once

#include "ui/clipboard-bar.h"
#include "ui/link.h"

#include <gtk/gtk.h>
#include <spice-client-gtk.h>

#define SG_TYPE_CLIPBOARD (sg_clipboard_get_type ())
G_DECLARE_FINAL_TYPE (SgClipboard, sg_clipboard, SG, CLIPBOARD, GObject)

/* LINK tells what is granted.  ACTIONS gets "paste" (the menu's Paste In), "paste-in" (a switch:
 * paste, never) and "copy-out" (ask, always, never).  BAR asks; while its window is hidden, all is
 * shut, and what was under way then is forgotten. */
SgClipboard *sg_clipboard_new (SgLink *link, GActionMap *actions, SgClipboardBar *bar);

/* Whether files may be copied in at all: granted, switched on, and nothing is shut. */
gboolean sg_clipboard_may_take_files (SgClipboard *clipboard);

/* From now on descriptor FD (clipboard-lock.h; taken) tells of this computer's screen lock; -1:
 * nobody does. */
void sg_clipboard_watch_lock (SgClipboard *clipboard, int fd);

/* The guest's side: each once, before the first message of the guest's, and when there is a
 * screen to paste into. */
void sg_clipboard_take_channel (SgClipboard *clipboard, SpiceSession *session,
                                SpiceMainChannel *channel);
/* Both are gone: the machine begins again.  New ones may be taken. */
void sg_clipboard_leave (SgClipboard *clipboard);

void sg_clipboard_take_screen (SgClipboard *clipboard, GtkWidget *screen);
