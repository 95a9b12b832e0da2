/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The waiting of a session without an owner (standby.h). */
#pragma once

#include <gio/gio.h>

struct SgSession;
typedef struct SgStandby SgStandby;

/* The machine is held; from now on the session can be taken, for SECONDS. */
SgStandby *sg_standby_new (struct SgSession *session, guint seconds, GError **error);
void sg_standby_free (SgStandby *standby);
