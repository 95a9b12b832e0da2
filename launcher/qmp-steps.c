/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run is the data of one GTask.  It is in one of two states: a command is under way (its callback
 * goes on), or the step at hand waits for an event.  Events are matched against the nearest step
 * that waits, also while the command before it is under way: QEMU may tell the end of a job before
 * it answers the command that began it. */
#include "launcher/qmp-steps.h"

#include "common/fd.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef enum
{
  STEP_CALL,
  STEP_AWAIT,
  STEP_JOBS /* looks at the outcome of the job that has just concluded */
} StepKind;

typedef struct
{
  StepKind kind;
  char *command; /* or the event's name */
  JsonNode *arguments;
  int fd;
  gboolean with_fd, may_fail;
  const char *secret;
  char *member, *good, *bad;
  const char *outcome; /* of a step that waits: `good` or `bad` once it came */
} Step;

struct SgQmpSteps
{
  GPtrArray *steps;
  guint next;
  gboolean waiting; /* the step at `next` waits for its event */
  gint64 begun;     /* of the step at `next` */
  SgQmpStepsTrace trace;
  gpointer trace_data;
  gulong on_event, on_closed;
  GSource *cancelled; /* while it waits for an event */
};

static void go_on (GTask *task);

static void
step_free (gpointer data)
{
  Step *step = data;

  g_free (step->command);
  g_clear_pointer (&step->arguments, json_node_unref);
  sg_fd_clear (&step->fd);
  g_free (step->member);
  g_free (step->good);
  g_free (step->bad);
  g_free (step);
}

SgQmpSteps *
sg_qmp_steps_new (void)
{
  SgQmpSteps *steps = g_new0 (SgQmpSteps, 1);

  steps->steps = g_ptr_array_new_with_free_func (step_free);
  return steps;
}

void
sg_qmp_steps_free (SgQmpSteps *steps)
{
  if (steps == NULL)
    return;
  g_ptr_array_unref (steps->steps);
  g_free (steps);
}

static Step *
add (SgQmpSteps *steps, StepKind kind, const char *command, JsonNode *arguments)
{
  Step *step = g_new0 (Step, 1);

  step->kind = kind;
  step->command = g_strdup (command);
  step->arguments = arguments;
  step->fd = -1;
  g_ptr_array_add (steps->steps, step);
  return step;
}

void
sg_qmp_steps_call (SgQmpSteps *steps, const char *command, JsonNode *arguments)
{
  add (steps, STEP_CALL, command, arguments);
}

void
sg_qmp_steps_call_fd (SgQmpSteps *steps, const char *command, JsonNode *arguments, int fd)
{
  Step *step = add (steps, STEP_CALL, command, arguments);

  step->with_fd = TRUE;
  step->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3); /* a failure is told by the run */
}

void
sg_qmp_steps_call_secret (SgQmpSteps *steps, const char *command, JsonNode *arguments,
                          const char *secret)
{
  add (steps, STEP_CALL, command, arguments)->secret = secret;
}

void
sg_qmp_steps_try (SgQmpSteps *steps, const char *command, JsonNode *arguments)
{
  add (steps, STEP_CALL, command, arguments)->may_fail = TRUE;
}

void
sg_qmp_steps_await (SgQmpSteps *steps, const char *event, const char *member, const char *good,
                    const char *bad)
{
  Step *step = add (steps, STEP_AWAIT, event, NULL);

  step->member = g_strdup (member);
  step->good = g_strdup (good);
  step->bad = g_strdup (bad);
}

void
sg_qmp_steps_create (SgQmpSteps *steps, JsonNode *options)
{
  JsonObject *arguments = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), arguments);

  json_object_set_string_member (arguments, "job-id", "sg-create");
  json_object_set_member (arguments, "options", options);
  json_object_unref (arguments);
  sg_qmp_steps_call (steps, "blockdev-create", node);
  sg_qmp_steps_await (steps, "JOB_STATUS_CHANGE", "status", "concluded", NULL);
  add (steps, STEP_JOBS, "query-jobs", NULL);
  sg_qmp_steps_call (steps, "job-dismiss", sg_qmp_args ("{'id': <'sg-create'>}"));
}

void
sg_qmp_steps_append (SgQmpSteps *steps, SgQmpSteps *more)
{
  g_ptr_array_extend_and_steal (steps->steps, g_steal_pointer (&more->steps));
  g_free (more);
}

/* --- a run --------------------------------------------------------------------------------------
 */

static Step *
at_hand (SgQmpSteps *steps)
{
  return g_ptr_array_index (steps->steps, steps->next);
}

static void
stop_watching (SgQmpSteps *steps)
{
  if (steps->cancelled != NULL)
    {
      g_source_destroy (steps->cancelled);
      g_source_unref (steps->cancelled);
    }
  steps->cancelled = NULL;
}

static void
disconnect (GTask *task)
{
  SgQmpSteps *steps = g_task_get_task_data (task);
  SgQmp *qmp = g_task_get_source_object (task);

  g_clear_signal_handler (&steps->on_event, qmp);
  g_clear_signal_handler (&steps->on_closed, qmp);
  stop_watching (steps);
}

