/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass doctor [--json]`.  Returns 0 when everything required is met, 1 when not, 2 for a command
 * line that is not understood. */
#pragma once

int sg_cmd_doctor (int argc, char **argv);
