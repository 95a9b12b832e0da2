#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The promise of tests/e2e/clones-are-unique.sh with twenty at once.
CLONES=20 exec "$(dirname "$0")/../e2e/clones-are-unique.sh"
