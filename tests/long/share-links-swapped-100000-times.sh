#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A hostile guest swaps a shared folder for a link, 100,000 times between check and use, while others of
# its programs go through that name: nothing outside is read or changed.  `make check` does 400 of them,
# and 100,000 against the index alone (unit/test-share-index).  Seven minutes to an hour under emulation.
# timeout: 10800
set -eu
SWAPS=${SWAPS:-100000} SWAP_SEC=${SWAP_SEC:-10000} exec "$(dirname "$0")/../e2e/share-writable-stays-in-its-folder.sh"
