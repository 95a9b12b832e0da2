/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/rules.h"
#include "launcher/netgate/addresses.h"
#include "launcher/netgate/control.h"

#define HOSTS_MAX 1024
#define DEFAULT_CONNECTIONS_PER_SECOND 500

static const char *const mode_names[SG_GATE_MODE_MAX]
    = { "off", "internet", "lan", "allowlist", "private" };

SgGateRules *
sg_gate_rules_new (void)
{
  SgGateRules *rules = g_new0 (SgGateRules, 1);

  rules->connections_per_second = DEFAULT_CONNECTIONS_PER_SECOND;
  return rules;
}

void
sg_gate_rules_free (SgGateRules *rules)
{
  g_strfreev (rules->hosts);
  g_strfreev (rules->networks);
  g_strfreev (rules->local_domains);
  g_strfreev (rules->proxies);
  g_free (rules->forwards);
  g_free (rules->own);
  g_free (rules);
}

gboolean
sg_gate_mode_parse (const char *text, SgGateMode *ret_mode)
{
  for (int i = 0; i < SG_GATE_MODE_MAX; i++)
    if (strcmp (mode_names[i], text) == 0)
      {
        *ret_mode = (SgGateMode)i;
        return TRUE;
      }
  return FALSE;
}

const char *
sg_gate_mode_name (SgGateMode mode)
{
  return mode_names[mode];
}

/* --- as a message
 * ---------------------------------------------------------------------------------- */

static GVariant *
strings (char *const *list)
{
  static char *const none[] = { NULL };

  return g_variant_new_strv ((const char *const *)(list != NULL ? list : none), -1);
}

GVariant *
sg_gate_rules_to_variant (const SgGateRules *rules)
{
  GVariant *forwards = g_variant_new_fixed_array (G_VARIANT_TYPE_UINT16, rules->forwards,
                                                  rules->n_forwards, sizeof *rules->forwards);

  return g_variant_new ("(s@as@as@as@as@aquts)", mode_names[rules->mode], strings (rules->hosts),
                        strings (rules->networks), strings (rules->local_domains),
                        strings (rules->proxies), forwards, rules->connections_per_second,
                        rules->bytes_per_second, rules->own != NULL ? rules->own : "");
}

static gboolean
no_sense (GError **error, const char *what, const char *which)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is not %s", which, what);
  return FALSE;
}

static gboolean
is_host_name (const char *name)
{
  gsize len = strlen (name);

  if (len == 0 || len > 253 || name[0] == '.' || name[len - 1] == '.')
    return FALSE;
  for (gsize i = 0; i < len; i++)
    if ((!g_ascii_isalnum (name[i]) && name[i] != '-' && name[i] != '_' && name[i] != '.')
        || (name[i] == '.' && name[i + 1] == '.'))
      return FALSE;
  return TRUE;
}

static gboolean
check_hosts (char **hosts, GError **error)
{
  SgPrefix prefix;

  for (char **host = hosts; *host != NULL; host++)
    {
      if (sg_prefix_parse (*host, &prefix))
        continue;
      if (!is_host_name (g_str_has_prefix (*host, "*.") ? *host + 2 : *host))
        return no_sense (error, "a host name (“example.org”, “*.example.org”) or an address",
                         *host);
      for (char *c = *host; *c != '\0'; c++)
        *c = g_ascii_tolower (*c);
    }
  return TRUE;
}

static gboolean
check (SgGateRules *rules, const char *mode, GError **error)
{
  SgAddress address;
  SgPrefix prefix;
  guint16 port;

  if (!sg_gate_mode_parse (mode, &rules->mode))
    return no_sense (error, "a network mode", mode);
  if (g_strv_length (rules->hosts) > HOSTS_MAX || g_strv_length (rules->networks) > HOSTS_MAX
      || g_strv_length (rules->local_domains) > HOSTS_MAX
      || g_strv_length (rules->proxies) > HOSTS_MAX)
    return no_sense (error, "a list of a usable length", mode);
  if (!check_hosts (rules->hosts, error))
    return FALSE;
  for (char **network = rules->networks; *network != NULL; network++)
    if (!sg_prefix_parse (*network, &prefix))
      return no_sense (error, "a network (“192.0.2.0/24”)", *network);
  for (char **domain = rules->local_domains; *domain != NULL; domain++)
    {
      if (!is_host_name (*domain))
        return no_sense (error, "a domain name", *domain);
      for (char *c = *domain; *c != '\0'; c++)
        *c = g_ascii_tolower (*c);
    }
  for (char **proxy = rules->proxies; *proxy != NULL; proxy++)
    if (!sg_address_parse_port (*proxy, &address, &port))
      return no_sense (error, "an address and port (“192.0.2.1:3128”)", *proxy);
  if (rules->mode == SG_GATE_PRIVATE
      && !(sg_address_parse (rules->own, &address) && sg_prefix_parse (SG_PRIVATE_NETWORK, &prefix)
           && sg_prefix_contains (&prefix, &address)))
    return no_sense (error, "an address between sandboxes", rules->own);
  return TRUE;
}

