/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What verbs that speak about an open sandbox have in common: their words and options, and the way
 * to the sandbox that is meant. */
#pragma once

#include <gio/gio.h>

/* Takes the options out of ARGV; what is left is in *ret_words, the verb first (owned; a "--" that
 * ends the options is not among them).  SUMMARY and USAGE are for --help.  FALSE: a word was no
 * option, which has been said. */
gboolean sg_cmd_words (char **argv, const char *usage, const char *summary,
                       const GOptionEntry *entries, char ***ret_words);

/* A connection to the one open sandbox that WORD means (an id, or the beginning of one).  Its end
 * is not this process's. */
GDBusConnection *sg_cmd_reach (const char *word, GError **error);
