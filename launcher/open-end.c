/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing that was written is thrown away without an answer: where nobody can be asked, the edited
 * copy is put beside the original; where it cannot be brought out, the sandbox stays. */
#include "launcher/open-end.h"

#include "common/report.h"
#include "launcher/cmd-save.h"

#define STAY_MSEC 5000

/* A signal has cancelled the rest; bringing the work out has a cancellable of its own, which the
 * next signal would not reach: it ends by its deadlines. */
static SgEditOutcome
fetch (SgOpening *opening, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  SgWait wait = { 0 };

  sg_edit_fetch_async (opening->edit, opening->connection, opening->id, NULL, NULL, NULL,
                       sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  return sg_edit_fetch_finish (opening->edit, result, error);
}

static void
let_stay (SgOpening *opening)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = sg_client_call (opening->connection, "Detach", NULL, NULL, STAY_MSEC, &error);

  opening->stays = reply != NULL;
  if (opening->stays)
    sg_report_text ("the sandbox stays open, with the file in it. To save it: sandglass "
                    "save-files %s --to DIR %s; to end it: sandglass discard %s",
                    opening->id, opening->edit->inside, opening->id);
}

static char
ask (SgOpening *opening)
{
  const SgEdit *edit = opening->edit;
  g_autofree char *before = g_format_size (edit->size), *after = g_format_size (edit->edited_size);
  g_autofree char *question = g_strdup_printf (
      "%s was changed in the sandbox (%s, now %s).\n"
      "[r]eplace the original (the old one goes to the Trash), [k]eep both, [d]iscard the changes?",
      edit->shown, before, after);

  if (opening->replace)
    return 'r';
  if (opening->keep || !sg_ask_possible () || g_cancellable_is_cancelled (opening->cancellable))
    return 'k';
  return sg_ask_letter (question, "rkd", 'k', opening->cancellable);
}

static gboolean
replace (SgOpening *opening)
{
  g_autoptr (GError) error = NULL;
  SgReplaced replaced = { 0 };

  if (!sg_edit_replace (opening->edit, &replaced, &error))
    {
      sg_report_text ("%s was not replaced: %s", opening->edit->shown, error->message);
      let_stay (opening);
      return FALSE;
    }
  if (replaced.kept_both)
    sg_report_text ("%s The edited one is beside it, as \"%s\".", replaced.why, replaced.name);
  else if (!opening->quiet && replaced.trashed)
    sg_report_text ("%s was replaced; the old one is in the Trash", opening->edit->shown);
  else if (!opening->quiet)
    sg_report_text ("%s was replaced; the old one is beside it, as \"%s\"", opening->edit->shown,
                    replaced.before);
  sg_replaced_clear (&replaced);
  return TRUE;
}

static gboolean
keep (SgOpening *opening)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = sg_edit_keep (opening->edit, &error);

  if (name == NULL)
    {
      sg_report_text ("what was edited was not saved: %s", error->message);
      let_stay (opening);
      return FALSE;
    }
  sg_report_text ("%s is as it was; the edited one is beside it, as \"%s\"", opening->edit->shown,
                  name);
  return TRUE;
}

gboolean
sg_open_end_edit (SgOpening *opening)
{
  g_autoptr (GError) error = NULL;

  switch (fetch (opening, &error))
    {
    case SG_EDIT_SAME:
      if (!opening->quiet)
        sg_report_text ("%s was not changed", opening->edit->shown);
      return TRUE;
    case SG_EDIT_GONE:
      sg_report_text ("%s was removed or renamed in the sandbox; the original is as it was",
                      opening->edit->shown);
      return TRUE;
    case SG_EDIT_FAILED:
      sg_report_text ("what was edited could not be brought out: %s", error->message);
      let_stay (opening);
      return FALSE;
    case SG_EDIT_CHANGED:
      break;
    }
  switch (ask (opening))
    {
    case 'r':
      return replace (opening);
    case 'k':
      return keep (opening);
    default:
      return TRUE;
    }
}
