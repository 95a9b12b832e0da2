/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing that was written is thrown away without an answer: where nobody can be asked, the edited
 * copy is put beside the original; where it cannot be brought out, the sandbox stays. */
#include "launcher/open-end.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/changes.h"
#include "launcher/cmd-save.h"
#include "launcher/open-program.h"
#include "launcher/open-window.h"
#include "launcher/save-files.h"

#include <fcntl.h>

#define STAY_MSEC 5000
#define MOST_SHOWN 10u

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
  if (opening->stays && sg_window_ask_possible (opening))
    sg_window_show (opening);
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
  if (!opening->keep && sg_window_ask_possible (opening)
      && !g_cancellable_is_cancelled (opening->cancellable))
    return sg_window_ask_edit (opening);
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
      sg_open_tell (opening, TRUE, "%s was not replaced: %s", opening->edit->shown, error->message);
      let_stay (opening);
      return FALSE;
    }
  if (replaced.kept_both)
    sg_open_tell (opening, TRUE, "%s The edited one is beside it, as \"%s\".", replaced.why,
                  replaced.name);
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
      sg_open_tell (opening, TRUE, "what was edited was not saved: %s", error->message);
      let_stay (opening);
      return FALSE;
    }
  sg_report_text ("%s is as it was; the edited one is beside it, as \"%s\"", opening->edit->shown,
                  name);
  return TRUE;
}

/* --- what else was saved inside -----------------------------------------------------------------
 */

/* Paths of other files than the one that was edited: an export, a second version.  NULL: none. */
static char **
other_files (SgOpening *opening)
{
  g_autoptr (GVariant) facts = sg_client_properties (opening->connection, NULL);
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (SgChanges) changes = NULL;
  SgWait wait = { 0 };
  guint found = 0;
  gint64 since;

  if (facts == NULL || !g_variant_lookup (facts, "StartedAt", "x", &since))
    return NULL;
  sg_changes_async (opening->connection, since, FALSE, NULL, sg_wait_callback, &wait);
  result = sg_wait_for (&wait);
  changes = sg_changes_finish (result, NULL);
  for (guint i = 0; changes != NULL && i < changes->files->len; i++)
    {
      const SgChange *change = changes->files->pdata[i];

      if (g_str_equal (change->path, opening->edit->inside) || g_str_has_suffix (change->path, "~"))
        continue;
      if (found++ < MOST_SHOWN)
        sg_report_text ("also saved in the sandbox: %s (%s)", change->name, change->folder);
      g_strv_builder_add (paths, change->path);
    }
  if (found > MOST_SHOWN)
    sg_report_text ("and %u more", found - MOST_SHOWN);
  return found > 0 ? g_strv_builder_end (paths) : NULL;
}

static gboolean
save_others (SgOpening *opening, char **paths)
{
  g_autofree char *to = sg_save_default_folder ();
  g_autoptr (GError) error = NULL;
  sg_fd int dirfd = sg_open_at (AT_FDCWD, to, O_RDONLY | O_DIRECTORY, 0, &error);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) saved = NULL;
  SgWait wait = { 0 };

  if (dirfd >= 0)
    {
      sg_save_files_async (opening->connection, opening->id, dirfd, (const char *const *)paths,
                           NULL, NULL, NULL, NULL, sg_wait_callback, &wait);
      result = sg_wait_for (&wait);
      saved = sg_save_files_finish (result, &error);
    }
  if (saved == NULL)
    sg_report (error);
  if (saved != NULL && sg_cmd_tell_saved (saved, to, FALSE))
    return TRUE;
  let_stay (opening);
  return FALSE;
}

/* Told always, saved upon a yes: a sandbox's default is that nothing stays. */
static gboolean
end_others (SgOpening *opening)
{
  g_auto (GStrv) paths = NULL;

  if (opening->stays)
    return TRUE;
  if (sg_window_ask_possible (opening) && !g_cancellable_is_cancelled (opening->cancellable))
    {
      if (!sg_window_ask_others (opening))
        let_stay (opening);
      return TRUE;
    }
  if (opening->quiet)
    return TRUE;
  paths = other_files (opening);
  if (paths == NULL)
    return TRUE;
  if (!sg_ask_possible () || g_cancellable_is_cancelled (opening->cancellable))
    {
      sg_report_text ("that is thrown away with the sandbox");
      return TRUE;
    }
  return sg_ask_letter ("[s]ave these to your Downloads, or [d]iscard them?", "sd", 'd',
                        opening->cancellable)
                 == 's'
             ? save_others (opening, paths)
             : TRUE;
}

static gboolean
end_file (SgOpening *opening)
{
  g_autoptr (GError) error = NULL;

  switch (fetch (opening, &error))
    {
    case SG_EDIT_SAME:
      if (!opening->quiet)
        sg_report_text ("%s was not changed", opening->edit->shown);
      return TRUE;
    case SG_EDIT_GONE:
      sg_open_tell (opening, TRUE,
                    "%s was removed or renamed in the sandbox; the original is as it was",
                    opening->edit->shown);
      return TRUE;
    case SG_EDIT_FAILED:
      sg_open_tell (opening, TRUE, "what was edited could not be brought out: %s", error->message);
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

gboolean
sg_open_end_edit (SgOpening *opening)
{
  gboolean ok = end_file (opening);

  return end_others (opening) && ok;
}
