/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox that stays ends with: its windows, commands and use (lifetime.h says when). */
#include "launcher/enforce-internal.h"

gboolean
sg_enforce_has_window (const SgEnforce *enforce)
{
  return g_hash_table_size (enforce->windows) > 0;
}

static gboolean
look (gpointer data)
{
  SgEnforce *enforce = data;
  gint64 now = g_get_monotonic_time ();
  const char *why = sg_lifetime_over (&enforce->rule, &enforce->facts, now);

  if (why == NULL || !enforce->session->detached || (enforce->started && !enforce->stepped && !sg_steps_program_runs (enforce->steps)))
    return G_SOURCE_CONTINUE;
  enforce->look = 0;
  g_autofree char *words = g_strdup_printf ("The sandbox has ended, because %s.", why);
  sg_session1_emit_notice (enforce->session->object, "lifetime", words);
  sg_session_end (enforce->session, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
is_silent (gpointer client, gpointer tells, gpointer data)
{
  *(guint *)data += tells == NULL ? 1 : 0;
  return FALSE;
}

void
sg_enforce_lifetime_changed (SgEnforce *enforce)
{
  SgLifetimeFacts *facts = &enforce->facts;
  guint seconds = sg_lifetime_look (&enforce->rule), silent = 0;

  g_hash_table_foreach_remove (enforce->windows, is_silent, &silent);
  facts->silent = silent;
  facts->windows = g_hash_table_size (enforce->windows);
  facts->had_window |= facts->windows > 0;
  facts->commands = enforce->commands + (sg_steps_running (enforce->steps) ? 1 : 0);
  facts->has_run |= facts->commands > 0;
  facts->last_used = g_get_monotonic_time ();
  if (enforce->look == 0 && seconds > 0)
    enforce->look = g_timeout_add_seconds (seconds, look, enforce);
}

void
sg_enforce_commands (SgEnforce *enforce, guint running)
{
  enforce->commands = running;
  sg_enforce_lifetime_changed (enforce);
}

void
sg_enforce_window (SgEnforce *enforce, GDBusConnection *client)
{
  if (!g_hash_table_contains (enforce->windows, client))
    g_hash_table_insert (enforce->windows, g_object_ref (client), NULL);
  sg_enforce_lifetime_changed (enforce);
}

void
sg_enforce_used (SgEnforce *enforce, GDBusConnection *client)
{
  if (g_hash_table_contains (enforce->windows, client))
    g_hash_table_insert (enforce->windows, g_object_ref (client), GINT_TO_POINTER (TRUE));
  sg_enforce_lifetime_changed (enforce);
}

void
sg_enforce_client_gone (SgEnforce *enforce, GDBusConnection *client)
{
  if (g_hash_table_remove (enforce->windows, client))
    sg_enforce_lifetime_changed (enforce);
}
