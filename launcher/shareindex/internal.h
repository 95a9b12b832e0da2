/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.c, for index.c. */
#pragma once

#include "launcher/shareindex/shareindex.h"

/* -1 with errno. */
int share_open (int folder, const char *path, int flags);

/* Both append to INTO and return 0 or an errno. */
int share_stat (int folder, const char *path, GByteArray *into);
/* Takes DIRECTORY. */
int share_list (int directory, GByteArray *into);
