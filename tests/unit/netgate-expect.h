/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the gate's tests: what it said, against what it should have. */
#pragma once

#include "tests/unit/netgate-kit.h"

#include <check.h>

static inline void
expect (SgReason got, SgReason wanted, const char *what)
{
  ck_assert_msg (got == wanted, "%s: %s, not %s", what, sg_reason_key (got),
                 sg_reason_key (wanted));
}
