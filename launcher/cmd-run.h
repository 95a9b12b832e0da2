/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass run|start|exec|shell`: argv[0] is the verb.  Each returns the command's exit code, or
 * one of common/report.h. */
#pragma once

int sg_cmd_run (int argc, char **argv);
int sg_cmd_start (int argc, char **argv);
int sg_cmd_exec (int argc, char **argv);
int sg_cmd_shell (int argc, char **argv);
