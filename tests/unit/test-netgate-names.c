/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names: what may be asked, what an answer may tell, and what an answer opens. */
#include "tests/unit/netgate-kit.h"

#include "launcher/netgate/dns.h"
#include "launcher/netgate/hello.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4

static void
expect (SgReason got, SgReason wanted, const char *what)
{
  ck_assert_msg (got == wanted, "%s: %s, not %s", what, sg_reason_key (got),
                 sg_reason_key (wanted));
}

static SgReason
ask (Kit *kit, const char *name, guint16 type)
{
  guint8 message[1024];
  KitFrame frame;

  kit_forget (kit);
  kit_udp (&frame, KIT_OUT, G4, 40000, SG_GATE_DNS4, 53, message,
           kit_dns (message, FALSE, name, type));
  return kit_out (kit, &frame);
}

static SgReason
answer (Kit *kit, const guint8 *message, gsize len)
{
  kit_forget (kit);
  return kit_answer (kit, message, len);
}

/* The code of the answer that the gate gave itself. */
static int
own_answer (Kit *kit)
{
  SgDnsMessage message;
  SgPacket packet;

  ck_assert_uint_eq (kit->to_guest->len, 1);
  packet = kit_emitted (kit->to_guest, 0);
  ck_assert_uint_eq (packet.port_from, 53);
  ck_assert_uint_eq (packet.port_to, 40000);
  ck_assert (sg_dns_parse (&message, packet.frame + packet.payload, packet.payload_len));
  ck_assert (message.answer);
  ck_assert_uint_eq (message.id, 0x1234);
  return message.rcode;
}

static SgReason
connect_to (Kit *kit, const char *to, guint16 port, guint16 from_port)
{
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, strchr (to, ':') ? SG_GATE_GUEST6 : G4, from_port, to, port, SG_TCP_SYN,
           100, 0, NULL, 0);
  return kit_out (kit, &frame);
}

/* And the server answers: data may follow, at 101. */
static SgReason
establish (Kit *kit, const char *to, guint16 port, guint16 from_port)
{
  SgReason reason = connect_to (kit, to, port, from_port);
  KitFrame frame;

  kit_tcp (&frame, KIT_IN, to, port, G4, from_port, SG_TCP_SYN | SG_TCP_ACK, 7000, 101, NULL, 0);
  if (reason == SG_REASON_NONE)
    expect (kit_in (kit, &frame), SG_REASON_NONE, "the server's answer");
  return reason;
}

static SgReason
say (Kit *kit, guint16 from_port, guint32 seq, const guint8 *bytes, gsize len)
{
  KitFrame frame;

  kit_tcp (&frame, KIT_OUT, G4, from_port, NET4, 443, SG_TCP_ACK, seq, 7001, bytes, len);
  return kit_out (kit, &frame);
}

/* --- who may be asked
 * ------------------------------------------------------------------------------ */

START_TEST (names_are_looked_up_through_the_gate_only)
{
  static const char *const elsewhere[] = { "8.8.8.8", "1.1.1.1", "192.168.1.1", NET6 };
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);

  expect (ask (kit, "www.example.com", 1), SG_REASON_KEPT, "the gate");
  for (gsize i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    {
      KitFrame frame;
      guint8 message[512];

      kit_udp (&frame, KIT_OUT, strchr (elsewhere[i], ':') ? SG_GATE_GUEST6 : G4, 40000,
               elsewhere[i], 53, message, kit_dns (message, FALSE, "www.example.com", 1));
      expect (kit_out (kit, &frame), SG_REASON_DNS_ELSEWHERE, elsewhere[i]);
      expect (connect_to (kit, elsewhere[i], 53, 1), SG_REASON_DNS_ELSEWHERE, "TCP");
      expect (connect_to (kit, elsewhere[i], 853, 1), SG_REASON_DNS_ELSEWHERE, "TLS");
    }
}
END_TEST

START_TEST (the_canary_is_answered)
{
  SgGateMode modes[] = { SG_GATE_INTERNET, SG_GATE_LAN, SG_GATE_ALLOWLIST };

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (Kit) kit = kit_new (modes[i]);

      ask (kit, "use-application-dns.net", 1);
      ck_assert_int_eq (own_answer (kit), SG_DNS_NXDOMAIN);
      ask (kit, "USE-Application-DNS.net", 28);
      ck_assert_int_eq (own_answer (kit), SG_DNS_NXDOMAIN);
    }
}
END_TEST

