/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass standby`: machines that wait for the next sandbox to open.  Returns an exit code of
 * common/report.h. */
#pragma once

int sg_cmd_standby (int argc, char **argv);
