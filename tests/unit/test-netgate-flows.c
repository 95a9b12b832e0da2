/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections: only what the guest began comes back, a switch holds at once, and a million of them
 * cost no more than ten thousand. */
#include "tests/unit/netgate-expect.h"

#include "launcher/netgate/control.h"
#include "launcher/netgate/limit.h"
#include "launcher/netgate/passt-args.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4

static SgReason
tcp_out (Kit *kit, guint16 port, guint8 flags, guint32 seq, guint32 ack, gsize payload)
{
  static const guint8 data[2000];
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, G4, port, NET4, 443, flags, seq, ack, data, payload);
  return kit_out (kit, &frame);
}

static SgReason
tcp_in (Kit *kit, guint16 port, guint8 flags, guint32 seq, guint32 ack, gsize payload)
{
  static const guint8 data[2000];
  KitFrame frame;

  kit_tcp (&frame, KIT_IN, NET4, 443, G4, port, flags, seq, ack, data, payload);
  return kit_in (kit, &frame);
}

static void
open_tcp (Kit *kit, guint16 port)
{
  expect (tcp_out (kit, port, SG_TCP_SYN, 1000, 0, 0), SG_REASON_NONE, "SYN");
  expect (tcp_in (kit, port, SG_TCP_SYN | SG_TCP_ACK, 5000, 1001, 0), SG_REASON_NONE, "SYN ACK");
  expect (tcp_out (kit, port, SG_TCP_ACK, 1001, 5001, 0), SG_REASON_NONE, "ACK");
}

START_TEST (only_what_the_guest_began_comes_back)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

  expect (tcp_in (kit, 9, SG_TCP_SYN, 1, 0, 0), SG_REASON_NO_FLOW, "a connection to the guest");
  expect (tcp_in (kit, 9, SG_TCP_ACK, 1, 0, 100), SG_REASON_NO_FLOW, "data out of nowhere");
  expect (tcp_out (kit, 9, SG_TCP_ACK, 1, 1, 100), SG_REASON_NO_FLOW, "data without a SYN");
  expect (tcp_out (kit, 9, SG_TCP_SYN | SG_TCP_ACK, 1, 1, 0), SG_REASON_NO_FLOW, "SYN ACK");
  open_tcp (kit, 9);
  expect (tcp_in (kit, 9, SG_TCP_ACK, 5001, 1001, 100), SG_REASON_NONE, "an answer");
  expect (tcp_in (kit, 10, SG_TCP_ACK, 5001, 1001, 100), SG_REASON_NO_FLOW, "to another port");

  kit_udp (&frame, KIT_IN, NET4, 80, G4, 9, "x", 1);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "UDP is not TCP");
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "UDP out");
  kit_udp (&frame, KIT_IN, NET4, 80, G4, 9, "x", 1);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "UDP back");
  kit_udp (&frame, KIT_IN, "93.184.216.35", 80, G4, 9, "x", 1);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "from another address");
  kit_udp (&frame, KIT_IN, NET4, 80, "192.0.0.4", 9, "x", 1);
  expect (kit_in (kit, &frame), SG_REASON_LINK_PROTOCOL, "to another guest");

  kit_ping (&frame, KIT_IN, NET6, SG_GATE_GUEST6, TRUE, 7);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "a reply to no ping");
  kit_ping (&frame, KIT_OUT, SG_GATE_GUEST6, NET6, FALSE, 7);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "ping");
  kit_ping (&frame, KIT_IN, NET6, SG_GATE_GUEST6, TRUE, 7);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "its reply");
  kit_ping (&frame, KIT_IN, NET6, SG_GATE_GUEST6, FALSE, 7);
  expect (kit_in (kit, &frame), SG_REASON_PROTOCOL, "a ping to the guest");
}
END_TEST

