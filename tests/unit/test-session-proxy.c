/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session takes over of what the program that finds the desktop's proxies has printed. */
#include "launcher/session-network-proxy.h"

#include <check.h>
#include <stdlib.h>

START_TEST (a_proxy_has_a_name_and_places)
{
  g_autoptr (SgProxies) found = sg_proxies_parse ("http Proxy.Corp.Example 3128 10.1.2.3 fd00::3\n"
                                                  "https proxy.corp.example 3128 10.1.2.3\n");

  ck_assert_str_eq (found->http, "http://proxy.corp.example:3128");
  ck_assert_str_eq (found->https, "http://proxy.corp.example:3128");
  ck_assert_str_eq (found->names[0], "proxy.corp.example");
  ck_assert_ptr_null (found->names[1]);
  ck_assert_str_eq (found->places[0], "10.1.2.3:3128");
  ck_assert_str_eq (found->places[1], "[fd00::3]:3128");
  ck_assert_ptr_null (found->places[2]);
}
END_TEST

START_TEST (what_makes_no_sense_is_left_out)
{
  static const char *const texts[] = {
    "",
    "http",
    "http proxy 3128",                 /* no address */
    "http proxy 0 10.1.2.3",           /* no port */
    "http proxy 70000 10.1.2.3",       /* no port */
    "http proxy 80 nonsense",          /* no address */
    "http localhost 80 127.0.0.1 ::1", /* our own loopback: no sandbox reaches it */
    "http *.example 80 10.1.2.3",      /* no name */
    "http 10.0.0.0/8 80 10.1.2.3",     /* no name */
    "http a\"b 80 10.1.2.3",           /* no name */
    "socks proxy 1080 10.1.2.3",       /* no HTTP proxy */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SgProxies) found = sg_proxies_parse (texts[i]);

      ck_assert_msg (found->http == NULL && found->https == NULL && found->places[0] == NULL
                         && found->names[0] == NULL,
                     "%s", texts[i]);
    }
}
END_TEST

START_TEST (an_address_is_no_name)
{
  g_autoptr (SgProxies) found = sg_proxies_parse ("http fd00::3 3128 fd00::3");

  ck_assert_str_eq (found->http, "http://[fd00::3]:3128");
  ck_assert_ptr_null (found->names[0]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-proxy");
  TCase *tests = tcase_create ("proxy");
  SRunner *runner = srunner_create (suite);
  int failures;

  tcase_add_test (tests, a_proxy_has_a_name_and_places);
  tcase_add_test (tests, what_makes_no_sense_is_left_out);
  tcase_add_test (tests, an_address_is_no_name);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failures = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
