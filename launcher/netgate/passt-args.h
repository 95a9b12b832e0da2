/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passt's command line, as a pure function: nothing of the host's network is told inside, and
 * nothing comes in. */
#pragma once

#include <glib.h>

typedef struct
{
  guint16 host_port, guest_port;
} SgPasstForward;

typedef struct
{
  const char *program; /* path of passt */
  const char *help;    /* what `passt --help` printed (stdout and stderr); versions differ */
  int fd;              /* the stream's end that passt inherits */
  gboolean ipv4, ipv6; /* the host has a default route of the family */
  const SgPasstForward *forwards; /* host's loopback only */
  gsize n_forwards;
} SgPasstOptions;

/* The argument vector; free with g_strfreev(). */
char **sg_passt_args (const SgPasstOptions *options);