SgGateRules *
sg_gate_rules_from_variant (GVariant *body, GError **error)
{
  g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
  g_autoptr (GVariant) forwards = NULL;
  const guint16 *ports;
  const char *mode;

  g_variant_get (body, "(&s^as^as^as^as@aquts)", &mode, &rules->hosts, &rules->networks,
                 &rules->local_domains, &rules->proxies, &forwards, &rules->connections_per_second,
                 &rules->bytes_per_second, &rules->own);
  ports = g_variant_get_fixed_array (forwards, &rules->n_forwards, sizeof *ports);
  rules->forwards = g_memdup2 (ports, rules->n_forwards * sizeof *ports);
  return check (rules, mode, error) ? g_steal_pointer (&rules) : NULL;
}

/* --- names
 * ----------------------------------------------------------------------------------------- */

/* TRUE for DOMAIN itself and for names below it. */
static gboolean
is_within (const char *name, const char *domain)
{
  gsize name_len = strlen (name), domain_len = strlen (domain);

  if (name_len < domain_len || strcmp (name + name_len - domain_len, domain) != 0)
    return FALSE;
  return name_len == domain_len || name[name_len - domain_len - 1] == '.';
}

static gboolean
is_within_any (const char *name, const char *const *domains, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (is_within (name, domains[i]))
      return TRUE;
  return FALSE;
}

gboolean
sg_gate_name_listed (char *const *list, const char *name)
{
  for (char *const *entry = list; entry != NULL && *entry != NULL; entry++)
    {
      if (g_str_has_prefix (*entry, "*."))
        {
          if (strcmp (name, *entry + 2) != 0 && is_within (name, *entry + 2))
            return TRUE;
        }
      else if (strcmp (name, *entry) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The second label from the right of "16.172.in-addr.arpa" is a number in a range. */
static gboolean
is_reverse_in_range (const char *name, const char *parent, guint64 low, guint64 high)
{
  g_autofree char *octet = NULL;
  const char *start, *end;
  guint64 value;

  if (!is_within (name, parent) || strlen (name) == strlen (parent))
    return FALSE;
  end = name + strlen (name) - strlen (parent) - 1;
  for (start = end; start > name && start[-1] != '.'; start--)
    ;
  octet = g_strndup (start, (gsize)(end - start));
  return g_ascii_string_to_unsigned (octet, 10, low, high, &value, NULL);
}

gboolean
sg_gate_name_is_local (const char *name)
{
  static const char *const domains[] = {
    "local",
    "localhost",
    "lan",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "private",
    "corp",
    "localdomain",
    "workgroup",
    "fritz.box",
    "test",
    "invalid",
    "onion",
    /* reverse zones */
    "0.in-addr.arpa",
    "10.in-addr.arpa",
    "127.in-addr.arpa",
    "254.169.in-addr.arpa",
    "168.192.in-addr.arpa",
    "0.0.192.in-addr.arpa",
    "2.0.192.in-addr.arpa",
    "100.51.198.in-addr.arpa",
    "113.0.203.in-addr.arpa",
    "255.255.255.255.in-addr.arpa",
    "c.f.ip6.arpa",
    "d.f.ip6.arpa",
    "8.e.f.ip6.arpa",
    "9.e.f.ip6.arpa",
    "a.e.f.ip6.arpa",
    "b.e.f.ip6.arpa",
    "8.b.d.0.1.0.0.2.ip6.arpa",
    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
  };

  if (name[0] == '\0')
    return FALSE;
  return strchr (name, '.') == NULL || is_within_any (name, domains, G_N_ELEMENTS (domains))
         || is_reverse_in_range (name, "172.in-addr.arpa", 16, 31)
         || is_reverse_in_range (name, "100.in-addr.arpa", 64, 127);
}

gboolean
sg_gate_name_is_canary (const char *name)
{
  return is_within (name, "use-application-dns.net");
}

gboolean
sg_gate_name_is_doh (const char *name)
{
  static const char *const servers[] = {
    "dns.google",
    "dns.google.com",
    "dns64.dns.google",
    "cloudflare-dns.com",
    "one.one.one.one",
    "cloudflare-gateway.com",
    "dns.cloudflare.com",
    "dns.quad9.net",
    "dns9.quad9.net",
    "dns10.quad9.net",
    "dns11.quad9.net",
    "doh.opendns.com",
    "dns.opendns.com",
    "dns.umbrella.com",
    "doh.umbrella.com",
    "dns.nextdns.io",
    "doh.cleanbrowsing.org",
    "dns.adguard.com",
    "dns.adguard-dns.com",
    "doh.dns.sb",
    "dns.mullvad.net",
    "doh.mullvad.net",
    "adblock.dns.mullvad.net",
    "doh.xfinity.com",
    "dns.alidns.com",
    "doh.pub",
    "dns.pub",
    "dot.pub",
    "dns.twnic.tw",
    "doh.libredns.gr",
    "dns0.eu",
    "dns.controld.com",
    "freedns.controld.com",
    "doh.tiar.app",
    "dns.switch.ch",
    "ordns.he.net",
    "dns.digitale-gesellschaft.ch",
    "doh.applied-privacy.net",
    "dns.brahma.world",
    "mask.icloud.com",
    "mask-h2.icloud.com",
  };

  return is_within_any (name, servers, G_N_ELEMENTS (servers));
}
