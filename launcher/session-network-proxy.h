/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop's HTTP proxy, as sandglass-proxy finds it: by its name for programs inside, by its
 * addresses and port for the gate. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  char *http, *https; /* owned: "http://proxy.example:3128", or NULL: none */
  char **names;       /* owned: the proxies' names, those that are no addresses */
  char **places;      /* owned: "192.0.2.1:3128", what the gate lets through */
} SgProxies;

SgProxies *sg_proxies_new (void); /* none */
void sg_proxies_free (SgProxies *proxies);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgProxies, sg_proxies_free)

/* From what the program printed.  What is not understood is left out; so is a proxy on this
 * computer's own loopback, which no sandbox reaches. */
SgProxies *sg_proxies_parse (const char *text);

/* Asks; never fails: where nobody answers in time there is none. */
void sg_proxies_ask_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
SgProxies *sg_proxies_ask_finish (GAsyncResult *result);
