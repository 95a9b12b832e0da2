/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode private: sandboxes reach each other and nothing else, each in its own name only; the gate
 * sees to that at its guest, the switch between the gates at each port. */
#include "launcher/netgate/control.h"
#include "launcher/netgate/dns.h"
#include "launcher/netgate/neighbours.h"
#include "launcher/netgate/switch-loop.h"
#include "launcher/netgate/switch.h"
#include "tests/unit/netgate-kit.h"

#include "common/fd.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN "198.18.0.5"
#define OTHER "198.18.0.9"
#define EVERYBODY "ff:ff:ff:ff:ff:ff"
#define OWN6 "fd73:616e:6467:6c62::5"
#define OTHER6 "fd73:616e:6467:6c62::9"
#define OWN_LINK "fe80::5054:ff:feaa:bbcc"   /* of KIT_GUEST_MAC */
#define OTHER_LINK "fe80::5054:ff:fedd:eeff" /* of KIT_OTHER_MAC */

static void
set_macs (KitFrame *frame, const char *from, const char *to)
{
  sg_mac_parse (to, frame->bytes);
  sg_mac_parse (from, frame->bytes + 6);
}

static Kit *
kit_private (void)
{
  Kit *kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();

  rules->mode = SG_GATE_PRIVATE;
  rules->own = g_strdup (OWN);
  sg_gate_set_rules (kit->gate, rules);
  return kit;
}

/* --- the gate's judgement
 * ------------------------------------------------------------------------- */

START_TEST (neighbours_talk_both_ways)
{
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, OWN, OTHER);
  set_macs (&frame, KIT_GUEST_MAC, EVERYBODY);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  kit_arp (&frame, KIT_IN, 2, KIT_OTHER_MAC, OTHER, OWN);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  kit_tcp (&frame, KIT_OUT, OWN, 9, OTHER, 80, SG_TCP_SYN, 1, 0, NULL, 0);
  set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  /* nobody has to have asked for it */
  kit_udp (&frame, KIT_IN, OTHER, 7, OWN, 5353, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  kit_ping (&frame, KIT_IN, OTHER, OWN, FALSE, 3);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  ck_assert_uint_eq (sg_records_count (sg_gate_records (kit->gate)), 2); /* "others", and OTHER */
}
END_TEST

START_TEST (nothing_else_is_reached)
{
  static const char *const places[]
      = { "93.184.216.34", "192.168.77.9", "192.0.0.1",  "192.0.0.3",    "169.254.169.254",
          "127.0.0.1",     "198.18.1.9",   "198.18.0.0", "198.18.0.255", OWN };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      kit_forget (kit);
      kit_tcp (&frame, KIT_OUT, OWN, 9, places[i], 80, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_msg (kit_out (kit, &frame) == SG_REASON_NO_SANDBOX, "%s", places[i]);
      ck_assert_uint_eq (kit->to_guest->len, 1); /* refused at once */
      ck_assert_uint_eq (kit->to_net->len, 0);
    }
  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST6, 9, "fd77::9", 80, "x", 1);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
  kit_udp (&frame, KIT_OUT, OWN, 9, "224.0.0.251", 5353, "x", 1);
  set_macs (&frame, KIT_GUEST_MAC, "01:00:5e:00:00:fb");
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
  /* a lookup, or DHCP, has nobody to answer it */
  kit_udp (&frame, KIT_OUT, "0.0.0.0", 68, "255.255.255.255", 67, "x", 1);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
}
END_TEST

START_TEST (in_ones_own_name_only)
{
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, "198.18.0.7", 9, OTHER, 80, "x", 1);
  set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, 9, OTHER, 80, "x", 1);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_udp (&frame, KIT_OUT, OWN, 9, OTHER, 80, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_arp (&frame, KIT_OUT, 2, KIT_OTHER_MAC, OWN, OTHER);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  kit_arp (&frame, KIT_OUT, 2, KIT_GUEST_MAC, "198.18.0.7", OTHER);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  /* nor does anybody come in the guest's, or the gate's */
  kit_udp (&frame, KIT_IN, OWN, 9, OWN, 80, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED);
  kit_udp (&frame, KIT_IN, OTHER, 9, OWN, 80, "x", 1);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED); /* from the gate's MAC */
  kit_udp (&frame, KIT_IN, "93.184.216.34", 9, OWN, 80, "x", 1);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED);
}
END_TEST

