/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/approve.h"

#include "common/report.h"
#include "policies/approved.h"

#include <string.h>
#include <unistd.h>

static void
print_list (FILE *to, const char *title, char **sentences)
{
  if (sentences[0] == NULL)
    return;
  fprintf (to, "%s\n", title);
  for (char **one = sentences; *one != NULL; one++)
    {
      g_autofree char *safe = sg_printable_line (*one);
      fprintf (to, "  %s\n", safe);
    }
}

void
sg_approve_show (FILE *to, const SgGranted *granted)
{
  g_autofree char *name = sg_printable_line (granted->profile->name);
  g_auto (GStrv) all = sg_grants_sentences (granted->grants);
  g_auto (GStrv) wishes = sg_grants_wishes (&granted->defaults, granted->profile, granted->policy);

  fprintf (to, "You have not opened %s before.\n", name);
  print_list (to, "What the sandbox can do:", all);
  print_list (to, "Of this, more than usual:", wishes);
}

/* --- asking -------------------------------------------------------------------------------------
 */

/* The first letter of the answer, small; 0 at the end of input. */
static char
ask_letter (FILE *in, FILE *out, const char *question)
{
  char line[128];

  fputs (question, out);
  fflush (out);
  if (fgets (line, sizeof line, in) == NULL)
    return 0;
  return g_ascii_tolower (*g_strstrip (line));
}

SgAnswer
sg_approve_ask (FILE *in, FILE *out)
{
  for (guint tries = 0; tries < 3; tries++)
    switch (ask_letter (in, out, "Open (o), Open Without These (w), Cancel (c)? "))
      {
      case 'o':
        return SG_ANSWER_OPEN;
      case 'w':
        return SG_ANSWER_WITHOUT;
      case 'c':
      case 0:
        return SG_ANSWER_CANCEL;
      default:
        break;
      }
  return SG_ANSWER_CANCEL;
}

static void
add_writable (SgAsk *ask, const char *folder)
{
  guint n = ask->writable != NULL ? g_strv_length (ask->writable) : 0;

  ask->writable = g_renew (char *, ask->writable, n + 2);
  ask->writable[n] = g_strdup (folder);
  ask->writable[n + 1] = NULL;
}

/* ReadOnly was left out: Windows would let it write. */
static void
ask_folders (SgAsk *ask, const SgGranted *granted)
{
  for (guint i = 0; i < granted->grants->folders->len; i++)
    {
      const SgGrantedFolder *folder = granted->grants->folders->pdata[i];
      g_autofree char *safe = sg_printable_line (folder->host_path);
      g_autofree char *question
          = g_strdup_printf ("May the sandbox change files in %s? Yes (y), only read (r): ", safe);

      if (folder->granted && folder->ask_write && ask_letter (stdin, stderr, question) == 'y')
        add_writable (ask, folder->host_path);
    }
}

/* --- the whole ----------------------------------------------------------------------------------
 */

/* Not remembered is no reason not to open. */
static void
remember (const SgAsk *ask, const SgGranted *granted)
{
  g_autofree char *file = sg_approved_file ();
  g_autoptr (GError) error = NULL;

  if (!sg_approved_add (file, granted->profile, (const char *const *)ask->writable, &error))
    sg_report_text ("it will be asked again next time: %s", error->message);
}

static gboolean
was_approved (SgAsk *ask, const SgGranted *granted)
{
  g_autofree char *file = sg_approved_file ();
  g_auto (GStrv) writable = NULL;

  if (!sg_approved_has (file, granted->profile, &writable))
    return FALSE;
  for (char **folder = writable; *folder != NULL; folder++)
    add_writable (ask, *folder);
  return TRUE;
}

static gboolean
refuse (int *ret_code)
{
  sg_report_text ("it is not opened, because nobody has agreed to that. To open it: add --approve; "
                  "to open it without what is more than usual: add --without-these");
  *ret_code = SG_EXIT_OURS;
  return FALSE;
}

static gboolean
ask_person (SgAsk *ask, const SgGranted *granted, int *ret_code)
{
  sg_approve_show (stderr, granted);
  if (!isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
    return refuse (ret_code);
  switch (sg_approve_ask (stdin, stderr))
    {
    case SG_ANSWER_OPEN:
      ask_folders (ask, granted);
      remember (ask, granted);
      return TRUE;
    case SG_ANSWER_WITHOUT:
      ask->without_asks = TRUE;
      return TRUE;
    case SG_ANSWER_CANCEL:
      break;
    }
  *ret_code = SG_EXIT_OURS;
  return FALSE;
}

gboolean
sg_approve (SgAsk *ask, gboolean approved, int *ret_code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgGranted) granted = sg_granted_new (sg_policy_load_for (ask), ask, &error);

  *ret_code = SG_EXIT_OURS;
  if (granted == NULL || !sg_granted_may_run (granted, &error))
    {
      sg_report (error);
      return FALSE;
    }
  if (ask->file == NULL && ask->config == NULL)
    return TRUE;
  g_free (ask->sha256);
  ask->sha256 = g_strdup (granted->profile->sha256);
  if (ask->without_asks || was_approved (ask, granted))
    return TRUE;
  if (!approved)
    return ask_person (ask, granted, ret_code);
  remember (ask, granted);
  return TRUE;
}
