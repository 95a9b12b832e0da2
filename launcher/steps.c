/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/steps.h"

#include "common/fd.h"
#include "common/json-members.h"

#include <signal.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

typedef enum
{
  WAITING,
  RUNNING,
  ENDED,
  NOT_ALLOWED,
  NOT_STARTED
} State;

typedef struct
{
  char *command; /* owned */
  gboolean root;
  State state;
  int code;
  char *reason;    /* owned; or NULL */
  GByteArray *log; /* owned */
} Step;

struct SgSteps
{
  GPtrArray *steps; /* of Step */
  const SgStepsFuncs *funcs;
  gpointer data;
  SgAgent *agent; /* owned, once started */
  guint at;       /* the step that runs, or that is next */
  guint32 handle; /* of the command that runs; 0: none */
  int output;     /* our end of its output */
  guint reading, idle;
  gulong exited, broken;
  gboolean over;
  gboolean program; /* the last one is the profile's program */
  gboolean cut; /* the machine restarted while a step ran */
};

static void
step_free (gpointer data)
{
  Step *step = data;

  g_free (step->command);
  g_free (step->reason);
  g_byte_array_unref (step->log);
  g_free (step);
}

static Step *
add (SgSteps *steps, const char *command)
{
  Step *step = g_new0 (Step, 1);

  step->command = g_strdup (command);
  step->log = g_byte_array_new ();
  g_ptr_array_add (steps->steps, step);
  return step;
}

SgSteps *
sg_steps_new (const SgGrants *grants, gboolean program, const SgStepsFuncs *funcs, gpointer data)
{
  SgSteps *steps = g_new0 (SgSteps, 1);
  const char *last = grants != NULL && program ? sg_grants_text (grants, SG_SETTING_PROGRAM) : NULL;

  steps->steps = g_ptr_array_new_with_free_func (step_free);
  steps->funcs = funcs;
  steps->data = data;
  steps->output = -1;
  steps->program = last != NULL;
  for (guint i = 0; grants != NULL && i < grants->commands->len; i++)
    {
      const SgGrantedCommand *granted = grants->commands->pdata[i];
      Step *step = add (steps, granted->command);

      step->root = granted->root;
      step->state = granted->granted ? WAITING : NOT_ALLOWED;
      step->reason = granted->granted ? NULL : sg_reason_sentence (&granted->reason);
    }
  if (last != NULL)
    add (steps, last);
  return steps;
}

/* --- the log ------------------------------------------------------------------------------------
 */

static void
keep (Step *step, const guint8 *bytes, guint n)
{
  g_byte_array_append (step->log, bytes, n);
  if (step->log->len > 2 * SG_STEP_LOG)
    g_byte_array_remove_range (step->log, 0, step->log->len - SG_STEP_LOG);
}

