/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of doctor's commands may be run from a button, as root, through the desktop's own
 * authentication (pkexec): those of a fixed list, argument by argument, and no other.  A shell is
 * never among them. */
#pragma once

#include <gio/gio.h>

/* The arguments for pkexec, "pkexec" first and the program by its full path; NULL: this command is
 * not one of them, or it cannot be run from here.  Free with g_strfreev(). */
char **sg_fix_argv (const char *mend);

/* The same without looking at this computer: where the program is, is not looked up.  For tests. */
char **sg_fix_parse (const char *mend);

/* Runs it; the desktop asks for the password.  FALSE with what went wrong, in words; the person did
 * not want to: G_IO_ERROR_CANCELLED, which needs no words; nobody was asked:
 * G_IO_ERROR_PERMISSION_DENIED. */
void sg_fix_run_async (const char *const *argv, GAsyncReadyCallback callback, gpointer data);
gboolean sg_fix_run_finish (GAsyncResult *result, GError **error);
