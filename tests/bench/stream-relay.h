/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A relay that decides nothing: what any process between a machine and passt costs at least. */
#pragma once

#include <glib.h>

/* A process that passes on whatever comes, between A and B (both kept), as well as read and write
 * can: a mebibyte at a time. It ends when one of them closes. */
GPid stream_relay_start (int a, int b);
