/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/enforce-session.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/enforce-host.h"
#include "launcher/enforce-inside.h"
#include "launcher/session-look.h"
#include "launcher/session-namespace.h"
#include "launcher/session-print.h"
#include "launcher/session.h"

struct SgEnforce
{
  SgSession *session;
  const SgAsk *ask;
  char *stamp; /* of the rules, as they were read */
  SgGranted *granted;
  SgSteps *steps;
  gboolean started, stepped; /* the steps */
  gboolean desktop;          /* it is there */
  guint folders;             /* that are being shared */
  SgPrint *print;            /* or NULL */
  void (*then) (SgSession *session);
  SgLifetimeRule rule;
  SgLifetimeFacts facts;
  GHashTable *windows; /* GDBusConnection (owned) -> whether it tells of use */
  guint commands;      /* of clients */
  guint look;
  SgSessionLook *desktop_look; /* the person's; NULL: not asked yet */
};

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
               "No more than %" G_GINT64_FORMAT " of your sandboxes may be open at once. %s Close "
               "one (`sandglass list` shows them) and try again",
               most, who);
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

/* --- folders ------------------------------------------------------------------------------------
 */

gboolean
sg_enforce_folder (const char *path, gboolean writable, gpointer data, GError **error)
{
  const SgSession *session = data;
  SgReason reason = { 0 };
  g_autofree char *who = NULL;

  if (session->enforce == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The sandbox is ending");
      return FALSE;
    }
  if (sg_policy_would_allow_folder (session->enforce->granted->policy, path, writable, &reason))
    return TRUE;
  who = sg_reason_sentence (&reason);
  sg_reason_clear (&reason);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "The folder '%s' may not be given to a sandbox%s. %s", path,
               writable ? " for changes" : "", who);
  return FALSE;
}

static void folders_given (SgEnforce *enforce);

static void
one_folder_less (SgEnforce *enforce)
{
  if (--enforce->folders == 0)
    folders_given (enforce);
}

static void
folder_given (GObject *source, GAsyncResult *result, gpointer data)
{
  SgEnforce *enforce = data;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *place = sg_shares_give_finish (result, &warnings, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (place == NULL)
    sg_session1_emit_notice (enforce->session->object, "folder", error->message);
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    sg_session1_emit_notice (enforce->session->object, "folder", *warning);
  one_folder_less (enforce);
}

/* One that cannot be had is told, and is no reason not to open. */
static void
give_folder (SgEnforce *enforce, const SgGrantedFolder *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *who = NULL, *words = NULL;
  sg_fd int fd = -1;

  if (!folder->granted)
    {
      who = sg_reason_sentence (&folder->reason);
      words = g_strdup_printf ("The folder '%s' of the profile is not shared. %s",
                               folder->host_path, who);
    }
  else if (enforce->session->shares == NULL)
    words = sg_namespace_words (enforce->session->walls);
  else
    fd = sg_share_open (folder->host_path, &error);
  if (fd >= 0)
    {
      enforce->folders++;
      sg_shares_give_async (enforce->session->shares, fd, folder->sandbox_path, folder->writable,
                            folder_given, enforce);
      return;
    }
  sg_session1_emit_notice (enforce->session->object, "folder",
                           words != NULL ? words : error->message);
}

/* Then folders_given(). */
static void
give_folders (SgEnforce *enforce)
{
  const GPtrArray *folders = enforce->granted->grants->folders;

  enforce->folders = 1;
  for (guint i = 0; i < folders->len; i++)
    give_folder (enforce, folders->pdata[i]);
  one_folder_less (enforce);
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void lifetime_changed (SgEnforce *enforce);

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
  g_autofree char *stage = g_strdup_printf ("Running step %u of %u: %s", n, all, command);

  enforce->facts.has_run = TRUE;
  if (enforce->then != NULL)
    sg_session1_set_stage (enforce->session->object, stage);
  lifetime_changed (enforce);
}

static void
go_on (SgEnforce *enforce)
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
  go_on (enforce);
  lifetime_changed (enforce);
}

