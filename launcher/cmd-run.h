/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass run|start|exec|shell|open FILE.wsb`: argv[0] is the verb.  Each returns the command's
 * exit code, or one of common/report.h. */
#pragma once

int sg_cmd_run (int argc, char **argv);
int sg_cmd_start (int argc, char **argv);
int sg_cmd_exec (int argc, char **argv);
int sg_cmd_shell (int argc, char **argv);

/* `open FILE.wsb`, and `sandglass FILE.wsb`: opens a sandbox as the profile asks, in its window. */
int sg_cmd_open_profile (int argc, char **argv);
