# SPDX-License-Identifier: GPL-2.0-or-later
# Inside a sandbox: a window over all of the screen that pastes at Ctrl+V, and says how much it got.
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk

clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)


def pasted(clipboard, text):
    print("got", len(text or ""), flush=True)


def pressed(window, event):
    if event.keyval == Gdk.KEY_v and event.state & Gdk.ModifierType.CONTROL_MASK:
        clipboard.request_text(pasted)
    return True


window = Gtk.Window()
window.connect("key-press-event", pressed)
window.connect("focus-in-event", lambda *_: print("there", flush=True))
window.fullscreen()
window.present()
Gtk.main()
