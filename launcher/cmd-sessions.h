/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass list|connect|wait|restart|discard`: sandboxes that are open.  argv[0] is the verb.  Each
 * returns an exit code of common/report.h. */
#pragma once

int sg_cmd_list (int argc, char **argv);
int sg_cmd_connect (int argc, char **argv);
int sg_cmd_wait (int argc, char **argv);
int sg_cmd_restart (int argc, char **argv);
int sg_cmd_discard (int argc, char **argv);
