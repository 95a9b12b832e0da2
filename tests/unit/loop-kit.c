/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/loop-kit.h"

#include <check.h>
#include <string.h>

#define PATIENCE_SEC 60

void
keep (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static gboolean
tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
spin_until (const void *what, gsize size)
{
  static const guint8 zero[sizeof (gpointer)] = { 0 };
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SEC * G_USEC_PER_SEC;
  guint timer = g_timeout_add (50, tick, NULL); /* so that the deadline is seen */

  ck_assert_uint_le (size, sizeof zero);
  while (memcmp (what, zero, size) == 0 && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  ck_assert_msg (memcmp (what, zero, size) != 0, "it did not happen in time");
}