START_TEST (names_of_the_local_network_stay_unknown)
{
  static const char *const local[] = { "printer",
                                       "nas.local",
                                       "router.lan",
                                       "fritz.box",
                                       "x.home.arpa",
                                       "localhost",
                                       "db.internal",
                                       "1.1.168.192.in-addr.arpa",
                                       "5.0.0.10.in-addr.arpa",
                                       "1.0.16.172.in-addr.arpa",
                                       "1.0.31.172.in-addr.arpa",
                                       "1.1.64.100.in-addr.arpa",
                                       "254.169.254.169.in-addr.arpa",
                                       "1.0.d.f.ip6.arpa" };
  static const char *const public[] = { "example.com",
                                        "mylan.com",
                                        "lan.example.com",
                                        "1.0.15.172.in-addr.arpa",
                                        "34.216.184.93.in-addr.arpa",
                                        "1.1.63.100.in-addr.arpa",
                                        "a.b.c.internal.example.org" };
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autoptr (Kit) lan = kit_new (SG_GATE_LAN);

  for (gsize i = 0; i < G_N_ELEMENTS (local); i++)
    {
      expect (ask (kit, local[i], 1), SG_REASON_DNS_LOCAL_NAME, local[i]);
      ck_assert_int_eq (own_answer (kit), SG_DNS_NXDOMAIN);
      expect (ask (lan, local[i], 1), SG_REASON_KEPT, local[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (public); i++)
    expect (ask (kit, public[i], 1), SG_REASON_KEPT, public[i]);
}
END_TEST

/* --- the list
 * -------------------------------------------------------------------------------------- */

START_TEST (a_listed_name_opens_its_address_for_its_time)
{
  static const char *const hosts[] = { "example.com", "*.example.org", "198.96.0.0/24", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);

  kit_hosts (kit, hosts);
  expect (connect_to (kit, NET4, 443, 1), SG_REASON_NOT_LISTED, "before the lookup");
  expect (kit_resolve (kit, "example.com", NET4, 300), SG_REASON_NONE, "lookup");
  expect (connect_to (kit, NET4, 443, 2), SG_REASON_NONE, "after the lookup");
  expect (connect_to (kit, "93.184.216.35", 443, 3), SG_REASON_NOT_LISTED, "its neighbour");
  kit_advance (kit, 299);
  expect (connect_to (kit, NET4, 443, 4), SG_REASON_NONE, "in time");
  kit_advance (kit, 2);
  expect (connect_to (kit, NET4, 443, 5), SG_REASON_NOT_LISTED, "too late");

  expect (kit_resolve (kit, "a.b.example.org", NET6, 300), SG_REASON_NONE, "wildcard");
  expect (connect_to (kit, NET6, 443, 1), SG_REASON_NONE, "wildcard's address");
  expect (ask (kit, "example.org", 1), SG_REASON_NOT_LISTED, "a wildcard is for names below");
  ck_assert_int_eq (own_answer (kit), SG_DNS_REFUSED);
  expect (ask (kit, "www.example.com", 1), SG_REASON_NOT_LISTED, "a name is for itself");
  expect (ask (kit, "badexample.org", 1), SG_REASON_NOT_LISTED, "no border at a label");
  expect (ask (kit, "example.com.evil.net", 1), SG_REASON_NOT_LISTED, "at the front");
  expect (connect_to (kit, "198.96.0.7", 443, 1), SG_REASON_NONE, "a listed prefix");
  expect (connect_to (kit, "198.96.1.7", 443, 1), SG_REASON_NOT_LISTED, "its neighbour");
}
END_TEST

/* A dot inside a label, a zero byte: no way to look like a listed name. */
START_TEST (odd_labels_are_not_listed_names)
{
  static const char *const hosts[] = { "*.example.org", "evil.example.org", NULL };
  static const guint8 dot_inside[] = "\x0c"
                                     "evil.example"
                                     "\3org";
  static const guint8 dot_at_end[] = "\4evil\x0b"
                                     "example.org";
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);
  const guint8 *names[] = { dot_inside, dot_at_end };
  gsize sizes[] = { sizeof dot_inside, sizeof dot_at_end };

  kit_hosts (kit, hosts);
  for (int i = 0; i < 2; i++)
    {
      guint8 message[128];
      KitFrame frame;

      kit_dns (message, FALSE, "", 1);
      memcpy (message + 12, names[i], sizes[i]);
      memcpy (message + 12 + sizes[i], "\0\1\0\1", 4);
      kit_udp (&frame, KIT_OUT, G4, 40000, SG_GATE_DNS4, 53, message, 12 + sizes[i] + 4);
      expect (kit_out (kit, &frame), SG_REASON_NOT_LISTED, "an odd label");
    }
}
END_TEST

START_TEST (aliases_lead_from_the_question_only)
{
  static const char *const hosts[] = { "www.example.com", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);
  guint8 message[1024], name[64];
  gsize len;

  kit_hosts (kit, hosts);
  expect (ask (kit, "www.example.com", 1), SG_REASON_KEPT, "question");
  len = kit_dns (message, TRUE, "www.example.com", 1);
  len = kit_dns_record (message, len, "www.example.com", SG_DNS_CNAME, 100, name,
                        (guint16)kit_dns_name (name, "edge.cdn.net"));
  len = kit_dns_record (message, len, "edge.cdn.net", SG_DNS_A, 1000, "\x5d\xb8\xd8\x22", 4);
  /* an address for a name nobody asked for */
  len = kit_dns_record (message, len, "other.net", SG_DNS_A, 1000, "\x5d\xb8\xd8\x23", 4);
  expect (answer (kit, message, len), SG_REASON_NONE, "answer");
  expect (connect_to (kit, NET4, 443, 1), SG_REASON_NONE, "over an alias");
  expect (connect_to (kit, "93.184.216.35", 443, 1), SG_REASON_NOT_LISTED, "mentioned");
  /* the shorter of the two lifetimes */
  kit_advance (kit, 101);
  expect (connect_to (kit, NET4, 443, 2), SG_REASON_NOT_LISTED, "after the alias's time");
}
END_TEST

START_TEST (servers_for_encrypted_lookups_are_closed)
{
  static const char *const all[] = { "*.google", "*.quad9.net", "*.example.org", NULL };
  static const char *const named[] = { "dns.google", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);

  kit_hosts (kit, all);
  expect (ask (kit, "dns.google", 1), SG_REASON_DNS_ENCRYPTED, "under a wildcard");
  expect (ask (kit, "dns.quad9.net", 1), SG_REASON_DNS_ENCRYPTED, "under a wildcard");
  expect (ask (kit, "www.example.org", 1), SG_REASON_KEPT, "another");
  kit_hosts (kit, named);
  expect (ask (kit, "dns.google", 1), SG_REASON_KEPT, "by its own name");
}
END_TEST

START_TEST (the_tls_name_is_recorded_and_must_be_listed)
{
  static const char *const hosts[] = { "www.example.com", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);
  g_autoptr (Kit) open = kit_new (SG_GATE_INTERNET);
  guint8 hello[512];
  KitFrame frame;
  gboolean found = FALSE;

  kit_hosts (kit, hosts);
  kit_resolve (kit, "www.example.com", NET4, 300);
  expect (establish (kit, NET4, 443, 1), SG_REASON_NONE, "open");
  kit_tcp (&frame, KIT_OUT, G4, 1, NET4, 443, SG_TCP_ACK, 101, 1, hello,
           kit_hello (hello, "www.example.com"));
  expect (kit_out (kit, &frame), SG_REASON_NONE, "the listed name");
  expect (establish (kit, NET4, 443, 2), SG_REASON_NONE, "open");
  kit_forget (kit);
  kit_tcp (&frame, KIT_OUT, G4, 2, NET4, 443, SG_TCP_ACK, 101, 1, hello,
           kit_hello (hello, "evil.example.net"));
  expect (kit_out (kit, &frame), SG_REASON_NOT_LISTED, "another name behind the same address");
  ck_assert_uint_eq (kit->to_guest->len, 1);
  ck_assert_uint_eq (kit->to_net->len, 1);

  establish (open, NET4, 443, 2);
  expect (kit_out (open, &frame), SG_REASON_NONE, "elsewhere it is for the record");
  for (guint32 i = 1; i < sg_records_count (sg_gate_records (open->gate)); i++)
    {
      SgRecord *record = sg_records_get (sg_gate_records (open->gate), i);

      found = found || (strcmp (record->name, "evil.example.net") == 0 && record->connections == 1);
    }
  ck_assert (found);
}
END_TEST

/* Whatever the guest does with its first segments, a server never sees a greeting for a name that
 * is not listed, or none that was not looked at. */
START_TEST (a_greeting_cannot_be_hidden_in_pieces)
{
  static const char *const hosts[] = { "www.example.com", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);
  guint8 good[512], evil[512], records[512];
  gsize good_len = kit_hello (good, "www.example.com");
  gsize evil_len = kit_hello (evil, "evil.example.net");
  guint16 port = 1000;
  KitFrame frame;

  kit_hosts (kit, hosts);
  kit_resolve (kit, "www.example.com", NET4, 300);
  for (gsize cut = 1; cut < evil_len; cut++)
    {
      expect (establish (kit, NET4, 443, ++port), SG_REASON_NONE, "open");
      expect (say (kit, port, 101, evil, cut), SG_REASON_NOT_LISTED, "the first piece");
      expect (say (kit, port, 101 + (guint32)cut, evil + cut, evil_len - cut), SG_REASON_NO_FLOW,
              "the second");
    }
  /* in two records of TLS's */
  memcpy (records, evil, 5 + 40);
  sg_put16 (records + 3, 40);
  memcpy (records + 45, "\x16\3\1", 3);
  sg_put16 (records + 48, (guint32)evil_len - 45);
  memcpy (records + 50, evil + 45, evil_len - 45);
  expect (establish (kit, NET4, 443, ++port), SG_REASON_NONE, "open");
  expect (say (kit, port, 101, records, evil_len + 5), SG_REASON_NOT_LISTED, "two records");
  /* a good one that the server will not see, then the evil one: farther on, before there is a
   * connection, with the opening */
  expect (establish (kit, NET4, 443, ++port), SG_REASON_NONE, "open");
  expect (say (kit, port, 50000, good, good_len), SG_REASON_NOT_LISTED, "farther on");
  expect (say (kit, port, 101, evil, evil_len), SG_REASON_NOT_LISTED, "then the evil one");
  expect (connect_to (kit, NET4, 443, ++port), SG_REASON_NONE, "open");
  expect (say (kit, port, 101, good, good_len), SG_REASON_NOT_LISTED, "before the answer");
  kit_tcp (&frame, KIT_IN, NET4, 443, G4, port, SG_TCP_SYN | SG_TCP_ACK, 7000, 101, NULL, 0);
  expect (kit_in (kit, &frame), SG_REASON_NONE, "the answer");
  expect (say (kit, port, 101, evil, evil_len), SG_REASON_NOT_LISTED, "then the evil one");
  kit_tcp (&frame, KIT_OUT, G4, ++port, NET4, 443, SG_TCP_SYN, 100, 0, good, good_len);
  expect (kit_out (kit, &frame), SG_REASON_NOT_LISTED, "with the opening");
  /* what is honest goes on */
  expect (establish (kit, NET4, 443, ++port), SG_REASON_NONE, "open");
  expect (say (kit, port, 101, NULL, 0), SG_REASON_NONE, "no data yet");
  expect (say (kit, port, 101, good, good_len), SG_REASON_NONE, "the listed name");
  expect (say (kit, port, 101 + (guint32)good_len, evil, 20), SG_REASON_NONE, "what follows");
  expect (say (kit, port, 101, good, good_len), SG_REASON_NONE, "sent again");
  expect (establish (kit, NET4, 443, ++port), SG_REASON_NONE, "open");
  expect (say (kit, port, 101, (const guint8 *)"GET / HTTP/1.1\r\n", 16), SG_REASON_NONE, "no TLS");
}
END_TEST

START_TEST (quic_gives_way_to_what_shows_its_name)
{
  static const char *const hosts[] = { "www.example.com", "5.6.7.0/24", NULL };
  g_autoptr (Kit) kit = kit_new (SG_GATE_ALLOWLIST);
  g_autoptr (Kit) open = kit_new (SG_GATE_INTERNET);
  KitFrame frame;

  kit_hosts (kit, hosts);
  kit_resolve (kit, "www.example.com", NET4, 300);
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 443, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_NOT_LISTED, "QUIC to a listed name");
  expect (kit_out (open, &frame), SG_REASON_NONE, "in mode internet");
  expect (connect_to (kit, NET4, 443, 1), SG_REASON_NONE, "TCP");
  kit_udp (&frame, KIT_OUT, G4, 9, NET4, 4433, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "other UDP");
  kit_udp (&frame, KIT_OUT, G4, 9, "5.6.7.8", 443, "x", 1);
  expect (kit_out (kit, &frame), SG_REASON_NONE, "to an address that is listed itself");
}
END_TEST