static void
start_steps (SgEnforce *enforce)
{
  if (enforce->started || enforce->session->state >= SG_STATE_ENDING)
    return;
  enforce->started = TRUE;
  sg_steps_start (enforce->steps, sg_machine_agent (enforce->session->machine));
}

static void
folders_given (SgEnforce *enforce)
{
  if (enforce->session->state >= SG_STATE_ENDING)
    return;
  if (enforce->granted->defaults.purpose == SG_FOR_COMMAND && sg_steps_count (enforce->steps) > 0)
    start_steps (enforce); /* they prepare for the command */
  else
    go_on (enforce);
  if (enforce->desktop)
    sg_enforce_ready (enforce); /* which did not wait for the folders */
}

static const struct
{
  SgSetting setting;
  const char *what, *instead;
} missing[] = {
  { SG_SETTING_VGPU, "3D by this computer's graphics card is",
    "Pictures are computed by the processor" },
  { SG_SETTING_PRINTERS, "Printing on your printers is", "Print to a file and save it" },
};

/* A language that programs inside cannot speak; NULL: there is none.  Free with g_free(). */
static char *
language_words (const SgEnforce *enforce)
{
  const SgGrant *grant = &enforce->granted->grants->settings[SG_SETTING_LOCALE];

  return grant->text != NULL && grant->reason.note != NULL
             ? g_strdup_printf ("The language %s: %s.", grant->text, grant->reason.note)
             : NULL;
}

static const char *
why_missing (const SgEnforce *enforce, SgSetting setting)
{
  const SgReason *reason = &enforce->granted->grants->settings[setting].reason;

  return reason->who == SG_BY_COMPUTER ? reason->note : NULL;
}

/* What was asked for and this computer cannot do: said where it was asked. */
static void
tell_missing (SgEnforce *enforce)
{
  g_autofree char *language = language_words (enforce);

  if (language != NULL)
    sg_session1_emit_notice (enforce->session->object, "missing", language);
  for (gsize i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      const char *why = why_missing (enforce, missing[i].setting);
      g_autofree char *words
          = g_strdup_printf ("%s %s. %s.", missing[i].what, why, missing[i].instead);

      if (why != NULL)
        sg_session1_emit_notice (enforce->session->object, "missing", words);
    }
}

static void
print_lost (const char *words, gpointer data)
{
  SgEnforce *enforce = data;

  sg_session1_emit_notice (enforce->session->object, "printers", words);
}

/* Anew when the machine has restarted. */
static void
give_printers (SgEnforce *enforce)
{
  SgSession *session = enforce->session;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  g_clear_pointer (&enforce->print, sg_print_free);
  if (session->plan == NULL || session->plan->printers == NULL)
    return;
  enforce->print = sg_print_new (session->plan, sg_machine_agent (session->machine), print_lost,
                                 enforce, &error);
  if (enforce->print != NULL)
    return;
  words = g_strdup_printf ("The sandbox cannot print: %s", error->message);
  print_lost (words, enforce);
}