/* Takes TASK. */
static void
fail (GTask *task, GError *error)
{
  disconnect (task);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
step_done (GTask *task)
{
  SgQmpSteps *steps = g_task_get_task_data (task);
  Step *step = at_hand (steps);
  gint64 now = g_get_monotonic_time ();

  if (steps->trace != NULL)
    steps->trace (step->command, now - steps->begun, steps->trace_data);
  steps->begun = now;
  steps->next++;
  go_on (task);
}

/* "error" of a job in the answer to "query-jobs", if one has it. */
static const char *
job_error (JsonNode *jobs)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (jobs) ? json_node_get_array (jobs) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *job = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_OBJECT (job)
          && json_object_has_member (json_node_get_object (job), "error"))
        return sg_qmp_string (json_node_get_object (job), "error");
    }
  return NULL;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SgQmpSteps *steps = g_task_get_task_data (task);
  Step *step = at_hand (steps);
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);
  const char *words = answer != NULL && step->kind == STEP_JOBS ? job_error (answer) : NULL;

  if (words != NULL)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s", words);
  if (error != NULL && step->may_fail && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    g_clear_error (&error);
  if (error == NULL)
    step_done (task);
  else
    {
      g_prefix_error (&error, "%s: ", step->command);
      fail (task, error);
    }
}

static void
settle_wait (GTask *task)
{
  SgQmpSteps *steps = g_task_get_task_data (task);
  Step *step = at_hand (steps);

  steps->waiting = FALSE;
  stop_watching (steps);
  if (step->outcome == step->good)
    step_done (task);
  else
    fail (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", step->command, step->bad));
}

static void
on_event (SgQmp *qmp, const char *name, JsonObject *data, gpointer user_data)
{
  GTask *task = user_data;
  SgQmpSteps *steps = g_task_get_task_data (task);
  guint at = steps->next;
  const char *value;
  Step *step;

  while (at < steps->steps->len
         && ((Step *)g_ptr_array_index (steps->steps, at))->kind != STEP_AWAIT)
    at++;
  if (at > steps->next + 1 || at >= steps->steps->len)
    return; /* only the command right before it can cause it */
  step = g_ptr_array_index (steps->steps, at);
  if (!g_str_equal (step->command, name))
    return;
  value = sg_qmp_string (data, step->member);
  if (g_str_equal (value, step->good))
    step->outcome = step->good;
  else if (g_strcmp0 (value, step->bad) == 0)
    step->outcome = step->bad;
  if (steps->waiting && step->outcome != NULL)
    settle_wait (task);
}

/* Commands under way fail by themselves; only a step that waits must be told. */
static void
on_closed (SgQmp *qmp, const char *why, gpointer data)
{
  GTask *task = data;
  SgQmpSteps *steps = g_task_get_task_data (task);

  if (steps->waiting)
    fail (task,
          g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "%s: %s", at_hand (steps)->command, why));
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  GTask *task = data;

  disconnect (task);
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static void
wait_for_event (GTask *task, Step *step)
{
  SgQmpSteps *steps = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  steps->waiting = TRUE;
  if (step->outcome != NULL)
    settle_wait (task);
  else if (cancellable != NULL)
    {
      steps->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (steps->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (steps->cancelled, g_task_get_context (task));
    }
}

static void
call (GTask *task, Step *step)
{
  SgQmp *qmp = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  JsonNode *arguments = g_steal_pointer (&step->arguments);

  if (step->with_fd && step->fd < 0)
    {
      g_clear_pointer (&arguments, json_node_unref);
      fail (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s: the descriptor is gone",
                               step->command));
    }
  else if (step->secret != NULL)
    sg_qmp_call_secret_async (qmp, step->command, arguments, step->secret, cancellable, on_answer,
                              task);
  else
    sg_qmp_call_async (qmp, step->command, arguments, step->fd, cancellable, on_answer, task);
}

static void
go_on (GTask *task)
{
  SgQmpSteps *steps = g_task_get_task_data (task);
  Step *step;

  if (steps->next == steps->steps->len)
    {
      disconnect (task);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  step = at_hand (steps);
  if (step->kind != STEP_AWAIT)
    call (task, step);
  else
    wait_for_event (task, step);
}

void
sg_qmp_steps_run_async (SgQmpSteps *steps, SgQmp *qmp, SgQmpStepsTrace trace, gpointer trace_data,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);

  g_task_set_source_tag (task, sg_qmp_steps_run_async);
  g_task_set_task_data (task, steps, (GDestroyNotify)sg_qmp_steps_free);
  steps->trace = trace;
  steps->trace_data = trace_data;
  steps->begun = g_get_monotonic_time ();
  steps->on_event = g_signal_connect (qmp, "event", G_CALLBACK (on_event), task);
  steps->on_closed = g_signal_connect (qmp, "closed", G_CALLBACK (on_closed), task);
  go_on (task);
}

gboolean
sg_qmp_steps_run_finish (SgQmp *qmp, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qmp), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