/* --- rebinding
 * ------------------------------------------------------------------------------------- */

START_TEST (a_public_name_cannot_point_inside)
{
  static const char *const inside[] = { "192.168.1.1",
                                        "10.0.0.1",
                                        "127.0.0.1",
                                        "169.254.169.254",
                                        "fd00::1",
                                        "fe80::1",
                                        "::1",
                                        "100.64.0.1",
                                        "2002:c0a8:101::1",
                                        "64:ff9b::a00:1",
                                        SG_GATE_GATEWAY4,
                                        "::ffff:10.0.0.1" };
  SgGateMode modes[] = { SG_GATE_INTERNET, SG_GATE_LAN };

  for (int m = 0; m < 2; m++)
    {
      g_autoptr (Kit) kit = kit_new (modes[m]);

      for (gsize i = 0; i < G_N_ELEMENTS (inside); i++)
        {
          kit_forget (kit);
          expect (kit_resolve (kit, "rebind.example.com", inside[i], 1), SG_REASON_REBINDING,
                  inside[i]);
          ck_assert_int_eq (own_answer (kit), SG_DNS_REFUSED);
          ck_assert_int_eq (kit->last_reason, SG_REASON_REBINDING);
        }
      expect (kit_resolve (kit, "www.example.com", NET4, 1), SG_REASON_NONE, "outside");
      expect (kit_resolve (kit, "blocked.example.com", "0.0.0.0", 1), SG_REASON_NONE, "nowhere");
    }
}
END_TEST

