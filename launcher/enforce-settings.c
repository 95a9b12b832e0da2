/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be so inside before anything of the person runs there, at first and after a restart inside: settings, how it
 * looks, printers; then the folders. */
#include "launcher/enforce-internal.h"

#include "launcher/enforce-inside.h"

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
