# SPDX-License-Identifier: GPL-2.0-or-later
# "Open in Sandbox" and "Edit in Sandbox…" in Nautilus' and Caja's own menus, where their bindings for
# Python are installed (nautilus-python, python-caja).  It starts `sandglass open` and holds nothing
# else; without the bindings, Open With > Sandglass does the same.
import gettext

from gi.repository import Gio, GObject

try:
    from gi.repository import Nautilus as Files
except ImportError:
    from gi.repository import Caja as Files

_ = gettext.translation("sandglass", fallback=True).gettext


class Sandglass(GObject.GObject, Files.MenuProvider):
    def get_file_items(self, *arguments):
        # Older versions give the window first.
        files = arguments[-1]
        paths = [file.get_location().get_path() for file in files if not file.is_directory()]
        if len(paths) != len(files) or None in paths or not paths:
            return []
        return [
            self.item("Sandglass::view", _("Open in Sandbox"), [], paths),
            self.item("Sandglass::edit", _("Edit in Sandbox…"), ["--edit"], paths),
        ]

    def item(self, name, label, options, paths):
        item = Files.MenuItem(name=name, label=label, icon="org.sandglass.Sandglass")
        item.connect("activate", self.start, options, paths)
        return item

    def start(self, item, options, paths):
        Gio.Subprocess.new(["sandglass", "open", *options, "--", *paths], Gio.SubprocessFlags.NONE)
