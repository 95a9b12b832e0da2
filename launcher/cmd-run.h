/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass run`: argv[0] is "run".  Returns the command's exit code, or one of common/report.h.
 */
#pragma once

int sg_cmd_run (int argc, char **argv);
