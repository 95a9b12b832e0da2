/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter of system calls as a file, for bubblewrap's --seccomp FD (seccomp(2), bubblewrap(1)). */
#pragma once

#include <glib.h>
#include <seccomp.h>

/* Releases FILTER (NULL: there was no memory for it) and returns an unnamed file with its program,
 * read from the start; FAILED is what adding its rules said: 0, or a negative errno, as of
 * libseccomp.  -1 and ERROR (G_IO_ERROR) where either failed. */
int sg_filter_export (scmp_filter_ctx filter, int failed, GError **error);
