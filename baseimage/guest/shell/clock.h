/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one thing in the shell that wakes up by itself: once a minute, when the minute changes. */
#pragma once

#include <glib.h>

/* Calls TICK (DATA) now, at the start of every minute of the wall clock, and at once when the wall
 * clock is set (a clone wakes with the template's time, then the agent sets it).  Returns a source
 * that is attached to the default context: destroy and unref it to stop. */
GSource *sg_clock_new (void (*tick) (gpointer data), gpointer data);

/* Seconds from NOW_US (microseconds since the epoch) to the next full minute, 1 to 60. */
guint sg_clock_seconds_left (gint64 now_us);