START_TEST (errors_pass_when_they_are_about_a_flow)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint8 error[8 + 28] = { 3, 3 };
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  memcpy (error + 8, frame.bytes + SG_ETH_LEN, 28);
  kit_ip (&frame, KIT_IN, NET4, G4, SG_PROTO_ICMP, error, sizeof error);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "about nothing");
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  kit_out (kit, &frame);
  kit_ip (&frame, KIT_IN, "5.6.7.8", G4, SG_PROTO_ICMP, error, sizeof error);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "from a router on the way");
  for (gsize len = 8; len < sizeof error; len++)
    {
      kit_ip (&frame, KIT_IN, NET4, G4, SG_PROTO_ICMP, error, len);
      expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "cut short");
    }
  error[0] = 5;
  kit_ip (&frame, KIT_IN, NET4, G4, SG_PROTO_ICMP, error, sizeof error);
  expect (kit_in (kit, &frame), SG_REASON_PROTOCOL, "a redirect");
}
END_TEST

START_TEST (errors_of_ipv6_are_about_a_flow_too)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint8 error[8 + 49] = { 1, 4 };
  KitFrame frame;

  kit_udp (&frame, KIT_OUT, SG_GATE_GUEST6, 9, NET6, 80, "x", 1);
  memcpy (error + 8, frame.bytes + SG_ETH_LEN, 49);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "open");
  for (guint type = 0; type < 256; type++)
    {
      error[0] = (guint8)type;
      kit_ip (&frame, KIT_IN, "2606:4700::1", SG_GATE_GUEST6, SG_PROTO_ICMP6, error, sizeof error);
      ck_assert_msg ((kit_in (kit, &frame) == SG_REASON_NONE) == (type >= 1 && type <= 4), "%u",
                     type);
    }
  /* about another's packet, to somewhere else, with something before it, cut short */
  error[0] = 1;
  error[8 + 23] ^= 1;
  kit_ip (&frame, KIT_IN, NET6, SG_GATE_GUEST6, SG_PROTO_ICMP6, error, sizeof error);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "from another");
  error[8 + 23] ^= 1;
  error[8 + 39] ^= 1;
  kit_ip (&frame, KIT_IN, NET6, SG_GATE_GUEST6, SG_PROTO_ICMP6, error, sizeof error);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "to another");
  error[8 + 39] ^= 1;
  error[8 + 6] = 60;
  kit_ip (&frame, KIT_IN, NET6, SG_GATE_GUEST6, SG_PROTO_ICMP6, error, sizeof error);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "an option");
  error[8 + 6] = SG_PROTO_UDP;
  for (gsize len = 8; len < 8 + 48; len++)
    {
      kit_ip (&frame, KIT_IN, NET6, SG_GATE_GUEST6, SG_PROTO_ICMP6, error, len);
      expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "cut short");
    }
}
END_TEST

START_TEST (off_ends_what_is_open_at_both_ends)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgPacket to_guest, to_net;

  open_tcp (kit, 9);
  expect (tcp_out (kit, 9, SG_TCP_ACK, 1001, 5001, 50), SG_REASON_NONE, "request");
  expect (tcp_in (kit, 9, SG_TCP_ACK, 5001, 1051, 1000), SG_REASON_NONE, "download");
  kit_forget (kit);
  kit_mode (kit, SG_GATE_OFF);
  expect (tcp_in (kit, 9, SG_TCP_ACK, 6001, 1051, 1000), SG_REASON_OFF, "the next piece");
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  ck_assert_uint_eq (kit->to_guest->len, 1);
  ck_assert_uint_eq (kit->to_net->len, 1);
  /* Resets with the numbers that each end waits for, or it would ignore them. */
  to_guest = kit_emitted (kit->to_guest, 0);
  ck_assert (to_guest.tcp_flags & SG_TCP_RST);
  ck_assert_uint_eq (to_guest.tcp_seq, 6001);
  ck_assert_uint_eq (to_guest.port_to, 9);
  to_net = kit_emitted (kit->to_net, 0);
  ck_assert (to_net.tcp_flags & SG_TCP_RST);
  ck_assert_uint_eq (to_net.tcp_seq, 1051);
  ck_assert_uint_eq (to_net.port_to, 443);

  kit_mode (kit, SG_GATE_INTERNET);
  expect (tcp_in (kit, 9, SG_TCP_ACK, 6001, 1051, 1000), SG_REASON_NO_FLOW, "the old one is over");
  open_tcp (kit, 10);
}
END_TEST

