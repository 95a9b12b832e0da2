/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-network-proxy.h"

#include "launcher/ask-program.h"
#include "policies/hosts.h"

#include <string.h>

/* A script of a company may ask its name server this and that. */
#define PATIENCE_MSEC 4000
#define LINES_MOST 8
#define ADDRESSES_MOST 8

SgProxies *
sg_proxies_new (void)
{
  return sg_proxies_parse ("");
}

void
sg_proxies_free (SgProxies *proxies)
{
  if (proxies == NULL)
    return;
  g_free (proxies->http);
  g_free (proxies->https);
  g_strfreev (proxies->names);
  g_strfreev (proxies->places);
  g_free (proxies);
}

/* --- what the program says ----------------------------------------------------------------------
 */

static GInetAddress *
parse_address (const char *text)
{
  GInetAddress *address = g_inet_address_new_from_string (text);

  if (address != NULL
      && (g_inet_address_get_is_loopback (address) || g_inet_address_get_is_any (address)))
    g_clear_object (&address);
  return address;
}

static char *
place_of (GInetAddress *address, guint64 port)
{
  g_autofree char *text = g_inet_address_to_string (address);

  return g_strdup_printf (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
                              ? "[%s]:%" G_GUINT64_FORMAT
                              : "%s:%" G_GUINT64_FORMAT,
                          text, port);
}

static void
add_once (GPtrArray *list, char *text)
{
  if (g_ptr_array_find_with_equal_func (list, text, g_str_equal, NULL))
    g_free (text);
  else
    g_ptr_array_add (list, text);
}

/* "http proxy.example 3128 192.0.2.1 ..." */
static void
take_line (SgProxies *proxies, GPtrArray *names, GPtrArray *places, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3 + ADDRESSES_MOST + 1);
  guint n = g_strv_length (words), usable = 0;
  char **uri;
  g_autofree char *host = n >= 4 ? sg_host_normalise (words[1]) : NULL;
  guint64 port;

  if (host == NULL || strpbrk (host, "*/") != NULL
      || !g_ascii_string_to_unsigned (words[2], 10, 1, G_MAXUINT16, &port, NULL))
    return;
  uri = g_str_equal (words[0], "http")    ? &proxies->http
        : g_str_equal (words[0], "https") ? &proxies->https
                                          : NULL;
  if (uri == NULL || *uri != NULL)
    return;
  for (guint i = 3; i < MIN (n, 3 + ADDRESSES_MOST); i++)
    {
      g_autoptr (GInetAddress) address = parse_address (words[i]);

      if (address == NULL)
        continue;
      usable++;
      add_once (places, place_of (address, port));
    }
  if (usable == 0)
    return;
  *uri = g_strdup_printf (strchr (host, ':') != NULL ? "http://[%s]:%" G_GUINT64_FORMAT
                                                     : "http://%s:%" G_GUINT64_FORMAT,
                          host, port);
  if (!g_hostname_is_ip_address (host))
    add_once (names, g_steal_pointer (&host));
}

SgProxies *
sg_proxies_parse (const char *text)
{
  SgProxies *proxies = g_new0 (SgProxies, 1);
  g_autoptr (GPtrArray) names = g_ptr_array_new (), places = g_ptr_array_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", LINES_MOST);

  for (char **line = lines; *line != NULL; line++)
    take_line (proxies, names, places, *line);
  g_ptr_array_add (names, NULL);
  g_ptr_array_add (places, NULL);
  proxies->names = (char **)g_ptr_array_steal (names, NULL);
  proxies->places = (char **)g_ptr_array_steal (places, NULL);
  return proxies;
}

/* --- asking -------------------------------------------------------------------------------------
 */

void
sg_proxies_ask_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  sg_ask_program_async ("sandglass-proxy", PATIENCE_MSEC, cancellable, callback, data);
}

SgProxies *
sg_proxies_ask_finish (GAsyncResult *result)
{
  g_autofree char *text = sg_ask_program_finish (result);

  return sg_proxies_parse (text);
}
