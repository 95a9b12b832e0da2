/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked before a sandbox is thrown away, and Save Files; a process of its own (ask.h has
 * how it is started, and its exit codes).
 *
 * The viewer draws what a guest sends, so it may one day be the guest's.  This process meets
 * nothing from inside but a bounded list of names; here the person decides what leaves the sandbox,
 * and `sandglass save-files` brings it out.  It asks only if something would be lost; what cannot
 * be found out is asked too. */
#pragma once

#include "ui/ask.h"

/* LINK_FD: a connection to the sandbox ID; taken.  COPYING: so many groups of files are copied in
 * just now.  EXCEPT (may be NULL): a path inside that is no reason to ask.  Returns the exit code. */
int
sg_question_run (const char *id, int link_fd, SgAsk what, guint32 parent, guint copying,
                 const char *except, const char *appearance);
