/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system inside is asked by ACPI, and answers by ejecting; only that removes a processor.  QEMU
 * is asked until it is gone: its event comes late or never where it emulates (7.2). */
#include "launcher/clone-shrink.h"

#define PLACES_MOST 4096
#define PATIENCE_SEC 15 /* emulation, on a busy computer */
#define LOOK_MSEC 10

typedef struct
{
  guint cpus;
  SgQmpStepsTrace trace;
  gpointer trace_data;
  GCancellable *deadline; /* owned; also cancelled when the caller's is */
  guint timer, look;
  gboolean asked; /* the system inside */
  gulong linked; /* on the caller's cancellable, 0: none */
  gboolean too_late;
} Shrink;

static void
shrink_free (gpointer data)
{
  Shrink *shrink = data;

  g_clear_handle_id (&shrink->timer, g_source_remove);
  g_clear_handle_id (&shrink->look, g_source_remove);
  g_object_unref (shrink->deadline);
  g_free (shrink);
}

/* Takes TASK. */
static void
settle (GTask *task, GError *error)
{
  Shrink *shrink = g_task_get_task_data (task);

  g_cancellable_disconnect (g_task_get_cancellable (task), shrink->linked);
  if (error != NULL && shrink->too_late)
    {
      g_clear_error (&error);
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                           "The system inside does not let go of a processor");
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* ANSWER lists all places, taken ones with a "qom-path", the last place first; the first one of all
 * cannot be removed. */
static GPtrArray *
to_remove (JsonNode *answer, guint wanted)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  JsonArray *places = JSON_NODE_HOLDS_ARRAY (answer) ? json_node_get_array (answer) : NULL;
  guint n = places != NULL ? MIN (json_array_get_length (places), PLACES_MOST) : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (places, i);
      JsonObject *place = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *path = place != NULL ? sg_qmp_string (place, "qom-path") : "";

      if (path[0] != '\0')
        g_ptr_array_add (paths, g_strdup (path));
    }
  g_ptr_array_set_size (paths, (int)(paths->len - MIN (MAX (wanted, 1), paths->len)));
  return paths;
}

static void on_places (GObject *source, GAsyncResult *result, gpointer data);

static gboolean
look (gpointer data)
{
  GTask *task = data;
  Shrink *shrink = g_task_get_task_data (task);

  shrink->look = 0;
  sg_qmp_call_async (g_task_get_source_object (task), "query-hotpluggable-cpus", NULL, -1,
                     shrink->deadline, on_places, task);
  return G_SOURCE_REMOVE;
}

static void
asked (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (sg_qmp_steps_run_finish (SG_QMP (source), result, &error))
    look (data);
  else
    settle (data, error);
}

static void
ask (GTask *task, const GPtrArray *paths)
{
  Shrink *shrink = g_task_get_task_data (task);
  SgQmpSteps *steps = sg_qmp_steps_new ();

  shrink->asked = TRUE;
  for (guint i = 0; i < paths->len; i++)
    sg_qmp_steps_call (
        steps, "device_del",
        sg_qmp_args ("{'id': <%s>}", (const char *)g_ptr_array_index (paths, i)));
  sg_qmp_steps_run_async (steps, g_task_get_source_object (task), shrink->trace,
                          shrink->trace_data, shrink->deadline, asked, task);
}

static void
on_places (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Shrink *shrink = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);
  g_autoptr (GPtrArray) paths = answer != NULL ? to_remove (answer, shrink->cpus) : NULL;

  if (paths == NULL || paths->len == 0 || g_cancellable_is_cancelled (shrink->deadline))
    {
      if (paths != NULL && paths->len > 0)
        g_cancellable_set_error_if_cancelled (shrink->deadline, &error);
      settle (task, error);
    }
  else if (!shrink->asked)
    ask (task, paths);
  else
    shrink->look = g_timeout_add (LOOK_MSEC, look, task);
}

static gboolean
too_late (gpointer data)
{
  Shrink *shrink = data;

  shrink->timer = 0;
  shrink->too_late = TRUE;
  g_cancellable_cancel (shrink->deadline);
  return G_SOURCE_REMOVE;
}

void
sg_clone_shrink_async (SgQmp *qmp, guint cpus, SgQmpStepsTrace trace, gpointer trace_data,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);
  Shrink *shrink = g_new0 (Shrink, 1);

  shrink->cpus = cpus;
  shrink->trace = trace;
  shrink->trace_data = trace_data;
  shrink->deadline = g_cancellable_new ();
  g_task_set_task_data (task, shrink, shrink_free);
  if (cancellable != NULL)
    shrink->linked = g_cancellable_connect (cancellable, G_CALLBACK (g_cancellable_cancel),
                                            g_object_ref (shrink->deadline), g_object_unref);
  shrink->timer = g_timeout_add_seconds (PATIENCE_SEC, too_late, shrink);
  look (task);
}

gboolean
sg_clone_shrink_finish (SgQmp *qmp, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qmp), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
