/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-proxy: the HTTP proxies that this desktop uses, for the session of a sandbox.
 *
 * A program of its own, because what answers (GNOME's settings, libproxy, a script that the company
 * wrote: PAC) is loaded into the process that asks.  Prints a line each for "http" and "https",
 * where there is one:
 *
 *   http NAME PORT ADDRESS...
 *
 * A user name and password in a proxy's address are left out: they are not for a sandbox. */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define ADDRESSES_MOST 8
#define PORT_DEFAULT 80

/* What the desktop says of a page of that scheme: the URI of an HTTP proxy, or NULL. */
static char *
ask_desktop (const char *scheme)
{
  g_autofree char *page = g_strconcat (scheme, "://www.example.com/", NULL);
  g_auto (GStrv) found
      = g_proxy_resolver_lookup (g_proxy_resolver_get_default (), page, NULL, NULL);

  for (char **uri = found; uri != NULL && *uri != NULL; uri++)
    if (g_str_has_prefix (*uri, "http://"))
      return g_strdup (*uri);
  return NULL;
}

static char *
ask_environment (const char *scheme)
{
  g_autofree char *lower = g_strconcat (scheme, "_proxy", NULL);
  g_autofree char *upper = g_ascii_strup (lower, -1);
  const char *const names[] = { lower, upper, "all_proxy", "ALL_PROXY" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_getenv (names[i]);

      if (value != NULL && *value != '\0')
        return strstr (value, "://") != NULL ? g_strdup (value)
                                             : g_strconcat ("http://", value, NULL);
    }
  return NULL;
}

static void
print_addresses (const char *host)
{
  GList *addresses = g_resolver_lookup_by_name (g_resolver_get_default (), host, NULL, NULL);
  guint n = 0;

  for (GList *at = addresses; at != NULL && n < ADDRESSES_MOST; at = at->next, n++)
    {
      g_autofree char *text = g_inet_address_to_string (at->data);

      printf (" %s", text);
    }
  g_resolver_free_addresses (addresses);
}

static void
tell (const char *scheme)
{
  g_autofree char *said = ask_desktop (scheme), *text = NULL;
  g_autoptr (GUri) uri = NULL;

  text = said != NULL ? g_steal_pointer (&said) : ask_environment (scheme);
  uri = text != NULL ? g_uri_parse (text, G_URI_FLAGS_NON_DNS | G_URI_FLAGS_HAS_PASSWORD, NULL)
                     : NULL;
  if (uri == NULL || !g_str_equal (g_uri_get_scheme (uri), "http") || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0')
    return;
  printf ("%s %s %d", scheme, g_uri_get_host (uri),
          g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : PORT_DEFAULT);
  print_addresses (g_uri_get_host (uri));
  putchar ('\n');
}

int
main (void)
{
  /* Where there is no session bus, the settings' library would start one for this display: a
   * process that stays, of a session that must leave none.  Settings are read without it, too. */
  g_unsetenv ("DISPLAY");
  tell ("http");
  tell ("https");
  return 0;
}