START_TEST (a_local_name_may_point_inside_in_mode_lan)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  SgGateRules *rules = sg_gate_rules_new ();

  expect (kit_resolve (kit, "printer.lan", "192.168.1.9", 1), SG_REASON_NONE, "a local name");
  expect (kit_resolve (kit, "printer.lan", "169.254.169.254", 1), SG_REASON_REBINDING, "metadata");
  rules->mode = SG_GATE_LAN;
  rules->local_domains = g_strsplit ("corp.example", " ", -1);
  sg_gate_set_rules (kit->gate, rules);
  expect (kit_resolve (kit, "wiki.corp.example", "10.1.2.3", 1), SG_REASON_NONE, "a named domain");
  expect (kit_resolve (kit, "wiki.notcorp.example", "10.1.2.3", 1), SG_REASON_REBINDING, "another");
}
END_TEST

START_TEST (hints_cannot_point_inside_either)
{
  static const guint8 hint[] = { 0, 1, 0, 0, 4, 0, 4, 192, 168, 1, 1 };
  static const guint8 fine[] = { 0, 1, 0, 0, 4, 0, 4, 93, 184, 216, 34 };
  g_autoptr (Kit) kit = kit_new (SG_GATE_LAN);
  guint8 message[512];
  gsize len;

  ask (kit, "www.example.com", SG_DNS_HTTPS);
  len = kit_dns (message, TRUE, "www.example.com", SG_DNS_HTTPS);
  len = kit_dns_record (message, len, "www.example.com", SG_DNS_HTTPS, 9, hint, sizeof hint);
  expect (answer (kit, message, len), SG_REASON_REBINDING, "a hint");
  ask (kit, "www.example.com", SG_DNS_HTTPS);
  len = kit_dns (message, TRUE, "www.example.com", SG_DNS_HTTPS);
  len = kit_dns_record (message, len, "www.example.com", SG_DNS_HTTPS, 9, fine, sizeof fine);
  expect (answer (kit, message, len), SG_REASON_NONE, "a hint outside");
}
END_TEST