START_TEST (fragments_go_out_as_one)
{
  g_autoptr (Kit) kit = kit_private ();
  g_autofree guint8 *data = g_malloc0 (3000);
  KitFrame frame, piece;

  kit_udp (&frame, KIT_OUT, OWN, 9, OTHER, 80, data, 3000);
  set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
  kit_fragment (&piece, &frame, 0, 1600, TRUE, 7);
  ck_assert_int_eq (kit_out (kit, &piece), SG_REASON_KEPT);
  kit_fragment (&piece, &frame, 1600, 3008 - 1600, FALSE, 7);
  ck_assert_int_eq (kit_out (kit, &piece), SG_REASON_KEPT);
  ck_assert_uint_eq (kit->to_net->len, 1);
}
END_TEST

/* A message about TARGET with the sender's MAC as its link address, to the group that it is for. */
static void
search (KitFrame *frame, const char *mac, const char *from, const char *target)
{
  SgAddress about;
  char group[SG_ADDRESS_TEXT], group_mac[18];

  ck_assert (sg_address_parse (target, &about));
  g_snprintf (group, sizeof group, "ff02::1:ff%02x:%x", about.bytes[13],
              about.bytes[14] << 8 | about.bytes[15]);
  g_snprintf (group_mac, sizeof group_mac, "33:33:ff:%02x:%02x:%02x", about.bytes[13],
              about.bytes[14], about.bytes[15]);
  kit_ndp (frame, KIT_OUT, SG_NDP_SOLICITATION, from, group, target);
  set_macs (frame, mac, group_mac);
  sg_mac_parse (mac, frame->bytes + SG_ETH_LEN + 40 + 26);
}

/* "Here is TARGET", to one who searched. */
static void
found (KitFrame *frame, const char *mac, const char *from, const char *target, const char *to,
       const char *mac_to)
{
  kit_ndp (frame, KIT_OUT, SG_NDP_ADVERTISEMENT, from, to, target);
  set_macs (frame, mac, mac_to);
  sg_mac_parse (mac, frame->bytes + SG_ETH_LEN + 40 + 26);
}

