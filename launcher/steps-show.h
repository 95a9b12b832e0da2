/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass steps ID [--json] [--log N]`: the commands of a profile, and what came of them. */
#pragma once

int sg_cmd_steps (int argc, char **argv);