/* Whatever the way to it: one address inside is enough for nothing of the answer to be told. */
START_TEST (no_part_of_an_answer_points_inside)
{
  static const struct
  {
    guint16 type; /* of the question, and of the first record */
    guint16 other_type;
    guint16 section; /* where the count stands: answers, authority, additional */
    const char *owner, *data;
    guint16 len;
  } rows[] = {
    { SG_DNS_A, SG_DNS_A, 6, "www.example.com", "\300\250\1\1", 4 },
    { SG_DNS_A, SG_DNS_A, 8, "ns.example.com", "\12\0\0\1", 4 },
    { SG_DNS_A, SG_DNS_A, 10, "ns.example.com", "\251\376\251\376", 4 },
    { 33, SG_DNS_AAAA, 10, "dc.corp.example", "\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16 },
    { 15, SG_DNS_A, 10, "mail.example.com", "\254\20\0\1", 4 },
    { SG_DNS_HTTPS, SG_DNS_HTTPS, 6, "www.example.com",
      "\0\1\0\0\6\0\20\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 23 },
    { SG_DNS_SVCB, SG_DNS_SVCB, 10, "_dns.example.com", "\0\1\0\0\4\0\4\300\250\1\1", 11 },
    { SG_DNS_A, SG_DNS_SVCB, 8, "x.example.com", "\0\1\0\0\4\0\10\135\270\330\42\300\250\1\1", 15 },
  };
  SgGateMode modes[] = { SG_GATE_INTERNET, SG_GATE_LAN };

  for (int m = 0; m < 2; m++)
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autoptr (Kit) kit = kit_new (modes[m]);
        guint8 message[512];
        gsize len;

        expect (ask (kit, "www.example.com", rows[i].type), SG_REASON_KEPT, "question");
        len = kit_dns (message, TRUE, "www.example.com", rows[i].type);
        if (rows[i].type == SG_DNS_A)
          len = kit_dns_record (message, len, "www.example.com", SG_DNS_A, 9, "\135\270\330\42", 4);
        else if (rows[i].type != SG_DNS_HTTPS && rows[i].type != SG_DNS_SVCB)
          len = kit_dns_record (message, len, "www.example.com", rows[i].type, 9, "\0\0\1a\0", 5);
        len = kit_dns_record (message, len, rows[i].owner, rows[i].other_type, 9, rows[i].data,
                              rows[i].len);
        if (rows[i].section != 6)
          {
            sg_put16 (message + 6, sg_get16 (message + 6) - 1u);
            sg_put16 (message + rows[i].section, 1);
          }
        expect (answer (kit, message, len), SG_REASON_REBINDING, rows[i].owner);
        ck_assert_int_eq (kit->last_reason, SG_REASON_REBINDING);
        ck_assert_int_eq (own_answer (kit), SG_DNS_REFUSED);
      }
}
END_TEST

/* A public name may be an alias of a local one; what that leads to may not be told. */
START_TEST (an_alias_into_the_local_network_leads_nowhere)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autoptr (Kit) lan = kit_new (SG_GATE_LAN);
  guint8 message[512], name[64];
  gsize len, bare;

  len = kit_dns (message, TRUE, "www.example.com", 1);
  len = bare = kit_dns_record (message, len, "www.example.com", SG_DNS_CNAME, 9, name,
                               (guint16)kit_dns_name (name, "router.lan"));
  ask (kit, "www.example.com", 1);
  expect (answer (kit, message, bare), SG_REASON_NONE, "the alias alone");
  expect (ask (kit, "router.lan", 1), SG_REASON_DNS_LOCAL_NAME, "where it leads");
  len = kit_dns_record (message, len, "router.lan", SG_DNS_A, 9, "\300\250\1\1", 4);
  ask (kit, "www.example.com", 1);
  expect (answer (kit, message, len), SG_REASON_REBINDING, "with its address");
  ask (lan, "www.example.com", 1);
  expect (answer (lan, message, len), SG_REASON_REBINDING, "in mode lan, too");
}
END_TEST

