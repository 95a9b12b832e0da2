/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/policy-kit.h"

#include <check.h>
#include <string.h>

SgPolicy *
policy_of (const char *text)
{
  SgPolicy *policy = sg_policy_new ();

  if (text != NULL)
    sg_policy_add_text (policy, "/etc/sandglass/policy.d/20.conf", text, strlen (text));
  ck_assert_msg (!sg_policy_closed (policy), "%s", text);
  return policy;
}
