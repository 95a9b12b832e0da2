/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/switch.h"
#include "launcher/netgate/addresses.h"
#include "launcher/netgate/neighbours.h"

#define NUMBERS (SG_PRIVATE_LAST + 1)

typedef struct
{
  guint8 mac[6];
  guint16 number;                /* 0: free */
  char id[SG_SWITCH_ID_LEN + 1]; /* "": it has no name */
} Port;

struct _SgSwitch
{
  Port ports[SG_SWITCH_PORTS_MAX];
  gint8 by_number[NUMBERS]; /* -1: nobody's */
  SgPrefix network, network6;
  guint8 own_mac[6];
};

SgSwitch *
sg_switch_new (void)
{
  SgSwitch *sw = g_new0 (SgSwitch, 1);

  memset (sw->by_number, -1, sizeof sw->by_number);
  sg_prefix_parse (SG_PRIVATE_NETWORK, &sw->network);
  sg_prefix_parse (SG_PRIVATE_NETWORK6, &sw->network6);
  sg_mac_parse (SG_PRIVATE_NAMES_MAC, sw->own_mac);
  return sw;
}

void
sg_switch_free (SgSwitch *sw)
{
  g_free (sw);
}

/* The one that is wanted, else one by the MAC address, so that two that come at the same time after
 * another switch has ended seldom take each other's. */
static guint16
choose_number (const SgSwitch *sw, const guint8 mac[6], guint16 wanted)
{
  const guint16 count = SG_PRIVATE_LAST - SG_PRIVATE_FIRST + 1;
  guint16 start = (guint16)((mac[4] << 8 | mac[5]) % count);

  if (wanted >= SG_PRIVATE_FIRST && wanted <= SG_PRIVATE_LAST && sw->by_number[wanted] < 0)
    return wanted;
  for (guint16 i = 0; i < count; i++)
    {
      guint16 number = (guint16)(SG_PRIVATE_FIRST + (start + i) % count);

      if (sw->by_number[number] < 0)
        return number;
    }
  return 0;
}

/* Two of one name could only be two sessions that say the same: then the second has none. */
static void
take_id (SgSwitch *sw, Port *port, const guint8 id[SG_SWITCH_ID_LEN])
{
  for (int i = 0; i < SG_SWITCH_ID_LEN; i++)
    if (strchr ("0123456789abcdef", id[i]) == NULL || id[i] == '\0')
      return;
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    if (memcmp (sw->ports[i].id, id, SG_SWITCH_ID_LEN) == 0)
      return;
  memcpy (port->id, id, SG_SWITCH_ID_LEN);
}

int
sg_switch_join (SgSwitch *sw, const guint8 mac[6], guint16 wanted,
                const guint8 id[SG_SWITCH_ID_LEN], guint16 *ret_number,
                SgSwitchRefusal *ret_refusal)
{
  int port = -1;

  *ret_number = 0;
  *ret_refusal = SG_SWITCH_TAKEN;
  if ((mac[0] & 1) != 0 || memcmp (mac, sw->own_mac, 6) == 0)
    return -1; /* everybody's, or the switch's */
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    {
      if (sw->ports[i].number == 0 && port < 0)
        port = i;
      if (sw->ports[i].number != 0 && memcmp (sw->ports[i].mac, mac, 6) == 0)
        return -1;
    }
  *ret_refusal = SG_SWITCH_FULL;
  if (port < 0)
    return -1;
  *ret_refusal = SG_SWITCH_FINE;
  *ret_number = sw->ports[port].number = choose_number (sw, mac, wanted);
  memcpy (sw->ports[port].mac, mac, 6);
  take_id (sw, &sw->ports[port], id);
  sw->by_number[*ret_number] = (gint8)port;
  return port;
}

void
sg_switch_leave (SgSwitch *sw, int port)
{
  if (port < 0)
    return;
  sw->by_number[sw->ports[port].number] = -1;
  memset (&sw->ports[port], 0, sizeof sw->ports[port]);
}

static int
port_of_mac (const SgSwitch *sw, const guint8 mac[6])
{
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    if (sw->ports[i].number != 0 && memcmp (sw->ports[i].mac, mac, 6) == 0)
      return i;
  return -1;
}

/* Whose address it is, -1: nobody's. */
static int
owner (const SgSwitch *sw, const SgAddress *address)
{
  guint8 number = address->bytes[15], mac[6];

  if (sg_link_local_mac (address, mac))
    return port_of_mac (sw, mac);
  return (sg_prefix_contains (&sw->network, address) || sg_prefix_contains (&sw->network6, address))
                 && number < NUMBERS
             ? sw->by_number[number]
             : -1;
}

/* Who has no address yet asks from none whether somebody has it; here nobody can. */
gboolean
sg_switch_is_from (const SgSwitch *sw, int port, const SgPacket *packet)
{
  const guint8 *mac = sw->ports[port].mac;

  return memcmp (packet->mac_from, mac, 6) == 0 && owner (sw, &packet->from) == port
         && (packet->kind != SG_PACKET_ARP || memcmp (packet->arp_mac, mac, 6) == 0);
}

/* The port that has the address which is searched for; of an answer, the one that asked. */
static int
judge_ndp (const SgSwitch *sw, int port, const SgPacket *packet)
{
  SgAddress about;
  int target;

  if (sg_ndp_parse (packet, &about) != SG_REASON_NONE)
    return -1;
  target = owner (sw, &about);
  if (packet->icmp_type == SG_NDP_ADVERTISEMENT)
    return target == port ? owner (sw, &packet->to) : -1;
  return target;
}

int
sg_switch_judge (SgSwitch *sw, int port, const guint8 *frame, gsize len)
{
  static const guint8 everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
  SgPacket packet;
  gboolean to_all;
  int target;

  if (sg_packet_parse (&packet, frame, len) != SG_REASON_NONE || packet.fragment
      || !sg_switch_is_from (sw, port, &packet))
    return -1;
  if (sg_packet_is_ndp (&packet))
    target = judge_ndp (sw, port, &packet);
  else
    target = owner (sw, &packet.to);
  if (target < 0 || target == port)
    return -1;
  to_all = packet.kind == SG_PACKET_ARP ? memcmp (packet.mac_to, everybody, 6) == 0
                                        : sg_packet_is_ndp (&packet) && (packet.mac_to[0] & 1) != 0;
  return to_all || memcmp (packet.mac_to, sw->ports[target].mac, 6) == 0 ? target : -1;
}

guint16
sg_switch_number_of (const SgSwitch *sw, const char *name)
{
  if (!g_str_has_prefix (name, SG_PRIVATE_NAME_PREFIX))
    return 0;
  name += strlen (SG_PRIVATE_NAME_PREFIX);
  for (int i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    if (sw->ports[i].id[0] != '\0' && strcmp (sw->ports[i].id, name) == 0)
      return sw->ports[i].number;
  return 0;
}