START_TEST (hints_of_a_wrong_length_are_refused)
{
  static const guint8 odd[][12] = { { 0, 1, 0, 0, 4, 0, 5, 93, 184, 216, 34, 1 },
                                    { 0, 1, 0, 0, 4, 0, 200, 93, 184, 216, 34, 1 },
                                    { 0, 1, 0, 0, 6, 0, 4, 93, 184, 216, 34, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
      guint8 message[512];
      gsize len;

      ask (kit, "www.example.com", SG_DNS_HTTPS);
      len = kit_dns (message, TRUE, "www.example.com", SG_DNS_HTTPS);
      len = kit_dns_record (message, len, "www.example.com", SG_DNS_HTTPS, 9, odd[i],
                            i == 2 ? 11 : 12);
      expect (answer (kit, message, len), SG_REASON_DNS_MALFORMED, "a hint");
      ck_assert_uint_eq (kit->to_guest->len, 0);
    }
}
END_TEST

/* --- bad messages
 * ---------------------------------------------------------------------------------- */

START_TEST (compression_cannot_loop)
{
  static const guint8 loops[][8] = {
    { 0xc0, 12, 0, 1, 0, 1 },           /* to itself */
    { 1, 'a', 0xc0, 12, 0, 1, 0, 1 },   /* to the label before */
    { 0xc0, 14, 0xc0, 12, 0, 1, 0, 1 }, /* to each other */
    { 0xff, 0xff, 0, 1, 0, 1 },         /* behind the end */
    { 0xc0, 0, 0, 1, 0, 1 },            /* into the header */
    { 0x80, 1, 0, 1, 0, 1 },            /* a reserved kind of label */
    { 0x40, 1, 0, 1, 0, 1 },
  };
  char name[SG_DNS_NAME_TEXT];

  for (gsize i = 0; i < G_N_ELEMENTS (loops); i++)
    {
      guint8 message[20] = { 0 };
      SgDnsMessage parsed;

      message[5] = 1;
      memcpy (message + 12, loops[i], 8);
      ck_assert_msg (!sg_dns_parse (&parsed, message, sizeof message), "loop %zu", i);
      ck_assert_uint_eq (sg_dns_name (message, sizeof message, 12, name), 0);
    }
}
END_TEST

START_TEST (names_have_a_longest_length)
{
  guint8 message[600] = { 0 };
  char name[SG_DNS_NAME_TEXT];
  gsize at = 12;

  /* Four labels of 63 bytes that each need escapes: 257 bytes on the wire are too many. */
  for (int i = 0; i < 4; i++)
    {
      message[at++] = 63;
      memset (message + at, 0xff, 63);
      at += 63;
    }
  ck_assert_uint_eq (sg_dns_name (message, sizeof message, 12, name), 0);
  message[12 + 3 * 64] = 61;
  message[12 + 3 * 64 + 62] = 0;
  ck_assert_uint_ne (sg_dns_name (message, sizeof message, 12, name), 0);
  ck_assert_uint_lt (strlen (name), sizeof name);
}
END_TEST

START_TEST (every_cut_of_an_answer_is_refused)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint8 message[512], name[64];
  gsize len;

  ask (kit, "www.example.com", 1);
  len = kit_dns (message, TRUE, "www.example.com", 1);
  len = kit_dns_record (message, len, "www.example.com", SG_DNS_CNAME, 100, name,
                        (guint16)kit_dns_name (name, "a.example.net"));
  len = kit_dns_record (message, len, "a.example.net", SG_DNS_A, 100, "\x5d\xb8\xd8\x22", 4);
  for (gsize cut = 0; cut < len; cut++)
    {
      g_autofree guint8 *exact = g_memdup2 (message, cut);

      expect (answer (kit, exact, cut), SG_REASON_DNS_MALFORMED, "a cut");
    }
  expect (answer (kit, message, len), SG_REASON_NONE, "the whole");
  /* a question where an answer should be, and the other way round */
  message[2] &= 0x7f;
  expect (answer (kit, message, len), SG_REASON_DNS_MALFORMED, "a question");
  message[2] |= 0x80;
  {
    KitFrame frame;

    kit_udp (&frame, KIT_OUT, G4, 40000, SG_GATE_DNS4, 53, message, len);
    expect (kit_out (kit, &frame), SG_REASON_DNS_MALFORMED, "an answer from the guest");
  }
}
END_TEST

