/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass open FILE...`, and `sandglass FILE`. */
#pragma once

#include <glib.h>

/* argv[0] is the verb's name.  Exit codes as in common/report.h. */
int sg_cmd_open (int argc, char **argv);

/* Whether WORD, where a verb was expected, is a file to be opened. */
gboolean sg_cmd_open_is_file (const char *word);