/* FALSE: there will be no more. */
static gboolean
take_output (SgSteps *steps, Step *step)
{
  guint8 bytes[16384];
  ssize_t n;

  while ((n = read (steps->output, bytes, sizeof bytes)) > 0)
    keep (step, bytes, (guint)n);
  return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static gboolean
on_output (int fd, GIOCondition condition, gpointer data)
{
  SgSteps *steps = data;

  if (take_output (steps, steps->steps->pdata[steps->at]))
    return G_SOURCE_CONTINUE;
  steps->reading = 0;
  return G_SOURCE_REMOVE;
}

/* --- one after the other ------------------------------------------------------------------------
 */

static void run_next (SgSteps *steps);

static void
close_output (SgSteps *steps)
{
  g_clear_handle_id (&steps->reading, g_source_remove);
  sg_fd_clear (&steps->output);
  steps->handle = 0;
}

static void
tell_failure (SgSteps *steps, const Step *step)
{
  g_autofree char *words = NULL;

  if (step->state == NOT_STARTED)
    words = g_strdup_printf ("Step %u of the profile did not start (%s): %s", steps->at + 1,
                             step->reason, step->command);
  else
    words = g_strdup_printf ("Step %u of the profile failed with exit code %d: %s", steps->at + 1,
                             step->code, step->command);
  steps->funcs->notice (words, steps->data);
}

static void
on_exited (SgAgent *agent, guint handle, gboolean signalled, int code, const char *message,
           SgSteps *steps)
{
  Step *step;

  if (handle != steps->handle || steps->handle == 0)
    return;
  step = steps->steps->pdata[steps->at];
  take_output (steps, step);
  close_output (steps);
  step->code = signalled ? 128 + code : code;
  step->state = *message != '\0' && (code == 126 || code == 127) ? NOT_STARTED : ENDED;
  step->reason = *message != '\0' ? g_strdup (message) : NULL;
  if (step->state == NOT_STARTED || step->code != 0)
    tell_failure (steps, step);
  steps->at++;
  run_next (steps);
}

/* The machine's end says it better. */
static void
on_broken (SgAgent *agent, const char *why, SgSteps *steps)
{
  steps->cut = !steps->over;
  steps->over = TRUE;
  close_output (steps);
}

static gboolean
start (SgSteps *steps, const Step *step, GError **error)
{
  /* One pipe inside, so that both streams come in the order in which they were written. */
  const char *argv[] = { "/bin/sh", "-c", "exec 2>&1; eval \"$1\"", "step", step->command, NULL };
  SgAgentCommand command = { .argv = argv, .user = step->root ? "root" : NULL };
  sg_fd int null = sg_open_at (AT_FDCWD, "/dev/null", O_RDONLY, 0, error);
  sg_fd int theirs = -1;
  int ends[2];

  if (null < 0)
    return FALSE;
  if (!g_unix_open_pipe (ends, FD_CLOEXEC, error))
    return FALSE;
  theirs = ends[1];
  steps->output = ends[0];
  if (!g_unix_set_fd_nonblocking (steps->output, TRUE, error))
    return FALSE;
  steps->handle = sg_agent_exec (steps->agent, &command, null, theirs, theirs, error);
  if (steps->handle == 0)
    return FALSE;
  steps->reading = g_unix_fd_add (steps->output, G_IO_IN | G_IO_HUP, on_output, steps);
  return TRUE;
}

static gboolean
done (gpointer data)
{
  SgSteps *steps = data;

  steps->idle = 0;
  steps->funcs->done (steps->data);
  return G_SOURCE_REMOVE;
}

static void
skip (SgSteps *steps, const Step *step)
{
  g_autofree char *words = g_strdup_printf ("Step %u of the profile is not run: %s %s",
                                            steps->at + 1, step->command, step->reason);

  steps->funcs->notice (words, steps->data);
  steps->at++;
}

static void
run_next (SgSteps *steps)
{
  while (!steps->over && steps->at < steps->steps->len)
    {
      Step *step = steps->steps->pdata[steps->at];
      g_autoptr (GError) error = NULL;

      if (step->state == NOT_ALLOWED)
        {
          skip (steps, step);
          continue;
        }
      if (start (steps, step, &error))
        {
          step->state = RUNNING;
          steps->funcs->runs (steps->at + 1, steps->steps->len, step->command, steps->data);
          steps->funcs->changed (steps->data);
          return;
        }
      close_output (steps);
      step->state = NOT_STARTED;
      step->code = 126;
      step->reason = g_strdup (error->message);
      tell_failure (steps, step);
      steps->at++;
    }
  if (steps->over)
    return;
  steps->over = TRUE;
  steps->funcs->changed (steps->data);
  steps->idle = g_idle_add (done, steps);
}

void
sg_steps_start (SgSteps *steps, SgAgent *agent)
{
  g_return_if_fail (steps->agent == NULL);
  steps->agent = g_object_ref (agent);
  steps->exited = g_signal_connect (agent, "exited", G_CALLBACK (on_exited), steps);
  steps->broken = g_signal_connect (agent, "broken", G_CALLBACK (on_broken), steps);
  run_next (steps);
}

void
sg_steps_go_on (SgSteps *steps)
{
  Step *step;

  if (!steps->cut)
    return;
  steps->cut = steps->over = FALSE;
  step = steps->steps->pdata[steps->at];
  step->state = ENDED;
  step->code = 128 + SIGKILL;
  step->reason = g_strdup ("The sandbox restarted while it ran.");
  steps->at++;
  run_next (steps);
}

void
sg_steps_free (SgSteps *steps)
{
  if (steps == NULL)
    return;
  close_output (steps);
  g_clear_handle_id (&steps->idle, g_source_remove);
  if (steps->agent != NULL)
    {
      g_clear_signal_handler (&steps->exited, steps->agent);
      g_clear_signal_handler (&steps->broken, steps->agent);
    }
  g_clear_object (&steps->agent);
  g_ptr_array_unref (steps->steps);
  g_free (steps);
}

gboolean
sg_steps_running (const SgSteps *steps)
{
  return steps->handle != 0;
}

gboolean
sg_steps_program (const SgSteps *steps)
{
  return steps->program;
}

gboolean
sg_steps_program_runs (const SgSteps *steps)
{
  return steps->program && sg_steps_running (steps) && steps->at + 1 == steps->steps->len;
}

guint
sg_steps_count (const SgSteps *steps)
{
  return steps->steps->len;
}

/* --- for others ---------------------------------------------------------------------------------
 */

char *
sg_steps_json (const SgSteps *steps)
{
  static const char *const states[]
      = { "waiting", "running", "ended", "not-allowed", "failed-to-start" };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < steps->steps->len; i++)
    {
      const Step *step = steps->steps->pdata[i];

      json_builder_begin_object (builder);
      sg_json_text (builder, "command", step->command);
      sg_json_text (builder, "user", step->root ? "root" : "user");
      sg_json_text (builder, "state", states[step->state]);
      json_builder_set_member_name (builder, "exit-code");
      if (step->state == ENDED || step->state == NOT_STARTED)
        json_builder_add_int_value (builder, step->code);
      else
        json_builder_add_null_value (builder);
      sg_json_text (builder, "reason", step->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

GBytes *
sg_steps_log (const SgSteps *steps, guint n)
{
  const GByteArray *log;
  gsize start;

  if (n >= steps->steps->len)
    return NULL;
  log = ((const Step *)steps->steps->pdata[n])->log;
  start = log->len > SG_STEP_LOG ? log->len - SG_STEP_LOG : 0;
  return g_bytes_new (log->data + start, log->len - start);
}