START_TEST (a_narrower_mode_ends_what_it_closes_only)
{
  static const char *const hosts[] = { "example.com", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  KitFrame frame;

  open_tcp (kit, 9);
  kit_tcp (&frame, KIT_OUT, G4, 10, "192.168.1.1", 80, SG_TCP_SYN, 1, 0, NULL, 0);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "the router");
  kit_mode (kit, SG_GATE_INTERNET);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 1);
  expect (tcp_in (kit, 9, SG_TCP_ACK, 5001, 1001, 10), SG_REASON_NONE, "the internet goes on");
  expect (kit_out (kit, &frame), SG_REASON_PRIVATE, "the router does not");

  kit_resolve (kit, "example.com", NET4, 300);
  open_tcp (kit, 11); /* its record has the name */
  kit_advance (kit, 10000);
  kit_hosts (kit, hosts);
  expect (tcp_in (kit, 11, SG_TCP_ACK, 5001, 1001, 10), SG_REASON_NONE,
          "open by a listed name, though its time is over");
  expect (tcp_out (kit, 12, SG_TCP_SYN, 1, 0, 0), SG_REASON_NOT_LISTED, "a new one");
}
END_TEST

START_TEST (forwarded_ports_come_in_from_the_gateway_only)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  const guint16 port = 8080;
  KitFrame frame;

  kit_tcp (&frame, KIT_IN, SG_GATE_GATEWAY4, 5555, G4, 8080, SG_TCP_SYN, 1, 0, NULL, 0);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "without a grant");
  rules->mode = SG_GATE_INTERNET;
  rules->forwards = g_memdup2 (&port, sizeof port);
  rules->n_forwards = 1;
  sg_gate_set_rules (kit->gate, rules);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "the port");
  kit_tcp (&frame, KIT_OUT, G4, 8080, SG_GATE_GATEWAY4, 5555, SG_TCP_SYN | SG_TCP_ACK, 9, 2, NULL,
           0);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "its answer");
  kit_tcp (&frame, KIT_IN, SG_GATE_GATEWAY4, 5555, G4, 8081, SG_TCP_SYN, 1, 0, NULL, 0);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "another port");
  kit_tcp (&frame, KIT_IN, NET4, 5555, G4, 8080, SG_TCP_SYN, 1, 0, NULL, 0);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "from elsewhere");
  kit_mode (kit, SG_GATE_INTERNET);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
}
END_TEST

START_TEST (a_proxy_is_one_address_and_port)
{
  static const char *const proxy = "192.168.1.7:3128";
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  SgAddress address;

  rules->mode = SG_GATE_INTERNET;
  rules->proxies = g_strdupv ((char *[]){ (char *)proxy, NULL });
  sg_gate_set_rules (kit->gate, rules);
  sg_address_parse ("192.168.1.7", &address);
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 3128, NULL), SG_REASON_NONE, "it");
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_UDP, 3128, NULL), SG_REASON_PRIVATE, "UDP");
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 80, NULL), SG_REASON_PRIVATE, "port");
  sg_address_parse ("192.168.1.8", &address);
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 3128, NULL), SG_REASON_PRIVATE, "host");
}
END_TEST

START_TEST (company_networks_open_but_never_rows_stay)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  SgAddress address;

  rules->mode = SG_GATE_INTERNET;
  rules->networks = g_strsplit ("10.20.0.0/16 169.254.0.0/16", " ", -1);
  sg_gate_set_rules (kit->gate, rules);
  sg_address_parse ("10.20.3.4", &address);
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 80, NULL), SG_REASON_NONE, "company");
  sg_address_parse ("10.21.3.4", &address);
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 80, NULL), SG_REASON_PRIVATE, "other");
  sg_address_parse ("169.254.169.254", &address);
  expect (sg_gate_judge (kit->gate, &address, SG_PROTO_TCP, 80, NULL), SG_REASON_METADATA, "meta");
}
END_TEST

