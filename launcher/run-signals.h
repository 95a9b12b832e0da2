/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals of the person (Ctrl+C, kill, a resized terminal) as calls in the main loop. */
#pragma once

#include <glib.h>

/* Called in the main loop, once per signal that came. */
typedef void (*SgSignalFunc) (int number, gpointer data);

/* From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH and SIGCONT arrive at
 * `func` and do nothing else; programs started later get them as usual.  Once per process. */
void sg_signals_watch (SgSignalFunc func, gpointer data);
