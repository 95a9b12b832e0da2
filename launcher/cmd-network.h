/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass network`, `ip` and `forward`: clients of one session. */
#pragma once

int sg_cmd_network (int argc, char **argv);
int sg_cmd_ip (int argc, char **argv);
int sg_cmd_forward (int argc, char **argv);
