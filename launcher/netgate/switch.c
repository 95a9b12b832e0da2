/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/switch.h"
#include "launcher/netgate/addresses.h"

#define NUMBERS (SG_PRIVATE_LAST + 1)

typedef struct
{
  guint8 mac[6];
  guint16 number; /* 0: free */
} Port;

struct _SgSwitch
{
  Port ports[SG_SWITCH_PORTS_MAX];
  gint8 by_number[NUMBERS]; /* -1: nobody's */
  SgPrefix network;
};

SgSwitch *
sg_switch_new (void)
{
  SgSwitch *sw = g_new0 (SgSwitch, 1);

  memset (sw->by_number, -1, sizeof sw->by_number);
  sg_prefix_parse (SG_PRIVATE_NETWORK, &sw->network);
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

int
sg_switch_join (SgSwitch *sw, const guint8 mac[6], guint16 wanted, guint16 *ret_number,
                SgSwitchRefusal *ret_refusal)
{
  int port = -1;

  *ret_number = 0;
  *ret_refusal = SG_SWITCH_TAKEN;
  if ((mac[0] & 1) != 0)
    return -1; /* everybody's */
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

/* Whose address it is, -1: nobody's. */
static int
owner (const SgSwitch *sw, const SgAddress *address)
{
  guint8 number = address->bytes[15];

  return sg_prefix_contains (&sw->network, address) && number < NUMBERS ? sw->by_number[number]
                                                                        : -1;
}

int
sg_switch_judge (SgSwitch *sw, int port, const guint8 *frame, gsize len)
{
  static const guint8 everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
  const Port *own = &sw->ports[port];
  SgPacket packet;
  gboolean arp;
  int target;

  if (sg_packet_parse (&packet, frame, len) != SG_REASON_NONE || packet.fragment
      || packet.kind == SG_PACKET_IP6 || memcmp (packet.mac_from, own->mac, 6) != 0)
    return -1;
  arp = packet.kind == SG_PACKET_ARP;
  if (arp && memcmp (packet.arp_mac, own->mac, 6) != 0)
    return -1;
  /* Who has no address yet asks from none whether somebody has it; here nobody can. */
  if (owner (sw, &packet.from) != port)
    return -1;
  target = owner (sw, &packet.to);
  if (target < 0 || target == port)
    return -1;
  if (arp && memcmp (packet.mac_to, everybody, 6) == 0)
    return target;
  return memcmp (packet.mac_to, sw->ports[target].mac, 6) == 0 ? target : -1;
}
