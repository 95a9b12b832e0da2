/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/table.h"

/* clang-format off */
static const SgRange rows[] = {
  /* Where clouds hand out credentials: never, also where they hide in another range. */
  { "169.254.169.254/32",  SG_RANGE_NEVER, SG_REASON_METADATA, 0, "AWS, Azure, Google, OpenStack: instance metadata" },
  { "169.254.170.0/24",    SG_RANGE_NEVER, SG_REASON_METADATA, 0, "AWS: container credentials and time" },
  { "100.100.100.200/32",  SG_RANGE_NEVER, SG_REASON_METADATA, 0, "Alibaba Cloud: instance metadata" },
  { "168.63.129.16/32",    SG_RANGE_NEVER, SG_REASON_METADATA, 0, "Azure: wire server" },
  { "192.0.0.192/32",      SG_RANGE_NEVER, SG_REASON_METADATA, 0, "Oracle Cloud: instance metadata" },
  { "fd00:ec2::/32",       SG_RANGE_NEVER, SG_REASON_METADATA, 0, "AWS: instance metadata and time over IPv6" },
  { "fd20:ce::254/128",    SG_RANGE_NEVER, SG_REASON_METADATA, 0, "Google Cloud: metadata server over IPv6" },

  /* IPv4, the special-purpose registry (RFC 6890) */
  { "0.0.0.0/8",           SG_RANGE_NEVER, SG_REASON_UNSPECIFIED, 0, "RFC 791, 3.2" },
  { "10.0.0.0/8",          SG_RANGE_LAN,   SG_REASON_PRIVATE, 0, "RFC 1918" },
  { "100.64.0.0/10",       SG_RANGE_LAN,   SG_REASON_CARRIER, 0, "RFC 6598" },
  { "127.0.0.0/8",         SG_RANGE_NEVER, SG_REASON_LOOPBACK, 0, "RFC 1122, 3.2.1.3" },
  { "169.254.0.0/16",      SG_RANGE_NEVER, SG_REASON_LINK_LOCAL, 0, "RFC 3927" },
  { "172.16.0.0/12",       SG_RANGE_LAN,   SG_REASON_PRIVATE, 0, "RFC 1918" },
  { "192.0.0.0/24",        SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 6890, 2.1" },
  { "192.0.2.0/24",        SG_RANGE_NEVER, SG_REASON_DOCUMENTATION, 0, "RFC 5737" },
  { "192.88.99.0/24",      SG_RANGE_NEVER, SG_REASON_TUNNEL, 0, "RFC 7526 (6to4 relays)" },
  { "192.168.0.0/16",      SG_RANGE_LAN,   SG_REASON_PRIVATE, 0, "RFC 1918" },
  { "198.18.0.0/15",       SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 2544 (benchmarks)" },
  { "198.51.100.0/24",     SG_RANGE_NEVER, SG_REASON_DOCUMENTATION, 0, "RFC 5737" },
  { "203.0.113.0/24",      SG_RANGE_NEVER, SG_REASON_DOCUMENTATION, 0, "RFC 5737" },
  { "224.0.0.0/4",         SG_RANGE_NEVER, SG_REASON_MULTICAST, 0, "RFC 1112" },
  { "255.255.255.255/32",  SG_RANGE_NEVER, SG_REASON_BROADCAST, 0, "RFC 919" },
  { "240.0.0.0/4",         SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 1112, 4" },

  /* IPv6 */
  { "::/128",              SG_RANGE_NEVER, SG_REASON_UNSPECIFIED, 0, "RFC 4291, 2.5.2" },
  { "::1/128",             SG_RANGE_NEVER, SG_REASON_LOOPBACK, 0, "RFC 4291, 2.5.3" },
  { "::ffff:0:0:0/96",     SG_RANGE_NEVER, SG_REASON_TUNNEL, 0, "RFC 2765 (translated)" },
  { "::/96",               SG_RANGE_NEVER, SG_REASON_TUNNEL, 0, "RFC 4291, 2.5.5.1 (IPv4-compatible)" },
  { "64:ff9b::/96",        SG_RANGE_EMBEDDED, SG_REASON_TUNNEL, 12, "RFC 6052 (NAT64)" },
  { "64:ff9b:1::/48",      SG_RANGE_NEVER, SG_REASON_TUNNEL, 0, "RFC 8215 (local-use NAT64)" },
  { "100::/64",            SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 6666 (discard-only)" },
  { "2001::/32",           SG_RANGE_NEVER, SG_REASON_TUNNEL, 0, "RFC 4380 (Teredo)" },
  { "2001::/23",           SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 2928" },
  { "2001:db8::/32",       SG_RANGE_NEVER, SG_REASON_DOCUMENTATION, 0, "RFC 3849" },
  { "2002::/16",           SG_RANGE_EMBEDDED, SG_REASON_TUNNEL, 2, "RFC 3056 (6to4)" },
  { "3fff::/20",           SG_RANGE_NEVER, SG_REASON_DOCUMENTATION, 0, "RFC 9637" },
  { "5f00::/16",           SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 9602 (segment routing)" },
  { "fc00::/7",            SG_RANGE_LAN,   SG_REASON_PRIVATE, 0, "RFC 4193" },
  { "fe80::/10",           SG_RANGE_NEVER, SG_REASON_LINK_LOCAL, 0, "RFC 4291, 2.5.6" },
  { "fec0::/10",           SG_RANGE_LAN,   SG_REASON_PRIVATE, 0, "RFC 3879 (site-local)" },
  { "ff00::/8",            SG_RANGE_NEVER, SG_REASON_MULTICAST, 0, "RFC 4291, 2.7" },
};
/* clang-format on */

/* The one range of IPv6 that is the internet; the rest is not handed out. */
static const SgRange unassigned
    = { "::/0", SG_RANGE_NEVER, SG_REASON_RESERVED, 0, "RFC 4291, 2.4 (outside 2000::/3)" };

struct _SgTable
{
  SgPrefix prefixes[G_N_ELEMENTS (rows)];
  SgPrefix global;
};

const SgRange *
sg_table_rows (gsize *ret_count)
{
  *ret_count = G_N_ELEMENTS (rows);
  return rows;
}

SgTable *
sg_table_new (void)
{
  SgTable *table = g_new0 (SgTable, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_true (sg_prefix_parse (rows[i].prefix, &table->prefixes[i]));
  g_assert_true (sg_prefix_parse ("2000::/3", &table->global));
  return table;
}

/* An interface identifier that carries an IPv4 address (ISATAP, RFC 5214). */
static gboolean
is_isatap (const SgAddress *address)
{
  return (address->bytes[8] & 0xfd) == 0 && address->bytes[9] == 0 && address->bytes[10] == 0x5e
         && address->bytes[11] == 0xfe;
}

const SgRange *
sg_table_find (const SgTable *table, const SgAddress *address, SgAddress *ret_inner)
{
  SgAddress inner = *address;

  /* An embedded address is IPv4, where nothing is embedded: at most two rounds. */
  for (;;)
    {
      gboolean again = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (rows) && !again; i++)
        {
          if (!sg_prefix_contains (&table->prefixes[i], &inner))
            continue;
          if (rows[i].kind == SG_RANGE_EMBEDDED)
            {
              inner = sg_address_v4 (inner.bytes + rows[i].embedded_at);
              again = TRUE;
              break;
            }
          if (ret_inner != NULL)
            *ret_inner = inner;
          return &rows[i];
        }
      if (again)
        continue;
      if (!sg_address_is_v4 (&inner) && is_isatap (&inner))
        {
          inner = sg_address_v4 (inner.bytes + 12);
          continue;
        }
      break;
    }
  if (ret_inner != NULL)
    *ret_inner = inner;
  if (!sg_address_is_v4 (&inner) && !sg_prefix_contains (&table->global, &inner))
    return &unassigned;
  return NULL;
}
