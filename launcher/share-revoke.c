/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process is not believed: the kernel's own list of its descriptors says what is left. */
#include "launcher/share-revoke.h"

#include "launcher/revoke-preload.h"
#include "launcher/share-mount.h"

/* A call that was on its way opens one more file; after some quiet looks there is none. */
#define QUIET_LOOKS 3
#define MOST_LOOKS 40
#define LOOK_USEC 50000

static void
send_signals (const GArray *ids, pid_t pid)
{
  for (guint i = 0; i < ids->len; i++)
    {
      union sigval value = { .sival_int = (int)g_array_index (ids, guint64, i) };

      sigqueue (pid, SG_REVOKE_SIGNAL, value);
    }
}

guint
sg_share_revoke (GArray *ids, pid_t pid)
{
  guint held = 0, quiet = 0;

  if (ids->len == 0 || pid <= 1)
    return 0;
  for (guint look = 0; look < MOST_LOOKS && quiet < QUIET_LOOKS; look++)
    {
      if (look > 0)
        g_usleep (LOOK_USEC);
      held = sg_share_mounts_held (ids, pid);
      quiet = held == 0 ? quiet + 1 : 0;
      if (held > 0)
        send_signals (ids, pid);
    }
  return held;
}
