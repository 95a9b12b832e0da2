/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of mode private: who is who, and whose frame it is. */
#pragma once

#include "launcher/netgate/neighbours.h"
#include "tests/unit/netgate-kit.h"

#include <check.h>

#define OWN "198.18.0.5"
#define OTHER "198.18.0.9"
#define EVERYBODY "ff:ff:ff:ff:ff:ff"
#define OWN6 "fd73:616e:6467:6c62::5"
#define OTHER6 "fd73:616e:6467:6c62::9"
#define OWN_LINK "fe80::5054:ff:feaa:bbcc"   /* of KIT_GUEST_MAC */
#define OTHER_LINK "fe80::5054:ff:fedd:eeff" /* of KIT_OTHER_MAC */

static inline void
set_macs (KitFrame *frame, const char *from, const char *to)
{
  sg_mac_parse (to, frame->bytes);
  sg_mac_parse (from, frame->bytes + 6);
}

/* A message about TARGET with the sender's MAC as its link address, to the group that it is for. */
static inline void
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
static inline void
found (KitFrame *frame, const char *mac, const char *from, const char *target, const char *to,
       const char *mac_to)
{
  kit_ndp (frame, KIT_OUT, SG_NDP_ADVERTISEMENT, from, to, target);
  set_macs (frame, mac, mac_to);
  sg_mac_parse (mac, frame->bytes + SG_ETH_LEN + 40 + 26);
}
