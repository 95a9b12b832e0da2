/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's agent for tests, written from protocol.h alone: answers hello and calls, and really
 * runs commands (on this computer, without a terminal). */
#pragma once

#include <glib.h>

/* Forks a process that serves the agent's port `fd` until it closes.  The caller keeps its own
 * copy. */
GPid fake_guest_start (int fd);