START_TEST (neighbours_talk_by_ipv6)
{
  static const char *const pairs[][2]
      = { { OWN6, OTHER6 }, { OWN_LINK, OTHER_LINK }, { OWN6, OTHER_LINK }, { OWN_LINK, OTHER6 } };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      const char *own = pairs[i][0], *other = pairs[i][1];

      search (&frame, KIT_GUEST_MAC, own, other);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      found (&frame, KIT_OTHER_MAC, other, other, own, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
      search (&frame, KIT_OTHER_MAC, other, own);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
      found (&frame, KIT_GUEST_MAC, own, own, other, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      /* is it still there? */
      kit_ndp (&frame, KIT_OUT, SG_NDP_SOLICITATION, own, other, other);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      kit_tcp (&frame, KIT_OUT, own, 9, other, 80, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
      kit_udp (&frame, KIT_IN, other, 7, own, 5353, "x", 1);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
      kit_ping (&frame, KIT_IN, other, own, FALSE, 3);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
    }
  ck_assert_uint_eq (kit->to_guest->len, 0);
}
END_TEST

/* Where a sandbox in this mode would go by IPv6 if it could. */
START_TEST (nothing_else_is_reached_by_ipv6)
{
  static const char *const places[]
      = { "2606:2800:220:1::1",
          "fd77::9",
          "fe80::1",
          "fd73:616e:6467:6c61::3",
          "fd73:616e:6467:6c61::2",
          "fd00:ec2::254",
          "::1",
          "64:ff9b::c0a8:4d09",
          "2002:c0a8:4d09::1",
          "fd73:616e:6467:6c62::",
          "fd73:616e:6467:6c62::fe",
          "fd73:616e:6467:6c62::1:9",
          "fd73:616e:6467:6c62:1::9",
          OWN6,
          OWN_LINK,
          "fe80::5054:ff:fedd:eefe", /* not of the card it is sent to */
          "fec0::5054:ff:fedd:eeff",
          "fe80:1::5054:ff:fedd:eeff" };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      kit_forget (kit);
      kit_tcp (&frame, KIT_OUT, OWN6, 9, places[i], 80, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_msg (kit_out (kit, &frame) == SG_REASON_NO_SANDBOX, "%s", places[i]);
      ck_assert_uint_eq (kit->to_guest->len, 1); /* refused at once */
      ck_assert_uint_eq (kit->to_net->len, 0);
      kit_tcp (&frame, KIT_IN, places[i], 80, OWN6, 9, SG_TCP_SYN, 1, 0, NULL, 0);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_msg (kit_in (kit, &frame) == SG_REASON_SPOOFED, "%s", places[i]);
    }
}
END_TEST

START_TEST (no_routers_no_groups_no_lies)
{
  static const guint8 routers[]
      = { SG_NDP_ROUTER_SOLICITATION, SG_NDP_ROUTER_ADVERTISEMENT, SG_NDP_REDIRECT };
  g_autoptr (Kit) kit = kit_private ();
  KitFrame frame;

  for (gsize i = 0; i < G_N_ELEMENTS (routers); i++)
    {
      kit_ndp (&frame, KIT_OUT, routers[i], OWN_LINK, OTHER_LINK, OTHER_LINK);
      set_macs (&frame, KIT_GUEST_MAC, KIT_OTHER_MAC);
      ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
      kit_ndp (&frame, KIT_OUT, routers[i], OTHER_LINK, OWN_LINK, OTHER_LINK);
      set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
      ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
    }
  /* to all nodes */
  found (&frame, KIT_GUEST_MAC, OWN6, OWN6, "ff02::1", "33:33:00:00:00:01");
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_GUEST_MAC, OWN6, OWN6, "ff02::1", KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_OTHER_MAC, OTHER6, OTHER6, "ff02::1", "33:33:00:00:00:01");
  ck_assert_int_ne (kit_in (kit, &frame), SG_REASON_NONE);
  /* about an address that is not the sender's, of a card that is not */
  found (&frame, KIT_GUEST_MAC, OWN6, OTHER6, OTHER6, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_GUEST_MAC, OTHER6, OWN6, OTHER6, KIT_OTHER_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  found (&frame, KIT_GUEST_MAC, OWN6, OWN6, OTHER6, KIT_OTHER_MAC);
  sg_mac_parse (KIT_OTHER_MAC, frame.bytes + SG_ETH_LEN + 40 + 26);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_SPOOFED);
  found (&frame, KIT_OTHER_MAC, OTHER6, OWN6, OWN6, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  found (&frame, KIT_OTHER_MAC, OTHER6, "fe80::1", OWN6, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  /* from farther away than a neighbour; for who is no sandbox */
  search (&frame, KIT_GUEST_MAC, OWN6, OTHER6);
  frame.bytes[SG_ETH_LEN + 7] = 64;
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  search (&frame, KIT_GUEST_MAC, OWN6, "fe80::1");
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  search (&frame, KIT_GUEST_MAC, OWN6, OTHER6);
  set_macs (&frame, KIT_GUEST_MAC, "33:33:00:00:00:01");
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_LINK_PROTOCOL);
  /* with something before it */
  search (&frame, KIT_GUEST_MAC, OWN6, OTHER6);
  for (gsize cut = SG_ETH_LEN; cut < frame.len; cut++)
    {
      KitFrame piece = frame;

      piece.len = cut;
      ck_assert_int_ne (kit_out (kit, &piece), SG_REASON_NONE);
    }
}
END_TEST

START_TEST (lookups_go_to_who_knows_and_nothing_else_does)
{
  g_autoptr (Kit) kit = kit_private ();
  guint8 message[512];
  KitFrame frame;
  gsize len = kit_dns (message, FALSE, "sandbox-00000001", SG_DNS_A);

  kit_arp (&frame, KIT_OUT, 1, KIT_GUEST_MAC, OWN, SG_PRIVATE_NAMES);
  set_macs (&frame, KIT_GUEST_MAC, EVERYBODY);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  kit_arp (&frame, KIT_IN, 2, SG_PRIVATE_NAMES_MAC, SG_PRIVATE_NAMES, OWN);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  kit_udp (&frame, KIT_OUT, OWN, 4000, SG_PRIVATE_NAMES, 53, message, len);
  set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  kit_udp (&frame, KIT_IN, SG_PRIVATE_NAMES, 53, OWN, 4000, message, len);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_NONE);
  /* another sandbox in its name, at its card or not; it as another sandbox */
  kit_arp (&frame, KIT_IN, 2, KIT_OTHER_MAC, SG_PRIVATE_NAMES, OWN);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  kit_udp (&frame, KIT_IN, SG_PRIVATE_NAMES, 53, OWN, 4000, message, len);
  set_macs (&frame, KIT_OTHER_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_SPOOFED);
  kit_arp (&frame, KIT_IN, 2, SG_PRIVATE_NAMES_MAC, OTHER, OWN);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL);
  /* nothing but lookups */
  kit_tcp (&frame, KIT_OUT, OWN, 9, SG_PRIVATE_NAMES, 53, SG_TCP_SYN, 1, 0, NULL, 0);
  set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_GATE_ADDRESS);
  ck_assert_uint_eq (kit->to_guest->len, 1);
  kit_udp (&frame, KIT_OUT, OWN, 9, SG_PRIVATE_NAMES, 54, "x", 1);
  set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_GATE_ADDRESS);
  kit_tcp (&frame, KIT_IN, SG_PRIVATE_NAMES, 53, OWN, 9, SG_TCP_SYN, 1, 0, NULL, 0);
  set_macs (&frame, SG_PRIVATE_NAMES_MAC, KIT_GUEST_MAC);
  ck_assert_int_eq (kit_in (kit, &frame), SG_REASON_PROTOCOL);
  /* a flood of them */
  for (guint i = 0; i < 1000; i++)
    {
      kit_udp (&frame, KIT_OUT, OWN, 4000, SG_PRIVATE_NAMES, 53, message, len);
      set_macs (&frame, KIT_GUEST_MAC, SG_PRIVATE_NAMES_MAC);
      kit_out (kit, &frame);
    }
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_CONNECTION_RATE);
}
END_TEST