static void
set_inside (GObject *source, GAsyncResult *result, gpointer data)
{
  SgEnforce *enforce = data;
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_enforce_inside_finish (SG_AGENT (source), result, &notice, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (enforce->session->state >= SG_STATE_ENDING)
    return;
  if (!ok)
    {
      sg_session_end (enforce->session, error->message);
      return;
    }
  if (notice != NULL)
    sg_session1_emit_notice (enforce->session->object, "settings", notice);
  tell_missing (enforce);
  give_printers (enforce);
  give_folders (enforce);
}

void
sg_enforce_look (SgEnforce *enforce)
{
  if (enforce->desktop_look == NULL)
    enforce->desktop_look = sg_session_look_new (
        enforce->ask->look
        && sg_session_look_granted (enforce->granted->grants,
                                    sg_base_anonymous (enforce->session->base)));
}

/* Its window is one program's, that of who runs a command or the profile's. */
static gboolean
has_program (const SgEnforce *enforce)
{
  return enforce->ask->program != NULL || sg_steps_program (enforce->steps);
}

static void
look_known (gpointer data)
{
  SgEnforce *enforce = data;
  const SgGrants *grants = enforce->granted->grants;
  const SgLook *look = sg_session_look_get (enforce->desktop_look);
  GVariant *demands = sg_enforce_demands (grants), *wishes = sg_enforce_wishes (grants, look, has_program (enforce));
  gboolean nothing = demands == NULL && wishes == NULL && grants->folders->len == 0
                     && sg_steps_count (enforce->steps) == 0
                     && sg_grants_number (grants, SG_SETTING_PRINTERS) == 0
                     && why_missing (enforce, SG_SETTING_VGPU) == NULL
                     && why_missing (enforce, SG_SETTING_PRINTERS) == NULL;

  g_clear_pointer (&demands, g_variant_unref);
  g_clear_pointer (&wishes, g_variant_unref);
  if (nothing)
    go_on (enforce);
  else if (enforce->session->machine != NULL && enforce->session->state < SG_STATE_ENDING)
    sg_enforce_inside_async (sg_machine_agent (enforce->session->machine), grants, look,
                             has_program (enforce), enforce->session->cancellable, set_inside,
                             enforce);
}

void
sg_enforce_usable (SgEnforce *enforce, void (*then) (SgSession *session))
{
  enforce->then = then;
  sg_enforce_look (enforce);
  sg_session_look_await (enforce->desktop_look, look_known, enforce);
}

static void
set_inside_again (GObject *source, GAsyncResult *result, gpointer data)
{
  SgEnforce *enforce = data;
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_enforce_inside_finish (SG_AGENT (source), result, &notice, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session may be gone */
  if (ok)
    {
      give_printers (enforce);
      go_on (enforce);
    }
  else
    sg_session_end (enforce->session, error->message);
}

void
sg_enforce_inside_again (SgEnforce *enforce, void (*then) (SgSession *session))
{
  const SgLook *look = enforce->desktop_look != NULL ? sg_session_look_get (enforce->desktop_look)
                                                     : NULL;

  enforce->then = then;
  sg_enforce_inside_async (sg_machine_agent (enforce->session->machine), enforce->granted->grants,
                           look, has_program (enforce), enforce->session->cancellable,
                           set_inside_again, enforce);
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

gboolean
sg_enforce_has_window (const SgEnforce *enforce)
{
  return g_hash_table_size (enforce->windows) > 0;
}

void
sg_enforce_ready (SgEnforce *enforce)
{
  enforce->facts.last_used = g_get_monotonic_time ();
  enforce->desktop = TRUE;
  if (enforce->then == NULL) /* else when the folders are there */
    start_steps (enforce);
}

/* --- lifetime -----------------------------------------------------------------------------------
 */

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

static void
lifetime_changed (SgEnforce *enforce)
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
  lifetime_changed (enforce);
}

void
sg_enforce_window (SgEnforce *enforce, GDBusConnection *client)
{
  if (!g_hash_table_contains (enforce->windows, client))
    g_hash_table_insert (enforce->windows, g_object_ref (client), NULL);
  lifetime_changed (enforce);
}

void
sg_enforce_used (SgEnforce *enforce, GDBusConnection *client)
{
  if (g_hash_table_contains (enforce->windows, client))
    g_hash_table_insert (enforce->windows, g_object_ref (client), GINT_TO_POINTER (TRUE));
  lifetime_changed (enforce);
}

void
sg_enforce_client_gone (SgEnforce *enforce, GDBusConnection *client)
{
  if (g_hash_table_remove (enforce->windows, client))
    lifetime_changed (enforce);
}

GBytes *
sg_enforce_log (const SgEnforce *enforce, guint n)
{
  return sg_steps_log (enforce->steps, n);
}
