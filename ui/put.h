/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that were pasted or dropped onto a sandbox's window: the person is asked, and they are
 * copied in, with progress; a process of its own.
 *
 * The viewer names the files, and it may be the guest's by then.  So nothing is copied that the
 * person did not see here, by its full path, after links: what is shown is what is opened.  And what
 * the sandbox is granted is looked up here again. */
#pragma once

#include <glib.h>

/* LINK_FD: a connection to the sandbox ID; taken.  The paths come on PATHS_FD, a file.  PARENT and
 * APPEARANCE as in ask.h.  Returns an exit code of report.h. */
int sg_put_run (const char *id, int link_fd, int paths_fd, guint32 parent, const char *appearance);

/* What came from the viewer: absolute paths, each ended by a NUL, LENGTH bytes in all.  Each is
 * resolved as it is now, and there once; what is not there stays as it was named.  NULL: it is no
 * such list.  Free with g_strfreev(). */
char **sg_put_read_paths (const char *bytes, gsize length);
