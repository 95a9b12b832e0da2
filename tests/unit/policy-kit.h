/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules from text, for tests. */
#pragma once

#include "policies/policy.h"

/* Of the file 20.conf; they must be good ones.  NULL: none. */
SgPolicy *policy_of (const char *text);