START_TEST (limits_hold)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  SgGateRules *rules = sg_gate_rules_new ();
  guint passed = 0;

  rules->mode = SG_GATE_INTERNET;
  rules->connections_per_second = 10;
  rules->bytes_per_second = 1000000;
  sg_gate_set_rules (kit->gate, rules);
  for (guint16 port = 1; port <= 100; port++)
    passed += tcp_out (kit, port, SG_TCP_SYN, 1, 0, 0) == SG_REASON_NONE;
  ck_assert_uint_eq (passed, 20); /* a burst of two seconds' worth */
  ck_assert_int_eq (kit->last_reason, SG_REASON_CONNECTION_RATE);
  kit_advance (kit, 1);
  for (guint16 port = 101; port <= 200; port++)
    passed += tcp_out (kit, port, SG_TCP_SYN, 1, 0, 0) == SG_REASON_NONE;
  ck_assert_uint_eq (passed, 30);

  passed = 0;
  kit_advance (kit, 10);
  for (int i = 0; i < 2000; i++)
    passed += tcp_out (kit, 1, SG_TCP_ACK, 2, 1, 946) == SG_REASON_NONE; /* 1,000 bytes each */
  ck_assert_uint_eq (passed, 1000);
}
END_TEST

/* --- the table
 * ------------------------------------------------------------------------------------- */

START_TEST (a_million_flows)
{
  g_autoptr (Kit) kit = kit_new_sized (SG_GATE_INTERNET, SG_GATE_FLOWS_MAX);
  KitFrame frame;

  open_tcp (kit, 9);
  for (guint i = 0; i < 1000000; i++)
    {
      kit_udp (&frame, KIT_OUT, G4, (guint16)(i & 0xffff), NET4, (guint16)(1000 + (i >> 16)), "x",
               1);
      ck_assert_int_eq (sg_gate_from_guest (kit->gate, frame.bytes, frame.len), SG_REASON_NONE);
    }
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), SG_GATE_FLOWS_MAX);
  /* The flood did not end the connection that was there before. */
  expect (tcp_in (kit, 9, SG_TCP_ACK, 5001, 1001, 10), SG_REASON_NONE, "the old connection");
  /* The newest are there, the oldest of the flood is not. */
  kit_udp (&frame, KIT_IN, NET4, (guint16)(1000 + (999999 >> 16)), G4, (guint16)(999999 & 0xffff),
           "x", 1);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "the newest");
  kit_udp (&frame, KIT_IN, NET4, 1000, G4, 0, "x", 1);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "the oldest");
}
END_TEST

START_TEST (a_flood_of_connections_closes_its_oldest)
{
  g_autoptr (Kit) kit = kit_new_sized (SG_GATE_INTERNET, 100);

  for (guint16 port = 1; port <= 200; port++)
    expect (tcp_out (kit, port, SG_TCP_SYN, 1, 0, 0), SG_REASON_NONE, "SYN");
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 100);
  /* passt is told, so that its sockets do not pile up. */
  ck_assert_uint_eq (kit->to_net->len, 100);
  ck_assert (kit_emitted (kit->to_net, 0).tcp_flags & SG_TCP_RST);
  ck_assert_uint_eq (kit_emitted (kit->to_net, 0).port_from, 1);
}
END_TEST

START_TEST (idle_flows_go)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

  open_tcp (kit, 9);
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 80, "x", 1);
  kit_out (kit, &frame);
  kit_advance (kit, 119);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 2);
  kit_advance (kit, 10);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 1);
  kit_advance (kit, 3 * 60 * 60);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  /* A closed connection stays for its last packets, and then goes. */
  open_tcp (kit, 10);
  expect (tcp_out (kit, 10, SG_TCP_FIN | SG_TCP_ACK, 1001, 5001, 0), SG_REASON_NONE, "FIN");
  expect (tcp_in (kit, 10, SG_TCP_FIN | SG_TCP_ACK, 5001, 1002, 0), SG_REASON_NONE, "FIN");
  expect (tcp_out (kit, 10, SG_TCP_ACK, 1002, 5002, 0), SG_REASON_NONE, "last ACK");
  kit_advance (kit, 130);
  kit_forget (kit);
  sg_gate_tick (kit->gate);
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
  ck_assert_uint_eq (kit->to_net->len, 0);
  /* A reset ends it at once. */
  open_tcp (kit, 11);
  expect (tcp_in (kit, 11, SG_TCP_RST, 5001, 1001, 0), SG_REASON_NONE, "RST");
  ck_assert_uint_eq (sg_gate_flow_count (kit->gate), 0);
}
END_TEST