START_TEST (another_mode_ends_what_was_open)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  guint8 message[512];
  gsize len = kit_dns (message, FALSE, "www.example.com", SG_DNS_A);
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST4, 4000, SG_GATE_DNS4, 53, message, len);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_KEPT);
  message[2] |= 0x80;
  kit_tcp (&frame, KIT_OUT, SG_GATE_GUEST4, 9, "93.184.216.34", 80, SG_TCP_SYN, 1, 0, NULL, 0);
  ck_assert_int_eq (kit_out (kit, &frame), SG_REASON_NONE);
  rules->mode = SG_GATE_PRIVATE;
  rules->own = g_strdup (OWN);
  sg_gate_set_rules (kit->gate, rules);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  ck_assert_int_ne (kit_out (kit, &frame), SG_REASON_NONE);
  /* what was asked before is not answered any more, and nothing is asked */
  kit_forget (kit);
  ck_assert_int_eq (kit_answer (kit, message, len), SG_REASON_OFF);
  ck_assert_uint_eq (kit->to_guest->len, 0);
  g_byte_array_set_size (kit->asked, 0);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (kit->asked->len, 0);
}
END_TEST

START_TEST (the_address_must_be_one_of_them)
{
  static const char *const wrong[] = { "", "10.0.0.1", "198.18.1.1", "x", "fd00::1" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
      g_autoptr (GVariant) body = NULL;
      g_autoptr (GError) error = NULL;

      rules->mode = SG_GATE_PRIVATE;
      rules->own = g_strdup (wrong[i]);
      body = g_variant_ref_sink (sg_gate_rules_to_variant (rules));
      ck_assert_ptr_null (sg_gate_rules_from_variant (body, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
    }
}
END_TEST

/* --- the switch's judgement
 * ----------------------------------------------------------------------- */

typedef struct
{
  int port;
  guint16 number;
  char mac[18], address[20], address6[40], link[40];
} Seat;

static Seat
join (SgSwitch *sw, guint i, guint16 wanted)
{
  SgSwitchRefusal refusal;
  char id[SG_SWITCH_ID_LEN + 1];
  guint8 mac[6];
  Seat seat;

  g_snprintf (id, sizeof id, "%08x", i);
  g_snprintf (seat.mac, sizeof seat.mac, "52:54:00:00:00:%02x", i);
  sg_mac_parse (seat.mac, mac);
  seat.port = sg_switch_join (sw, mac, wanted, (const guint8 *)id, &seat.number, &refusal);
  g_snprintf (seat.address, sizeof seat.address, "198.18.0.%u", seat.number);
  g_snprintf (seat.address6, sizeof seat.address6, SG_PRIVATE_ADDRESS6, seat.number);
  g_snprintf (seat.link, sizeof seat.link, "fe80::5054:ff:fe00:%x", i);
  return seat;
}

static int
judge (SgSwitch *sw, const Seat *from, KitFrame *frame, const char *mac_from, const char *mac_to)
{
  set_macs (frame, mac_from, mac_to);
  return sg_switch_judge (sw, from->port, frame->bytes, frame->len);
}

START_TEST (the_switch_knows_who_is_who)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0), b = join (sw, 2, 77), c = join (sw, 3, 77);
  KitFrame frame;

  ck_assert_uint_eq (b.number, 77);
  ck_assert_uint_ne (c.number, 77);
  ck_assert_uint_ne (a.number, c.number);
  kit_arp (&frame, KIT_OUT, 1, a.mac, a.address, b.address);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, EVERYBODY), b.port);
  kit_udp (&frame, KIT_OUT, a.address, 1, b.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), b.port);
  /* to another's MAC, to everybody, in another's name */
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, c.mac), -1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, EVERYBODY), -1);
  ck_assert_int_eq (judge (sw, &a, &frame, c.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, c.address, 1, b.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_arp (&frame, KIT_OUT, 2, c.mac, a.address, b.address);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_arp (&frame, KIT_OUT, 2, a.mac, c.address, b.address);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  /* to nobody, to itself, out, IPv6 */
  kit_udp (&frame, KIT_OUT, a.address, 1, "198.18.0.250", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, a.address, 1, a.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, a.mac), -1);
  kit_udp (&frame, KIT_OUT, a.address, 1, "93.184.216.34", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, "fd00::1", 1, "fd00::2", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  /* who has left is nobody */
  sg_switch_leave (sw, b.port);
  kit_udp (&frame, KIT_OUT, a.address, 1, b.address, 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
}
END_TEST

START_TEST (the_switch_knows_ipv6_addresses)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0), b = join (sw, 2, 0x77), c = join (sw, 3, 0);
  const char *of_a[] = { a.address6, a.link }, *of_b[] = { b.address6, b.link };
  KitFrame frame;

  for (guint i = 0; i < 4; i++)
    {
      const char *from = of_a[i % 2], *to = of_b[i / 2];

      search (&frame, a.mac, from, to);
      ck_assert_int_eq (sg_switch_judge (sw, a.port, frame.bytes, frame.len), b.port);
      found (&frame, b.mac, to, to, from, a.mac);
      ck_assert_int_eq (sg_switch_judge (sw, b.port, frame.bytes, frame.len), a.port);
      kit_udp (&frame, KIT_OUT, from, 1, to, 2, "x", 1);
      ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), b.port);
      /* to another's card; in another's name, from another's card */
      ck_assert_int_eq (judge (sw, &a, &frame, a.mac, c.mac), -1);
      ck_assert_int_eq (judge (sw, &c, &frame, c.mac, b.mac), -1);
      ck_assert_int_eq (judge (sw, &c, &frame, a.mac, b.mac), -1);
      search (&frame, c.mac, from, to);
      ck_assert_int_eq (sg_switch_judge (sw, c.port, frame.bytes, frame.len), -1);
      /* "b is here" */
      found (&frame, c.mac, c.address6, to, from, a.mac);
      ck_assert_int_eq (sg_switch_judge (sw, c.port, frame.bytes, frame.len), -1);
      found (&frame, c.mac, c.address6, c.address6, from, a.mac);
      sg_mac_parse (b.mac, frame.bytes + SG_ETH_LEN + 40 + 26);
      ck_assert_int_eq (sg_switch_judge (sw, c.port, frame.bytes, frame.len), -1);
    }
  found (&frame, a.mac, a.address6, a.address6, "ff02::1", "33:33:00:00:00:01");
  ck_assert_int_eq (sg_switch_judge (sw, a.port, frame.bytes, frame.len), -1);
  kit_ndp (&frame, KIT_OUT, SG_NDP_ROUTER_ADVERTISEMENT, a.link, b.link, a.link);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  search (&frame, a.mac, "::", b.address6);
  ck_assert_int_eq (sg_switch_judge (sw, a.port, frame.bytes, frame.len), -1);
  kit_udp (&frame, KIT_OUT, a.address6, 1, "2606:2800:220:1::1", 2, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, b.mac), -1);
  kit_udp (&frame, KIT_OUT, a.address6, 1, "ff02::fb", 5353, "x", 1);
  ck_assert_int_eq (judge (sw, &a, &frame, a.mac, "33:33:00:00:00:fb"), -1);
}
END_TEST

