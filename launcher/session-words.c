/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-words.h"

#include "launcher/spawn.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

char *
sg_words_not_started (const char *why, const char *console)
{
  if (console == NULL)
    return g_strdup_printf (_ ("The sandbox did not start: %s"), why);
  return g_strdup_printf (_ ("The sandbox did not start: %s. The last words from inside: %s"), why,
                          console);
}

char *
sg_words_not_again (const char *why, const char *console, gboolean kept)
{
  return g_strdup_printf (
      kept ? _ ("The sandbox restarted and did not come up again: %s%s%s")
           : _ ("The sandbox restarted and did not come up again: %s%s%s. What was in it "
                "is lost"),
      why, console != NULL ? _ (". The last words from inside: ") : "",
      console != NULL ? console : "");
}

/* bubblewrap says what it could not do; the person needs to know what that means. */
static char *
wall_words (const char *said)
{
  const char *reason = strstr (said, "bwrap: ");

  if (reason == NULL)
    return NULL;
  reason += strlen ("bwrap: ");
  return g_strdup_printf (
      _ ("The walls around the sandbox could not be built (bubblewrap: %s), so it "
         "was not started; `sandglass doctor` tells whether this computer allows "
         "them"),
      reason);
}

static char *
ended_while_starting (const SgMachineEnd *end)
{
  g_autofree char *status = sg_status_words (end->status);
  g_autofree char *why = NULL;

  if (g_strcmp0 (end->shutdown, "guest-shutdown") == 0)
    why = g_strdup (_ ("the system inside switched itself off"));
  else if (end->shutdown != NULL && g_str_has_prefix (end->shutdown, "guest-"))
    why = g_strdup (_ ("the system inside failed and restarted"));
  else if (end->said != NULL)
    why = g_strdup_printf (_ ("QEMU %s: %s"), status, end->said);
  else
    why = g_strdup_printf (_ ("QEMU %s without a word"), status);
  return end->again ? sg_words_not_again (why, end->console, end->kept)
                    : sg_words_not_started (why, end->console);
}

const char *
sg_words_kernel_failed (void)
{
  return _ (
      "The sandbox's kernel failed, so the sandbox started again. What was saved in it is still "
      "there; programs that ran were ended");
}

char *
sg_words_restarts_too_often (gboolean kept)
{
  if (kept)
    return g_strdup (_ ("The system inside restarted again and again"));
  return g_strdup (_ ("The sandbox was ended, because the system inside restarted again and again; "
                      "what was in it is lost"));
}

/* By whom is not known; but nobody kills a machine as often as a kernel that needs memory.
 * bubblewrap, which is around it, ends with 128 and the signal. */
static gboolean
was_killed (int status)
{
  return (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL)
         || (WIFEXITED (status) && WEXITSTATUS (status) == 128 + SIGKILL);
}

char *
sg_words_machine_ended (const SgMachineEnd *end)
{
  g_autofree char *walls = end->said != NULL && !end->running ? wall_words (end->said) : NULL;
  g_autofree char *status = NULL;

  if (walls != NULL)
    return g_steal_pointer (&walls);
  if (!end->usable)
    return ended_while_starting (end);
  if (g_strcmp0 (end->shutdown, "guest-shutdown") == 0)
    return g_strdup (_ ("The sandbox was switched off from inside"));
  if (g_strcmp0 (end->shutdown, "guest-reset") == 0)
    return g_strdup (
        _ ("The sandbox was restarted from inside (or its kernel failed) before it was "
           "ready, which ends it"));
  status = sg_status_words (end->status);
  return g_strdup_printf (
      _ ("The sandbox's machine stopped unexpectedly (QEMU %s%s%s)%s%s"), status,
      end->said != NULL ? ": " : "", end->said != NULL ? end->said : "",
      was_killed (end->status) ? _ (", most likely because this computer ran out of memory") : "",
      end->kept ? "" : _ ("; what was in the sandbox is lost"));
}

char *
sg_words_helper_ended (const char *name, int status, const char *said)
{
  g_autofree char *walls = said != NULL ? wall_words (said) : NULL;
  g_autofree char *how = NULL;

  if (walls != NULL)
    return g_steal_pointer (&walls);
  how = sg_status_words (status);
  return g_strdup_printf (_ ("%s stopped, and the sandbox with it (it %s%s%s)"), name, how,
                          said != NULL ? ": " : "", said != NULL ? said : "");
}

const char *
sg_words_disk (SgOverlayTrouble trouble)
{
  switch (trouble)
    {
    case SG_OVERLAY_CAP_REACHED:
      return _ ("The sandbox has used all the disk space that it may, and is paused. Save what you "
                "want to keep, then close it");
    case SG_OVERLAY_HOST_FULL:
      return _ (
          "This computer's disk is full, so the sandbox is paused. Make room and it goes on by "
          "itself");
    case SG_OVERLAY_BROKEN:
      return _ (
          "The disk under the sandbox fails to read or write, so the sandbox is paused. It is "
          "tried again; if that does not help, close it");
    case SG_OVERLAY_NO_TROUBLE:
      break;
    }
  return "";
}