static void
remember (SgFlow *flow, gpointer data)
{
  g_hash_table_add (data, GUINT_TO_POINTER (flow->key.port_guest + 1u));
}

/* Random adds, touches and removals against a plain list: the same flows are there afterwards. */
START_TEST (the_table_against_a_model)
{
  static const guint8 key[16] = { 1, 2, 3 };
  g_autoptr (SgFlows) flows = sg_flows_new (64, key);
  g_autoptr (GHashTable) model = g_hash_table_new (NULL, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (int i = 0; i < 200000; i++)
    {
      SgFlowKey k = { .port_guest = (guint16)g_rand_int_range (rand, 0, 60), .protocol = 17 };
      SgFlow *flow = sg_flows_find (flows, &k);
      gboolean known = g_hash_table_contains (model, GUINT_TO_POINTER (k.port_guest + 1u));

      ck_assert_int_eq (flow != NULL, known);
      if (flow == NULL)
        {
          sg_flows_add (flows, &k, (guint32)i, NULL, NULL);
          g_hash_table_add (model, GUINT_TO_POINTER (k.port_guest + 1u));
        }
      else if (g_rand_boolean (rand))
        sg_flows_touch (flows, flow, g_rand_boolean (rand) ? SG_FLOW_BRIEF : SG_FLOW_LASTING,
                        (guint32)i);
      else
        {
          sg_flows_remove (flows, flow, NULL, NULL);
          g_hash_table_remove (model, GUINT_TO_POINTER (k.port_guest + 1u));
        }
    }
  ck_assert_uint_eq (sg_flows_count (flows), g_hash_table_size (model));
  {
    g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

    sg_flows_foreach (flows, remember, seen);
    ck_assert_uint_eq (g_hash_table_size (seen), g_hash_table_size (model));
  }
}
END_TEST

START_TEST (siphash_as_its_authors_have_it)
{
  guint8 key[16], data[15];

  for (int i = 0; i < 16; i++)
    key[i] = (guint8)i;
  for (int i = 0; i < 15; i++)
    data[i] = (guint8)i;
  ck_assert_uint_eq (sg_siphash (key, data, 15), 0xa129ca6149be45e5ULL);
}
END_TEST

START_TEST (records_are_bounded)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint32 count;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *to = g_strdup_printf ("10.%u.%u.1", i / 256, i % 256);
      KitFrame frame;

      kit_udp (&frame, KIT_OUT, G4, 9, to, 80, "x", 1);
      kit_out (kit, &frame);
    }
  count = sg_records_count (sg_gate_records (kit->gate));
  ck_assert_uint_eq (count, 2048);
  ck_assert_uint_eq (sg_records_get (sg_gate_records (kit->gate), SG_RECORD_OTHERS)->blocked,
                     10000 - 2047);
}
END_TEST

/* --- rules as a message, and passt's arguments
 * ----------------------------------------------------- */