/* Asks the switch as A does; the answer's code, -1: it says nothing.  *RET: the address. */
static int
look_up (SgSwitch *sw, const Seat *a, const char *name, guint16 type, char ret[SG_ADDRESS_TEXT])
{
  guint8 message[512], reply[SG_SWITCH_REPLY_MAX];
  SgDnsMessage dns;
  KitFrame frame;
  SgPacket packet;
  gsize len = kit_dns (message, FALSE, name, type);

  kit_udp (&frame, KIT_OUT, a->address, 4000, SG_PRIVATE_NAMES, 53, message, len);
  set_macs (&frame, a->mac, SG_PRIVATE_NAMES_MAC);
  ck_assert_int_eq (sg_switch_judge (sw, a->port, frame.bytes, frame.len), -1);
  len = sg_switch_reply (sw, a->port, frame.bytes, frame.len, reply);
  *ret = '\0';
  if (len == 0)
    return -1;
  ck_assert_int_eq (sg_packet_parse (&packet, reply, len), SG_REASON_NONE);
  ck_assert_uint_eq (packet.port_to, 4000);
  ck_assert (sg_dns_parse (&dns, reply + packet.payload, packet.payload_len) && dns.answer);
  ck_assert_str_eq (dns.name, name);
  ck_assert_uint_le (dns.n_addresses, 1);
  if (dns.n_addresses == 1)
    sg_address_format (&dns.addresses[0].address, ret);
  return dns.rcode;
}

