/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `sandglass share`, `sandglass unshare`: argv[0] is the verb; the result is the exit code. */
int sg_cmd_share (int argc, char **argv);
int sg_cmd_unshare (int argc, char **argv);
