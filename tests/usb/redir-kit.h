/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs share that stand where sandglass-usbgate does: the usbredir protocol's host side on
 * the descriptors that the session gives a gate. */
#pragma once

#include <usbredirparser.h>

#define REDIR_MACHINE 3
#define REDIR_DEVICE 4

/* A parser that reads from and writes to the machine, and ends the program with words when the
 * machine's filter refuses the device.  What it plays is the caller's: the other functions. */
struct usbredirparser *redir_kit_new (void);

/* Begins as NAME, with one more capability than all have (MORE; -1: none), and returns when the
 * machine has gone. */
void redir_kit_run (struct usbredirparser *parser, const char *name, int more);