START_TEST (the_switch_knows_names)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0), b = join (sw, 0x2f, 0x77);
  char got[SG_ADDRESS_TEXT];
  guint8 reply[SG_SWITCH_REPLY_MAX];
  KitFrame frame;
  SgPacket packet;
  gsize len;

  kit_arp (&frame, KIT_OUT, 1, a.mac, a.address, SG_PRIVATE_NAMES);
  set_macs (&frame, a.mac, EVERYBODY);
  len = sg_switch_reply (sw, a.port, frame.bytes, frame.len, reply);
  ck_assert_int_eq (sg_packet_parse (&packet, reply, len), SG_REASON_NONE);
  ck_assert (packet.kind == SG_PACKET_ARP && packet.arp_action == 2);
  sg_address_format (&packet.from, got);
  ck_assert_str_eq (got, SG_PRIVATE_NAMES);
  sg_address_format (&packet.to, got);
  ck_assert_str_eq (got, a.address);

  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_A, got), 0);
  ck_assert_str_eq (got, b.address);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_AAAA, got), 0);
  ck_assert_str_eq (got, b.address6);
  ck_assert_int_eq (look_up (sw, &b, "sandbox-00000001", SG_DNS_A, got), 0);
  ck_assert_str_eq (got, a.address);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_HTTPS, got), 0);
  ck_assert_str_eq (got, "");
  ck_assert_int_eq (look_up (sw, &a, "sandbox-00000030", SG_DNS_A, got), SG_DNS_NXDOMAIN);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-", SG_DNS_A, got), SG_DNS_NXDOMAIN);
  ck_assert_int_eq (look_up (sw, &a, "www.example.com", SG_DNS_A, got), SG_DNS_NXDOMAIN);
  /* in another's name */
  kit_arp (&frame, KIT_OUT, 1, a.mac, b.address, SG_PRIVATE_NAMES);
  set_macs (&frame, a.mac, EVERYBODY);
  ck_assert_uint_eq (sg_switch_reply (sw, a.port, frame.bytes, frame.len, reply), 0);
  /* who has left has no name */
  sg_switch_leave (sw, b.port);
  ck_assert_int_eq (look_up (sw, &a, "sandbox-0000002f", SG_DNS_A, got), SG_DNS_NXDOMAIN);
}
END_TEST

/* Every cut, and every byte as another, of a question: an answer that is one, or none. */
START_TEST (odd_questions_are_no_harm)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  Seat a = join (sw, 1, 0);
  guint8 message[512], reply[SG_SWITCH_REPLY_MAX];
  KitFrame frame;
  SgPacket packet;
  gsize len = kit_dns (message, FALSE, "sandbox-00000001", SG_DNS_A), got;

  for (gsize cut = 0; cut <= len; cut++)
    for (guint byte = 0; byte < 256; byte++)
      {
        guint8 changed = message[MIN (cut, len - 1)];

        message[MIN (cut, len - 1)] = (guint8)byte;
        kit_udp (&frame, KIT_OUT, a.address, 4000, SG_PRIVATE_NAMES, 53, message,
                 byte == 0 ? cut : len);
        set_macs (&frame, a.mac, SG_PRIVATE_NAMES_MAC);
        got = sg_switch_reply (sw, a.port, frame.bytes, frame.len, reply);
        message[MIN (cut, len - 1)] = changed;
        ck_assert_uint_le (got, sizeof reply);
        if (got > 0)
          ck_assert_int_eq (sg_packet_parse (&packet, reply, got), SG_REASON_NONE);
      }
}
END_TEST

