/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of hosts: "example.org" (that name alone), "*.example.org" (every name below it), an
 * address, a prefix ("192.0.2.0/24").  The same words that launcher/netgate/rules.h takes. */
#pragma once

#include <glib.h>

/* TEXT in one spelling: lower-case, ASCII ("xn--"), no last dot.  NULL: it is none of the above.
 * Free with g_free(). */
char *sg_host_normalise (const char *text);

/* Whether HOST, normalised, is an address or prefix; and how many bits of it are fixed. */
gboolean sg_host_is_network (const char *host);
guint sg_host_network_bits (const char *host);

/* What of A lies within B, and of B within A: both lists normalised.  In the order of A, then B,
 * each once.  Free with g_strfreev(). */
char **sg_hosts_intersect (char *const *a, char *const *b);