/* An answer with more addresses than the gate looks at could hide one. */
START_TEST (too_many_addresses_are_refused)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint8 message[4096];
  gsize len = kit_dns (message, TRUE, "a.example", 1);

  ask (kit, "a.example", 1);
  for (int i = 0; i < SG_DNS_ADDRESSES_MAX + 1; i++)
    len = kit_dns_record (message, len, "a.example", SG_DNS_A, 1, "\x5d\xb8\xd8\x22", 4);
  expect (answer (kit, message, len), SG_REASON_DNS_MALFORMED, "65 addresses");
}
END_TEST

START_TEST (answers_nobody_asked_for)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  guint8 message[512], other[512];
  gsize len = kit_dns (message, TRUE, "a.example", 1), other_len;
  KitFrame frame;

  expect (answer (kit, message, len), SG_REASON_NO_FLOW, "before any question");
  ask (kit, "a.example", 1);
  other_len = kit_dns (other, TRUE, "b.example", 1);
  expect (answer (kit, other, other_len), SG_REASON_NO_FLOW, "to another question");
  other_len = kit_dns (other, TRUE, "a.example", 28);
  expect (answer (kit, other, other_len), SG_REASON_NO_FLOW, "of another type");
  /* with a number of the guest's choice */
  expect (sg_gate_answer (kit->gate, message, len), SG_REASON_NO_FLOW, "with the guest's number");
  expect (answer (kit, message, len), SG_REASON_NONE, "the right one");
  ck_assert_uint_eq (kit->to_guest->len, 1);
  ck_assert_uint_eq (kit_emitted (kit->to_guest, 0).port_to, 40000);
  expect (answer (kit, message, len), SG_REASON_NO_FLOW, "once more");
  ask (kit, "a.example", 1);
  kit_advance (kit, 11);
  expect (answer (kit, message, len), SG_REASON_NO_FLOW, "too late");
  ask (kit, "a.example", 1);
  kit_mode (kit, SG_GATE_OFF);
  expect (answer (kit, message, len), SG_REASON_OFF, "after the switch");
  kit_mode (kit, SG_GATE_INTERNET);
  /* None by way of passt. */
  kit_udp (&frame, KIT_IN, SG_GATE_DNS4, 53, G4, 40000, message, len);
  expect (kit_in (kit, &frame), SG_REASON_NO_FLOW, "from passt");
}
END_TEST