START_TEST (ports_are_bounded_and_macs_distinct)
{
  g_autoptr (SgSwitch) sw = sg_switch_new ();
  guint8 used[256] = { 0 };
  static const guint8 nobody[SG_SWITCH_ID_LEN];
  SgSwitchRefusal refusal;
  guint16 number;
  guint8 mac[6];

  for (guint i = 0; i < SG_SWITCH_PORTS_MAX; i++)
    {
      Seat seat = join (sw, i, 0);

      ck_assert_int_ge (seat.port, 0);
      ck_assert_uint_eq (used[seat.number]++, 0);
    }
  sg_mac_parse ("52:54:00:00:01:00", mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
  ck_assert_int_eq (refusal, SG_SWITCH_FULL);
  sg_mac_parse ("52:54:00:00:00:07", mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
  ck_assert_int_eq (refusal, SG_SWITCH_TAKEN);
  sg_switch_leave (sw, 3);
  sg_mac_parse (SG_PRIVATE_NAMES_MAC, mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
  sg_mac_parse (EVERYBODY, mac);
  ck_assert_int_eq (sg_switch_join (sw, mac, 0, nobody, &number, &refusal), -1);
}
END_TEST

/* --- the switch as a process
 * ---------------------------------------------------------------------- */

static struct
{
  pid_t child;
  int control;
} run;

static void
start (void)
{
  int fds[2];

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
  run.child = fork ();
  if (run.child == 0)
    {
      close (fds[0]);
      _exit (sg_switch_run (fds[1], NULL) ? 0 : 1);
    }
  close (fds[1]);
  run.control = fds[0];
}

static void
stop (void)
{
  int status = -1;

  sg_fd_clear (&run.control);
  if (run.child != 0)
    ck_assert_int_eq (waitpid (run.child, &status, 0), run.child);
  ck_assert_int_eq (status, 0);
}

/* A line to it, without a word said. */
static int
line (void)
{
  int fds[2];

  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  ck_assert (sg_gate_send (run.control, SG_GATE_PORT, g_variant_new ("()"), fds[1], NULL));
  close (fds[1]);
  return fds[0];
}

static guint16
hello (int fd, guint8 last)
{
  guint8 hello[SG_SWITCH_HELLO_LEN + 1] = SG_SWITCH_HELLO, answer[SG_SWITCH_ANSWER_LEN];

  sg_mac_parse ("52:54:00:00:00:00", hello + 8);
  hello[13] = last;
  g_snprintf ((char *)hello + 16, SG_SWITCH_ID_LEN + 1, "%08x", last);
  ck_assert (sg_write_all (fd, hello, SG_SWITCH_HELLO_LEN, NULL));
  ck_assert_int_eq (sg_read_all (fd, answer, sizeof answer, NULL), sizeof answer);
  return sg_get16 (answer);
}

static void
udp_between (KitFrame *frame, guint from, guint16 from_number, guint to, guint16 to_number)
{
  g_autofree char *a = g_strdup_printf ("198.18.0.%u", from_number);
  g_autofree char *b = g_strdup_printf ("198.18.0.%u", to_number);
  g_autofree char *mac_a = g_strdup_printf ("52:54:00:00:00:%02x", from);
  g_autofree char *mac_b = g_strdup_printf ("52:54:00:00:00:%02x", to);
  static const guint8 data[1000];

  kit_udp (frame, KIT_OUT, a, 1, b, 2, data, sizeof data);
  set_macs (frame, mac_a, mac_b);
}

static gboolean
put (int fd, const KitFrame *frame)
{
  g_autofree guint8 *message = g_malloc (4 + frame->len);

  sg_put32 (message, (guint32)frame->len);
  memcpy (message + 4, frame->bytes, frame->len);
  return sg_write_all (fd, message, 4 + frame->len, NULL);
}

static gboolean
is_silent (int fd)
{
  return poll (&(struct pollfd){ fd, POLLIN, 0 }, 1, 150) == 0;
}

static void
expect (int fd, const KitFrame *frame)
{
  g_autofree guint8 *got = g_malloc (frame->len);
  guint8 prefix[4];

  ck_assert_int_eq (poll (&(struct pollfd){ fd, POLLIN, 0 }, 1, 2000), 1);
  ck_assert_int_eq (sg_read_all (fd, prefix, 4, NULL), 4);
  ck_assert_uint_eq (sg_get32 (prefix), frame->len);
  ck_assert_int_eq (sg_read_all (fd, got, frame->len, NULL), (gssize)frame->len);
  ck_assert_int_eq (memcmp (got, frame->bytes, frame->len), 0);
}

START_TEST (frames_reach_their_port_and_no_other)
{
  int a, b, c;
  guint16 an, bn, cn;
  KitFrame frame;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2), cn = hello (c, 3);
  ck_assert (an != 0 && bn != 0 && cn != 0 && an != bn && bn != cn);
  udp_between (&frame, 1, an, 2, bn);
  ck_assert (put (a, &frame));
  expect (b, &frame);
  ck_assert (put (c, &frame)); /* in a's name */
  udp_between (&frame, 3, an, 2, bn);
  ck_assert (put (c, &frame)); /* with a's address */
  ck_assert (is_silent (b));
  ck_assert (is_silent (a) && is_silent (c));
  close (a), close (b), close (c);
}
END_TEST

START_TEST (names_are_answered)
{
  guint8 message[512], got[SG_SWITCH_REPLY_MAX], prefix[4];
  gsize len = kit_dns (message, FALSE, "sandbox-00000002", SG_DNS_A);
  int a, b;
  guint16 an;
  KitFrame frame;
  g_autofree char *own = NULL;

  start ();
  a = line (), b = line ();
  an = hello (a, 1);
  hello (b, 2);
  own = g_strdup_printf ("198.18.0.%u", an);
  kit_udp (&frame, KIT_OUT, own, 4000, SG_PRIVATE_NAMES, 53, message, len);
  set_macs (&frame, "52:54:00:00:00:01", SG_PRIVATE_NAMES_MAC);
  ck_assert (put (a, &frame));
  ck_assert_int_eq (sg_read_all (a, prefix, 4, NULL), 4);
  ck_assert_uint_le (sg_get32 (prefix), sizeof got);
  ck_assert_int_eq (sg_read_all (a, got, sg_get32 (prefix), NULL), sg_get32 (prefix));
  ck_assert (is_silent (b));
  close (a), close (b);
}
END_TEST

START_TEST (who_breaks_the_framing_is_closed_alone)
{
  int a, b, c;
  guint16 an, bn;
  KitFrame frame;
  char byte;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2);
  ck_assert (sg_write_all (c, "not a hello at all, only as long", 32, NULL));
  ck_assert_int_le (read (c, &byte, 1), 0);
  close (c);
  c = line ();
  hello (c, 3);
  ck_assert (sg_write_all (c, "\xff\xff\xff\xff", 4, NULL));
  ck_assert_int_le (read (c, &byte, 1), 0);
  udp_between (&frame, 1, an, 2, bn);
  ck_assert (put (a, &frame));
  expect (b, &frame);
  close (a), close (b), close (c);
}
END_TEST

START_TEST (who_does_not_read_stops_nobody)
{
  int a, b, c;
  guint16 an, bn, cn;
  KitFrame frame;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2), cn = hello (c, 3);
  udp_between (&frame, 1, an, 3, cn);
  for (int i = 0; i < 10000; i++) /* some 10 MB that c does not take */
    ck_assert (put (a, &frame));
  udp_between (&frame, 1, an, 2, bn);
  ck_assert (put (a, &frame));
  expect (b, &frame);
  udp_between (&frame, 1, an, 3, cn);
  expect (c, &frame); /* and what c gets is whole */
  close (a), close (b), close (c);
}
END_TEST

