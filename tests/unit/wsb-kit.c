/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/wsb-kit.h"

#include <check.h>
#include <string.h>

static const char *const environment[] = { "WORK=/srv/work", "EMPTY=", "ODD=a b", NULL };
const SgProfileHost wsb_kit_host = { .home = "/home/maria",
                                     .user = "maria",
                                     .dir = "/home/maria/saved",
                                     .environment = (char *const *)environment };

SgProfile *
wsb_kit_read (const char *xml, gsize len)
{
  g_autoptr (GError) error = NULL;
  SgProfile *profile = sg_profile_parse (xml, len, "x.wsb", &wsb_kit_host, &error);

  ck_assert_msg (profile != NULL, "%s: %s", xml, error != NULL ? error->message : "no error");
  return profile;
}

SgProfile *
wsb_kit_inner (const char *inner)
{
  g_autofree char *xml = g_strdup_printf ("<Configuration>%s</Configuration>", inner);

  return wsb_kit_read (xml, strlen (xml));
}

SgGrants *
wsb_kit_grants (const SgProfile *profile)
{
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };

  return sg_grants_new (&defaults, profile, NULL);
}

void
wsb_kit_refused (const void *data, gsize len, const char *start)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgProfile) profile = sg_profile_parse (data, len, "x.wsb", &wsb_kit_host, &error);

  ck_assert_msg (profile == NULL, "%.60s", (const char *)data);
  ck_assert_msg (g_str_has_prefix (error->message, start), "%s", error->message);
}