/* Ten thousand open questions: the newest are answered, each to its own port and with its own
 * number. */
START_TEST (many_questions_at_once)
{
  g_autoptr (Kit) kit = kit_new (SG_GATE_INTERNET);
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  guint8 message[512];
  KitFrame frame;
  SgPacket packet;
  guint kept = 0;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u.example", i);

      kit_udp (&frame, KIT_OUT, G4, (guint16)(1024 + i), SG_GATE_DNS4, 53, message,
               kit_dns (message, FALSE, name, 1));
      kept += kit_out (kit, &frame) == SG_REASON_KEPT;
      g_hash_table_add (numbers, GUINT_TO_POINTER (sg_get16 (kit->asked->data) + 1u));
    }
  ck_assert_uint_eq (kept, 400); /* a burst of two seconds' worth: a flood is held back */
  ck_assert_uint_gt (g_hash_table_size (numbers), 380);
  kit_forget (kit);
  expect (kit_answer (kit, message, kit_dns (message, TRUE, "n399.example", 1)), SG_REASON_NONE,
          "last");
  packet = kit_emitted (kit->to_guest, 0);
  ck_assert_uint_eq (packet.port_to, 1024 + 399);
  ck_assert_uint_eq (sg_get16 (packet.frame + packet.payload), 0x1234);
}
END_TEST

START_TEST (a_greeting_in_pieces_or_lies)
{
  guint8 hello[512];
  char name[SG_HELLO_NAME_MAX];
  gsize len = kit_hello (hello, "www.example.com");

  ck_assert_int_eq (sg_hello_parse (hello, len, name), SG_HELLO_NAME);
  ck_assert_str_eq (name, "www.example.com");
  for (gsize cut = 0; cut < len; cut++)
    {
      g_autofree guint8 *exact = g_memdup2 (hello, cut);

      ck_assert_int_ne (sg_hello_parse (exact, cut, name), SG_HELLO_NAME);
    }
  /* each byte in turn, with each extreme: no crash, and never a longer name than there are bytes */
  for (gsize i = 0; i < len; i++)
    for (int value = 0; value < 256; value += 85)
      {
        g_autofree guint8 *exact = g_memdup2 (hello, len);

        exact[i] = (guint8)value;
        if (sg_hello_parse (exact, len, name) == SG_HELLO_NAME)
          ck_assert_uint_lt (strlen (name), len);
      }
  ck_assert_int_eq (sg_hello_parse (hello, kit_hello (hello, NULL), name), SG_HELLO_NO_NAME);
  ck_assert_int_eq (sg_hello_parse ((const guint8 *)"GET / HTTP/1.1\r\n", 16, name),
                    SG_HELLO_NOT_TLS);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-names");
  TCase *tc = tcase_create ("names");
  SRunner *runner;
  int failed;

  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, names_are_looked_up_through_the_gate_only);
  tcase_add_test (tc, the_canary_is_answered);
  tcase_add_test (tc, names_of_the_local_network_stay_unknown);
  tcase_add_test (tc, a_listed_name_opens_its_address_for_its_time);
  tcase_add_test (tc, odd_labels_are_not_listed_names);
  tcase_add_test (tc, aliases_lead_from_the_question_only);
  tcase_add_test (tc, servers_for_encrypted_lookups_are_closed);
  tcase_add_test (tc, the_tls_name_is_recorded_and_must_be_listed);
  tcase_add_test (tc, a_public_name_cannot_point_inside);
  tcase_add_test (tc, a_local_name_may_point_inside_in_mode_lan);
  tcase_add_test (tc, hints_cannot_point_inside_either);
  tcase_add_test (tc, compression_cannot_loop);
  tcase_add_test (tc, names_have_a_longest_length);
  tcase_add_test (tc, every_cut_of_an_answer_is_refused);
  tcase_add_test (tc, too_many_addresses_are_refused);
  tcase_add_test (tc, answers_nobody_asked_for);
  tcase_add_test (tc, many_questions_at_once);
  tcase_add_test (tc, a_greeting_in_pieces_or_lies);
  tcase_add_test (tc, a_greeting_cannot_be_hidden_in_pieces);
  tcase_add_test (tc, quic_gives_way_to_what_shows_its_name);
  tcase_add_test (tc, no_part_of_an_answer_points_inside);
  tcase_add_test (tc, an_alias_into_the_local_network_leads_nowhere);
  tcase_add_test (tc, hints_of_a_wrong_length_are_refused);
  suite_add_tcase (suite, tc);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