START_TEST (rules_survive_the_way)
{
  static const struct
  {
    const char *host, *network, *proxy;
    gboolean good;
  } rows[] = {
    { "Example.ORG", "10.0.0.0/8", "10.0.0.1:80", TRUE },
    { "*.example.org", "2001:db8::/32", "[2001:db8::1]:80", TRUE },
    { "192.0.2.0/24", "10.0.0.1", "1.2.3.4:65535", TRUE },
    { "*", "10.0.0.0/8", "10.0.0.1:80", FALSE },
    { "*.*.org", "10.0.0.0/8", "10.0.0.1:80", FALSE },
    { "a..b", "10.0.0.0/8", "10.0.0.1:80", FALSE },
    { "http://a", "10.0.0.0/8", "10.0.0.1:80", FALSE },
    { "a", "10.0.0.1/8", "10.0.0.1:80", FALSE },
    { "a", "10.0.0.0/33", "10.0.0.1:80", FALSE },
    { "a", "10.0.0.0/8", "10.0.0.1", FALSE },
    { "a", "10.0.0.0/8", "10.0.0.1:0", FALSE },
    { "a", "10.0.0.0/8", "2001:db8::1:80", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SgGateRules) rules = sg_gate_rules_new ();
      g_autoptr (SgGateRules) back = NULL;
      g_autoptr (GVariant) body = NULL;
      g_autoptr (GError) error = NULL;

      rules->mode = SG_GATE_ALLOWLIST;
      rules->hosts = g_strsplit (rows[i].host, " ", -1);
      rules->networks = g_strsplit (rows[i].network, " ", -1);
      rules->proxies = g_strsplit (rows[i].proxy, " ", -1);
      rules->bytes_per_second = 77;
      body = g_variant_ref_sink (sg_gate_rules_to_variant (rules));
      ck_assert_str_eq (g_variant_get_type_string (body), SG_GATE_TYPE_RULES_BODY);
      back = sg_gate_rules_from_variant (body, &error);
      ck_assert_msg ((back != NULL) == rows[i].good, "row %zu", i);
      ck_assert_int_eq (back == NULL, error != NULL);
      if (back == NULL)
        continue;
      ck_assert_int_eq (back->mode, SG_GATE_ALLOWLIST);
      ck_assert_uint_eq (back->bytes_per_second, 77);
      ck_assert_int_eq (g_ascii_strcasecmp (back->hosts[0], rows[i].host), 0);
    }
}
END_TEST

START_TEST (passt_is_told_nothing_of_the_host)
{
  SgPasstForward forward = { 8080, 80 };
  SgPasstOptions options = { .program = "passt",
                             .help = "  -e, --stderr\n",
                             .fd = 5,
                             .ipv4 = TRUE,
                             .ipv6 = TRUE,
                             .forwards = &forward,
                             .n_forwards = 1 };
  g_auto (GStrv) args = sg_passt_args (&options);
  g_autofree char *line = g_strjoinv (" ", args);

  ck_assert_str_eq (line, "passt --foreground --quiet --fd 5 --stderr -m 65520 "
                          "-a 192.0.0.2 -n 29 -g 192.0.0.1 "
                          "-a fd73:616e:6467:6c61::2 -g fe80::1 "
                          "-M 02:53:47:00:00:01 --no-dhcp-dns --no-dhcp-search --no-map-gw "
                          "-t 127.0.0.1/8080:80 -u none");
  options = (SgPasstOptions){ .program = "passt", .fd = 6, .ipv4 = TRUE };
  g_strfreev (args);
  args = sg_passt_args (&options);
  ck_assert (g_strv_contains ((const char *const *)args, "--ipv4-only"));
  ck_assert (g_strv_contains ((const char *const *)args, "none"));
  ck_assert (!g_strv_contains ((const char *const *)args, SG_GATE_GUEST6));
  ck_assert (!g_strv_contains ((const char *const *)args, "--stderr"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-flows");
  TCase *tc = tcase_create ("flows");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, only_what_the_guest_began_comes_back);
  tcase_add_test (tc, errors_pass_when_they_are_about_a_flow);
  tcase_add_test (tc, errors_of_ipv6_are_about_a_flow_too);
  tcase_add_test (tc, off_ends_what_is_open_at_both_ends);
  tcase_add_test (tc, a_narrower_mode_ends_what_it_closes_only);
  tcase_add_test (tc, forwarded_ports_come_in_from_the_gateway_only);
  tcase_add_test (tc, a_proxy_is_one_address_and_port);
  tcase_add_test (tc, company_networks_open_but_never_rows_stay);
  tcase_add_test (tc, limits_hold);
  tcase_add_test (tc, a_million_flows);
  tcase_add_test (tc, a_flood_of_connections_closes_its_oldest);
  tcase_add_test (tc, idle_flows_go);
  tcase_add_test (tc, the_table_against_a_model);
  tcase_add_test (tc, siphash_as_its_authors_have_it);
  tcase_add_test (tc, records_are_bounded);
  tcase_add_test (tc, rules_survive_the_way);
  tcase_add_test (tc, passt_is_told_nothing_of_the_host);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
