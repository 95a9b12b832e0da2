/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the `sandglass` command line with --json and hands over what it prints, without ever
 * blocking.
 *
 * Signals:
 *   "line"  (JsonNode *)                 each line, for a command that prints one value a line
 *   "ended" (JsonNode *, SgProblem *)    once: the whole output as one value (NULL for a command
 *                                        read by lines), and what went wrong (NULL: nothing did)
 *
 * An exit code other than 0 is not by itself a problem: `doctor` and `base status` report a state
 * with it. No output that can be read is one. */
#pragma once

#include <json-glib/json-glib.h>

#define SG_TYPE_COMMAND (sg_command_get_type ())
G_DECLARE_FINAL_TYPE (SgCommand, sg_command, SG, COMMAND, GObject)

/* Starts `sandglass ARGUMENTS…`.  `by_lines`: see above.  Problems of starting come as "ended",
 * from the main loop.  The object keeps itself alive until then; the caller owns one reference. */
SgCommand *sg_command_start (const char *const *arguments, gboolean by_lines);

/* Asks it to stop (as Ctrl+C does); "ended" follows when it has. */
void sg_command_cancel (SgCommand *command);
