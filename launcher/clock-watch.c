/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A timer that never expires: the kernel cancels it when the clock was set, and also when the
 * computer wakes (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).  No time is lost by looking, and no
 * guess is made about what a jump is. */
#include "launcher/clock-watch.h"

#include "common/fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NEVER_SEC (G_GINT64_CONSTANT (1) << 32) /* after 2106 */

struct SgClockWatch
{
  SgClockJumped jumped;
  gpointer data;
  int timer;
  guint source;
};

static gboolean
arm (const SgClockWatch *watch)
{
  struct itimerspec when = { .it_value.tv_sec = NEVER_SEC };

  return timerfd_settime (watch->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL)
         == 0;
}

static gboolean
on_timer (int fd, GIOCondition condition, gpointer data)
{
  SgClockWatch *watch = data;
  guint64 times;
  gboolean jumped = read (fd, &times, sizeof times) == sizeof times || errno == ECANCELED;

  if (!jumped)
    return G_SOURCE_CONTINUE;
  if (!arm (watch)) /* ECANCELED: it was set again meanwhile, and is armed all the same */
    g_debug ("the clock was set twice");
  watch->jumped (watch->data);
  return G_SOURCE_CONTINUE;
}

SgClockWatch *
sg_clock_watch_new (SgClockJumped jumped, gpointer data, GError **error)
{
  g_autoptr (SgClockWatch) watch = g_new0 (SgClockWatch, 1);

  watch->jumped = jumped;
  watch->data = data;
  watch->timer = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (watch->timer < 0 || !arm (watch))
    {
      sg_errno (error, "Cannot watch the clock");
      return NULL;
    }
  watch->source = g_unix_fd_add (watch->timer, G_IO_IN, on_timer, watch);
  return g_steal_pointer (&watch);
}

void
sg_clock_watch_free (SgClockWatch *watch)
{
  if (watch == NULL)
    return;
  g_clear_handle_id (&watch->source, g_source_remove);
  sg_fd_clear (&watch->timer);
  g_free (watch);
}
