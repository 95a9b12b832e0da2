/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/enforce-internal.h"

#include "common/paths.h"
#include "launcher/enforce-host.h"

#include <glib/gi18n.h>

/* --- grants -------------------------------------------------------------------------------------
 */

static void
tell_steps (gpointer data)
{
  SgEnforce *enforce = data;
  g_autofree char *json = sg_steps_json (enforce->steps);

  sg_session1_set_steps (enforce->session->object, json);
}

static void on_step (guint n, guint all, const char *command, gpointer data);
static void on_notice (const char *message, gpointer data);
static void on_stepped (gpointer data);

static const SgStepsFuncs steps_funcs = { tell_steps, on_step, on_notice, on_stepped };

/* Who runs a command has the profile prepare for it, and not run a program of its own. */
static SgSteps *
new_steps (SgEnforce *enforce)
{
  return sg_steps_new (enforce->granted->grants,
                       enforce->granted->defaults.purpose != SG_FOR_COMMAND, &steps_funcs, enforce);
}

static void
take (SgEnforce *enforce, SgGranted *granted)
{
  g_autofree char *json = sg_grants_json (granted->grants, granted->profile, granted->policy);

  g_clear_pointer (&enforce->steps, sg_steps_free);
  enforce->granted = granted;
  enforce->rule = sg_lifetime_rule (granted->grants);
  enforce->steps = new_steps (enforce);
  sg_session1_set_grants (enforce->session->object, json);
  tell_steps (enforce);
}

SgEnforce *
sg_enforce_new (SgSession *session, SgPolicy *policy, const SgAsk *ask, GError **error)
{
  g_autoptr (SgGranted) granted = sg_granted_new (policy, ask, error);
  SgEnforce *enforce;

  if (granted == NULL || !sg_granted_may_run (granted, error))
    return NULL;
  enforce = g_new0 (SgEnforce, 1);
  enforce->session = session;
  enforce->ask = ask;
  enforce->stamp = sg_policy_stamp (ask);
  enforce->windows = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  take (enforce, g_steal_pointer (&granted));
  return enforce;
}

void
sg_enforce_free (SgEnforce *enforce)
{
  if (enforce == NULL)
    return;
  g_clear_handle_id (&enforce->look, g_source_remove);
  g_clear_pointer (&enforce->print, sg_print_free);
  g_clear_pointer (&enforce->steps, sg_steps_free);
  g_clear_pointer (&enforce->granted, sg_granted_free);
  sg_session_look_free (enforce->desktop_look);
  g_hash_table_unref (enforce->windows);
  g_free (enforce->stamp);
  g_free (enforce);
}

const SgGranted *
sg_enforce_granted (const SgEnforce *enforce)
{
  return enforce->granted;
}

gboolean
sg_enforce_again (SgEnforce *enforce, const SgAsk *wish)
{
  g_autofree char *now = sg_policy_stamp (enforce->ask);
  SgAsk ask = *enforce->ask;
  SgGranted *before = enforce->granted;
  g_autoptr (SgGranted) granted = NULL;

  if (!g_str_equal (now, enforce->stamp))
    return FALSE;
  ask.memory_mb = wish->memory_mb;
  ask.cpus = wish->cpus;
  ask.network = wish->network;
  ask.allow = wish->allow;
  ask.purpose = wish->purpose;
  ask.config = wish->config;
  ask.writable = wish->writable;
  ask.without_asks = wish->without_asks;
  granted = sg_granted_new (NULL, &ask, NULL);
  if (granted == NULL)
    return FALSE;
  sg_grants_free (granted->grants);
  granted->grants = sg_grants_new (&granted->defaults, granted->profile, before->policy);
  if (!granted->grants->may_run)
    return FALSE;
  granted->policy = g_steal_pointer (&before->policy);
  take (enforce, g_steal_pointer (&granted));
  sg_granted_free (before);
  return TRUE;
}

/* --- may it start -------------------------------------------------------------------------------
 */

