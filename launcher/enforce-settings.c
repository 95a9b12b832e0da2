/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be so inside before anything of the person runs there, at first and after a restart inside: settings, how it
 * looks, printers; then the folders. */
#include "launcher/enforce-internal.h"

#include "launcher/enforce-inside.h"

#include <glib/gi18n.h>

/* A language that programs inside cannot speak; NULL: there is none.  Free with g_free(). */
static char *
language_words (const SgEnforce *enforce)
{
  const SgGrant *grant = &enforce->granted->grants->settings[SG_SETTING_LOCALE];

  return grant->text != NULL && grant->reason.note != NULL
             ? g_strdup_printf (_ ("The language %s: %s."), grant->text, grant->reason.note)
             : NULL;
}

/* WORDS (owned, may be NULL): a sentence. */
static void
tell_of_missing (SgEnforce *enforce, char *words)
{
  if (words != NULL)
    sg_session1_emit_notice (enforce->session->object, "missing", words);
  g_free (words);
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
  const char *vgpu = why_missing (enforce, SG_SETTING_VGPU);
  const char *printers = why_missing (enforce, SG_SETTING_PRINTERS);

  tell_of_missing (enforce, language_words (enforce));
  /* TRANSLATORS: %s is "not possible here: " and why, also in the next one. */
  if (vgpu != NULL)
    tell_of_missing (enforce, g_strdup_printf (_ ("3D by this computer's graphics card is %s. "
                                                  "Pictures are computed by the processor."),
                                               vgpu));
  if (printers != NULL)
    tell_of_missing (enforce, g_strdup_printf (_ ("Printing on your printers is %s. Print to a file "
                                                  "and save it."),
                                               printers));
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
  words = g_strdup_printf (_ ("The sandbox cannot print: %s"), error->message);
  print_lost (words, enforce);
}

/* Whether all that must be so inside is; where it is not, the session has ended, or ends now. */
static gboolean
is_set (SgEnforce *enforce, GObject *agent, GAsyncResult *result)
{
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_enforce_inside_finish (SG_AGENT (agent), result, &notice, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE; /* the session may be gone */
  if (enforce->session->state >= SG_STATE_ENDING)
    return FALSE;
  if (!ok)
    sg_session_end (enforce->session, error->message);
  else if (notice != NULL)
    sg_session1_emit_notice (enforce->session->object, "settings", notice);
  return ok;
}

static void
set_at_first (GObject *agent, GAsyncResult *result, gpointer data)
{
  SgEnforce *enforce = data;

  if (!is_set (enforce, agent, result))
    return;
  tell_missing (enforce);
  give_printers (enforce);
  sg_enforce_give_folders (enforce);
}

static void
set_again (GObject *agent, GAsyncResult *result, gpointer data)
{
  SgEnforce *enforce = data;

  if (!is_set (enforce, agent, result))
    return;
  give_printers (enforce);
  sg_enforce_set_up (enforce);
}

/* Its window is one program's, that of who runs a command or the profile's. */
static gboolean
has_program (const SgEnforce *enforce)
{
  return enforce->ask->program != NULL || sg_steps_program (enforce->steps);
}

/* A machine that restarts inside is told when it is back. */
static void
look_told (GObject *agent, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = sg_agent_call_finish (SG_AGENT (agent), result, &error);

  if (answer == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_info ("the desktop's change is not known inside: %s", error->message);
}

static void
look_changed (gpointer data)
{
  SgEnforce *enforce = data;
  SgSession *session = enforce->session;
  const SgLook *look = sg_session_look_get (enforce->desktop_look);

  if (enforce->look_told && look != NULL && session->machine != NULL
      && (session->state == SG_STATE_BOOTING || session->state == SG_STATE_RUNNING))
    sg_agent_call_async (sg_machine_agent (session->machine), "settings",
                         sg_enforce_look_again (look, has_program (enforce)), session->cancellable,
                         look_told, NULL);
}

void
sg_enforce_look (SgEnforce *enforce)
{
  gboolean granted = enforce->ask->look
                     && sg_session_look_granted (enforce->granted->grants,
                                                 sg_base_anonymous (enforce->session->base));
  g_autofree char *program = granted ? sg_session_look_program () : NULL;

  if (enforce->desktop_look == NULL)
    enforce->desktop_look = sg_session_look_new (program, look_changed, enforce);
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
  enforce->look_told = TRUE;
  if (nothing)
    sg_enforce_set_up (enforce);
  else if (enforce->session->machine != NULL && enforce->session->state < SG_STATE_ENDING)
    sg_enforce_inside_async (sg_machine_agent (enforce->session->machine), grants, look,
                             has_program (enforce), enforce->session->cancellable, set_at_first,
                             enforce);
}

void
sg_enforce_usable (SgEnforce *enforce, void (*then) (SgSession *session))
{
  enforce->then = then;
  sg_enforce_look (enforce);
  sg_session_look_await (enforce->desktop_look, look_known, enforce);
}

void
sg_enforce_inside_again (SgEnforce *enforce, void (*then) (SgSession *session))
{
  const SgLook *look = enforce->desktop_look != NULL ? sg_session_look_get (enforce->desktop_look)
                                                     : NULL;

  enforce->then = then;
  sg_enforce_inside_async (sg_machine_agent (enforce->session->machine), enforce->granted->grants,
                           look, has_program (enforce), enforce->session->cancellable,
                           set_again, enforce);
}
