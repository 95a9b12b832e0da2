/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass report [ID]`: a text for a ticket.  argv[0] is the verb.  Returns an exit code of
 * common/report.h. */
#pragma once

int sg_cmd_report (int argc, char **argv);