static gboolean
is_one_too_many (SgEnforce *enforce, GError **error)
{
  const SgGrants *grants = enforce->granted->grants;
  gint64 most = sg_grants_number (grants, SG_SETTING_MAX_SANDBOXES);
  g_autofree char *runtime = most > 0 ? sg_paths_runtime (error) : NULL;
  g_autofree char *who = NULL;

  if (most <= 0 || (runtime != NULL && sg_enforce_count (runtime) <= most))
    return FALSE;
  if (runtime == NULL)
    return TRUE;
  who = sg_reason_sentence (&grants->settings[SG_SETTING_MAX_SANDBOXES].reason);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               _ ("No more than %d of your sandboxes may be open at once. %s Close one (`sandglass "
                  "list` shows them) and try again"),
               (int)most, who);
  return TRUE;
}

gboolean
sg_enforce_may_start (SgEnforce *enforce, GError **error)
{
  const SgGrants *grants = enforce->granted->grants;

  return !is_one_too_many (enforce, error)
         && (sg_grants_number (grants, SG_SETTING_ENCRYPTION) == 0
             || sg_enforce_encryption ("/", error));
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void
on_notice (const char *message, gpointer data)
{
  SgEnforce *enforce = data;

  sg_session1_emit_notice (enforce->session->object, "step", message);
}

static void
on_step (guint n, guint all, const char *command, gpointer data)
{
  SgEnforce *enforce = data;
  g_autofree char *stage = g_strdup_printf (_ ("Running step %u of %u: %s"), n, all, command);

  enforce->facts.has_run = TRUE;
  if (enforce->then != NULL)
    sg_session1_set_stage (enforce->session->object, stage);
  sg_enforce_lifetime_changed (enforce);
}

void
sg_enforce_set_up (SgEnforce *enforce)
{
  void (*then) (SgSession * session) = enforce->then;

  enforce->then = NULL;
  if (then != NULL && enforce->session->state < SG_STATE_ENDING)
    then (enforce->session);
}

static void
on_stepped (gpointer data)
{
  SgEnforce *enforce = data;

  enforce->stepped = TRUE;
  if (sg_steps_program (enforce->steps) && enforce->session->state == SG_STATE_RUNNING)
    {
      sg_session_end (enforce->session, NULL); /* it was all that there is */
      return;
    }
  sg_enforce_set_up (enforce);
  sg_enforce_lifetime_changed (enforce);
}

static void
start_steps (SgEnforce *enforce)
{
  if (enforce->started || enforce->session->state >= SG_STATE_ENDING)
    return;
  enforce->started = TRUE;
  sg_steps_start (enforce->steps, sg_machine_agent (enforce->session->machine));
}

void
sg_enforce_folders_given (SgEnforce *enforce)
{
  if (enforce->session->state >= SG_STATE_ENDING)
    return;
  if (enforce->granted->defaults.purpose == SG_FOR_COMMAND && sg_steps_count (enforce->steps) > 0)
    start_steps (enforce); /* they prepare for the command */
  else
    sg_enforce_set_up (enforce);
  if (enforce->desktop)
    sg_enforce_ready (enforce); /* which did not wait for the folders */
}

void
sg_enforce_go_on (SgEnforce *enforce)
{
  sg_steps_go_on (enforce->steps);
}

void
sg_enforce_anew (SgEnforce *enforce)
{
  sg_steps_free (enforce->steps);
  enforce->steps = new_steps (enforce);
  enforce->started = enforce->stepped = enforce->desktop = FALSE;
  g_clear_pointer (&enforce->desktop_look, sg_session_look_free); /* it may look otherwise by now */
  enforce->look_told = FALSE;
  enforce->then = NULL;
  enforce->facts.has_run = FALSE;
  tell_steps (enforce);
}

void
sg_enforce_machine_gone (SgEnforce *enforce)
{
  g_clear_pointer (&enforce->print, sg_print_free);
  sg_enforce_anew (enforce);
}

gboolean
sg_enforce_may_rescue (const SgEnforce *enforce)
{
  return enforce->granted->defaults.purpose != SG_FOR_COMMAND
         && sg_grants_number (enforce->granted->grants, SG_SETTING_RESCUE) != 0;
}

void
sg_enforce_ready (SgEnforce *enforce)
{
  enforce->facts.last_used = g_get_monotonic_time ();
  enforce->desktop = TRUE;
  if (enforce->then == NULL) /* else when the folders are there */
    start_steps (enforce);
}

GBytes *
sg_enforce_log (const SgEnforce *enforce, guint n)
{
  return sg_steps_log (enforce->steps, n);
}
