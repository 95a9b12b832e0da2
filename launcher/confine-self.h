/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a program that looks at a guest's bytes gives up the rest of the kernel: relay, network gate
 * and printing gate each list beside their code what they still need.
 *
 * bubblewrap around them takes the file system and the network away; this holds where that is
 * missing too (a test, another starter). */
#pragma once

#include <gio/gio.h>
#include <seccomp.h>

typedef struct
{
  const int *allowed; /* SCMP_SYS (...), whatever the arguments */
  gsize n_allowed;
  int (*more) (scmp_filter_ctx filter); /* rules on arguments: 0 or -errno; NULL: none */
  const char *what;                     /* "the relay": whom it is about, for the error */
} SgConfineSelf;

/* From here on only what is listed, and memory that is never executable (mmap, mprotect without
 * PROT_EXEC); anything else ends the process.  No new privileges, no core, no tracing.  For all
 * threads made later: call it with one.  A build with AddressSanitizer gets no filter, since its
 * runtime reads /proc and more at its end. */
gboolean sg_confine_self (const SgConfineSelf *self, GError **error);
