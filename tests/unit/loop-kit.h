/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests: turning the default main loop until something has happened. */
#pragma once

#include <gio/gio.h>

/* A GAsyncReadyCallback: DATA is a GAsyncResult **, which gets a reference to RESULT. */
void keep (GObject *source, GAsyncResult *result, gpointer data);

/* Turns the loop until the SIZE bytes (a pointer's at most) at WHAT are not all zero; fails the test
 * after a minute. */
void spin_until (const void *what, gsize size);
#define SPIN_UNTIL(field) spin_until (&(field), sizeof (field))
