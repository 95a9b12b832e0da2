#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A window that waits with a ready sandbox, where that is taken without it, or the app ends: it goes without a word.
KIT=$(dirname "$0")/../ui MORE=yes
. "$KIT/window-waits.sh"
