/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP without a machine that never loses anything by itself: what a guest would do with one
 * connection. */
#pragma once

#include "tests/net/starter.h"

/* Bytes a second that the sink (TCP 9) at TO acknowledged; FROM: a port not used before. */
double stream_upload (Net *net, const char *to, guint16 from, double seconds);

/* Bytes a second that came from the source (TCP 19) at TO. */
double stream_download (Net *net, const char *to, guint16 from, double seconds);
