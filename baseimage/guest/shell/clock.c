/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A timeout of GLib's runs on the monotonic clock: after a clone it would show the template's time
 * for up to a minute, and it drifts off the minute.  A timerfd on the real-time clock, absolute and
 * cancelled when the clock is set, has neither fault and costs one wake-up a minute. */
#include "clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef struct
{
  GSource source;
  int fd;
  gpointer tag;
  void (*tick) (gpointer data);
  gpointer data;
} Clock;

guint
sg_clock_seconds_left (gint64 now_us)
{
  return 60 - (guint)((now_us / G_USEC_PER_SEC) % 60);
}

static void
arm (Clock *clock)
{
  gint64 now = g_get_real_time ();
  struct itimerspec when
      = { .it_value = { .tv_sec = now / G_USEC_PER_SEC + sg_clock_seconds_left (now) },
          .it_interval = { .tv_sec = 60 } };

  timerfd_settime (clock->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

static gboolean
clock_check (GSource *source)
{
  Clock *clock = (Clock *)source;

  return (g_source_query_unix_fd (source, clock->tag) & G_IO_IN) != 0;
}

static gboolean
clock_dispatch (GSource *source, GSourceFunc unused, gpointer data)
{
  Clock *clock = (Clock *)source;
  guint64 times;

  if (read (clock->fd, &times, sizeof times) < 0 && errno == ECANCELED)
    arm (clock);
  clock->tick (clock->data);
  return G_SOURCE_CONTINUE;
}

static void
clock_finalize (GSource *source)
{
  close (((Clock *)source)->fd);
}

GSource *
sg_clock_new (void (*tick) (gpointer data), gpointer data)
{
  static GSourceFuncs functions
      = { .check = clock_check, .dispatch = clock_dispatch, .finalize = clock_finalize };
  GSource *source = g_source_new (&functions, sizeof (Clock));
  Clock *clock = (Clock *)source;

  clock->fd = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  clock->tick = tick;
  clock->data = data;
  if (clock->fd >= 0)
    {
      arm (clock);
      clock->tag = g_source_add_unix_fd (source, clock->fd, G_IO_IN);
      g_source_attach (source, NULL);
    }
  tick (data);
  return source;
}
