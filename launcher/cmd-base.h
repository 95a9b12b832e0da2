/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass base build|status|explain|left-out|remove`.  argv[0] is "base".  Returns an exit code
 * of common/report.h. */
#pragma once

int sg_cmd_base (int argc, char **argv);

/* Its parts; argv[0] is the second verb. */
int sg_cmd_base_build (int argc, char **argv);
int sg_cmd_base_status (int argc, char **argv);
int sg_cmd_base_explain (int argc, char **argv);
int sg_cmd_base_left_out (int argc, char **argv);
int sg_cmd_base_remove (int argc, char **argv);