/* More questions than answers fit, and then nobody reads them. */
START_TEST (who_asks_and_is_gone_ends_alone)
{
  int a, b, c;
  guint16 an, bn, cn;
  KitFrame frame;
  g_autofree char *own = NULL;

  start ();
  a = line (), b = line (), c = line ();
  an = hello (a, 1), bn = hello (b, 2), cn = hello (c, 3);
  own = g_strdup_printf ("198.18.0.%u", an);
  kit_arp (&frame, KIT_OUT, 1, "52:54:00:00:00:01", own, SG_PRIVATE_NAMES);
  set_macs (&frame, "52:54:00:00:00:01", EVERYBODY);
  for (int i = 0; i < 60000 && put (a, &frame); i++)
    ;
  close (a);
  udp_between (&frame, 2, bn, 3, cn);
  ck_assert (put (b, &frame));
  expect (c, &frame);
  close (b), close (c);
}
END_TEST

static Suite *
suite (void)
{
  Suite *suite = suite_create ("netgate-private");
  TCase *judgement = tcase_create ("judgement"), *process = tcase_create ("process");

  tcase_add_test (judgement, neighbours_talk_both_ways);
  tcase_add_test (judgement, nothing_else_is_reached);
  tcase_add_test (judgement, in_ones_own_name_only);
  tcase_add_test (judgement, fragments_go_out_as_one);
  tcase_add_test (judgement, neighbours_talk_by_ipv6);
  tcase_add_test (judgement, nothing_else_is_reached_by_ipv6);
  tcase_add_test (judgement, no_routers_no_groups_no_lies);
  tcase_add_test (judgement, lookups_go_to_who_knows_and_nothing_else_does);
  tcase_add_test (judgement, another_mode_ends_what_was_open);
  tcase_add_test (judgement, the_address_must_be_one_of_them);
  tcase_add_test (judgement, the_switch_knows_who_is_who);
  tcase_add_test (judgement, the_switch_knows_ipv6_addresses);
  tcase_add_test (judgement, the_switch_knows_names);
  tcase_add_test (judgement, odd_questions_are_no_harm);
  tcase_add_test (judgement, ports_are_bounded_and_macs_distinct);
  suite_add_tcase (suite, judgement);
  tcase_add_checked_fixture (process, NULL, stop);
  tcase_add_test (process, frames_reach_their_port_and_no_other);
  tcase_add_test (process, names_are_answered);
  tcase_add_test (process, who_breaks_the_framing_is_closed_alone);
  tcase_add_test (process, who_does_not_read_stops_nobody);
  tcase_add_test (process, who_asks_and_is_gone_ends_alone);
  suite_add_tcase (suite, process);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (suite ());
  int failed;

  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
