/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/build.h"

#include "ui/command.h"
#include "ui/eta.h"
#include "ui/facts.h"
#include "ui/words.h"

#include <glib/gi18n.h>

struct _SgBuild
{
  GObject parent;
  SgCommand *command; /* owned */
  SgEta eta;
  char *stage; /* owned */
  double fraction, remaining;
  char *error; /* owned: what the command said went wrong */
  gboolean done, cancelled;
};

G_DEFINE_TYPE (SgBuild, sg_build, G_TYPE_OBJECT)

enum
{
  PROGRESS,
  ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
on_line (SgCommand *command, JsonNode *line, gpointer data)
{
  SgBuild *self = data;
  SgStep step = sg_step_parse (line);

  switch (step.kind)
    {
    case SG_STEP_STAGE:
      g_free (self->stage);
      self->stage = sg_words_stage (step.text);
      self->fraction = step.fraction;
      self->remaining = sg_eta_feed (&self->eta, g_get_monotonic_time (), step.fraction);
      g_signal_emit (self, signals[PROGRESS], 0);
      break;
    case SG_STEP_DONE:
      self->done = TRUE;
      break;
    case SG_STEP_ERROR:
      g_free (self->error);
      self->error = g_strdup (step.text);
      self->cancelled |= step.cancelled;
      break;
    case SG_STEP_NONE:
      break;
    }
}

static void
on_ended (SgCommand *command, JsonNode *answer, SgProblem *why, gpointer data)
{
  g_autoptr (SgBuild) self = data;
  g_autoptr (SgProblem) problem = NULL;

  if (!self->done && !self->cancelled)
    problem = sg_problem_new (
        _ ("This computer could not be made ready"),
        self->error != NULL ? self->error
        : why != NULL       ? why->message
                            : _ ("The work ended before it was done."),
        _ ("Nothing was changed. Next: look at Check This Computer, then try again."),
        why != NULL ? why->details : NULL);
  g_signal_emit (self, signals[ENDED], 0, problem);
}

SgBuild *
sg_build_start (void)
{
  SgBuild *self = g_object_new (SG_TYPE_BUILD, NULL);

  self->command = sg_command_start ((const char *const[]){ "base", "build", "--json", NULL }, TRUE);
  g_signal_connect_object (self->command, "line", G_CALLBACK (on_line), self, 0);
  /* Alive until it has ended, whoever still looks. */
  g_signal_connect (self->command, "ended", G_CALLBACK (on_ended), g_object_ref (self));
  return self;
}

const char *
sg_build_stage (SgBuild *build)
{
  return build->stage != NULL ? build->stage : "";
}

double
sg_build_fraction (SgBuild *build)
{
  return build->fraction;
}

char *
sg_build_remaining (SgBuild *build)
{
  return sg_eta_words (build->remaining);
}

void
sg_build_cancel (SgBuild *build)
{
  build->cancelled = TRUE;
  sg_command_cancel (build->command);
}

gboolean
sg_build_was_cancelled (SgBuild *build)
{
  return build->cancelled && !build->done;
}

static void
sg_build_finalize (GObject *object)
{
  SgBuild *self = SG_BUILD (object);

  g_clear_object (&self->command);
  g_free (self->stage);
  g_free (self->error);
  G_OBJECT_CLASS (sg_build_parent_class)->finalize (object);
}

static void
sg_build_class_init (SgBuildClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sg_build_finalize;
  signals[PROGRESS] = g_signal_new ("progress", SG_TYPE_BUILD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", SG_TYPE_BUILD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, SG_TYPE_PROBLEM);
}

static void
sg_build_init (SgBuild *self)
{
  self->eta = (SgEta)SG_ETA_INIT;
  self->fraction = self->remaining = -1;
}
