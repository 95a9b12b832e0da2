/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order is QEMU's: before the incoming migration has completed every block node is inactive, so
 * the disk is made after it; the device it belongs to must be there before (over null-co,
 * overlay.h); and what the template does not have is plugged in last. */
#include "launcher/clone.h"

#include "common/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEMORY_GRANULE (2ull << 20) /* virtio-mem's blocks */
#define CPUS_MOST 4096

typedef struct
{
  SgCloneWish wish;
  SgQmpStepsTrace trace;
  gpointer trace_data;
  int feeding; /* the end of the socket that the thread writes the state to */
} Clone;

/* --- the state's bytes --------------------------------------------------------------------------
 */

typedef struct
{
  int socket;
  GBytes *state; /* owned; it goes with the thread, or each sandbox would hold it to its end */
} Feed;

/* QEMU may end at any moment: no SIGPIPE, and what went wrong is QEMU's to say. */
static gpointer
feed_thread (gpointer data)
{
  Feed *feed = data;
  gsize length;
  const char *at = g_bytes_get_data (feed->state, &length);

  while (length > 0)
    {
      ssize_t n = send (feed->socket, at, length, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      at += n;
      length -= (gsize)n;
    }
  sg_fd_clear (&feed->socket);
  g_bytes_unref (feed->state);
  g_free (feed);
  return NULL;
}

/* Returns QEMU's end, -1 on error; ours goes to *ret_feeding as well, to be shut down. */
static int
start_feeding (SgTemplate *template, int *ret_feeding, GError **error)
{
  sg_fd int ours = -1, theirs = -1;
  g_autoptr (GBytes) state = sg_template_take_state (template);
  Feed *feed;

  if (state == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "The prepared sandbox was opened for one that woke before");
      return -1;
    }
  if (!sg_socketpair (&ours, &theirs, error))
    return -1;
  feed = g_new0 (Feed, 1);
  feed->socket = dup (ours);
  feed->state = g_steal_pointer (&state);
  g_thread_unref (g_thread_new ("state", feed_thread, feed));
  *ret_feeding = sg_fd_steal (&ours);
  return sg_fd_steal (&theirs);
}

/* --- ending -------------------------------------------------------------------------------------
 */

static void
clone_free (gpointer data)
{
  Clone *clone = data;

  if (clone->feeding >= 0)
    shutdown (clone->feeding, SHUT_RDWR); /* the thread must not wait for QEMU */
  sg_fd_clear (&clone->feeding);
  g_free (clone);
}

/* Takes TASK. */
static void
settle (GTask *task, GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
run (GTask *task, SgQmpSteps *steps, GAsyncReadyCallback callback)
{
  Clone *clone = g_task_get_task_data (task);

  sg_qmp_steps_run_async (steps, g_task_get_source_object (task), clone->trace, clone->trace_data,
                          g_task_get_cancellable (task), callback, task);
}

/* --- growing ------------------------------------------------------------------------------------
 */

static void
on_grown (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  sg_qmp_steps_run_finish (SG_QMP (source), result, &error);
  settle (data, error);
}

/* "device_add" for a place that QEMU told us of, with the properties it named. */
static void
plug_cpu (SgQmpSteps *steps, JsonObject *place, guint number)
{
  JsonObject *arguments = json_object_new ();
  JsonObject *props = json_object_get_object_member (place, "props");
  g_autofree char *id = g_strdup_printf ("cpu%u", number);
  GList *members = json_object_get_members (props);
  JsonNode *node;

  json_object_set_string_member (arguments, "driver", sg_qmp_string (place, "type"));
  json_object_set_string_member (arguments, "id", id);
  for (GList *l = members; l != NULL; l = l->next)
    json_object_set_member (arguments, l->data, json_object_dup_member (props, l->data));
  g_list_free (members);
  node = json_node_init_object (json_node_alloc (), arguments);
  json_object_unref (arguments);
  sg_qmp_steps_call (steps, "device_add", node);
}

/* ANSWER lists all places, taken ones with a "qom-path".  QEMU names the last place first. */
static void
plug_cpus (SgQmpSteps *steps, JsonNode *answer, guint wanted)
{
  JsonArray *places = JSON_NODE_HOLDS_ARRAY (answer) ? json_node_get_array (answer) : NULL;
  guint n = places != NULL ? MIN (json_array_get_length (places), CPUS_MOST) : 0, have = 0;

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = n; i-- > 0;)
      {
        JsonNode *node = json_array_get_element (places, i);
        JsonObject *place = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
        JsonNode *props = place != NULL ? json_object_get_member (place, "props") : NULL;

        if (props == NULL || !JSON_NODE_HOLDS_OBJECT (props))
          continue;
        if (pass == 0)
          have += json_object_has_member (place, "qom-path");
        else if (!json_object_has_member (place, "qom-path") && have < wanted)
          plug_cpu (steps, place, have++);
      }
}

/* What WISH wants beyond the template's, of BYTES in all. */
static guint64
extra (const SgCloneWish *wish, guint64 bytes)
{
  guint64 have = sg_template_ram_bytes (wish->template);

  return bytes > have ? (bytes - have) / MEMORY_GRANULE * MEMORY_GRANULE : 0;
}

static void
plug_memory (SgQmpSteps *steps, const SgCloneWish *wish)
{
  guint64 bytes = extra (wish, wish->memory_bytes);
  guint64 first = wish->memory_first > 0 ? MIN (bytes, extra (wish, wish->memory_first)) : bytes;

  if (bytes == 0)
    return;
  sg_qmp_steps_call (steps, "object-add",
                     sg_qmp_args ("{'qom-type': <'memory-backend-ram'>, 'id': <'more'>, "
                                  "'size': <%t>}",
                                  bytes));
  sg_qmp_steps_call (steps, "device_add",
                     sg_qmp_args ("{'driver': <'virtio-mem-pci'>, 'id': <'memory'>, "
                                  "'memdev': <'more'>, 'requested-size': <%t>, 'bus': <'spare0'>}",
                                  first));
}

static void
on_places (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Clone *clone = g_task_get_task_data (task);
  const SgCloneWish *wish = &clone->wish;
  SgQmpSteps *steps;
  GError *error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (answer == NULL)
    {
      settle (task, error);
      return;
    }
  steps = sg_qmp_steps_new ();
  plug_cpus (steps, answer, wish->cpus);
  plug_memory (steps, wish);
  run (task, steps, on_grown);
}

/* Takes TASK. */
static void
grow (GTask *task)
{
  Clone *clone = g_task_get_task_data (task);

  if (clone->wish.cpus == 0 && clone->wish.memory_bytes == 0)
    settle (task, NULL);
  else
    sg_qmp_call_async (g_task_get_source_object (task), "query-hotpluggable-cpus", NULL, -1,
                       g_task_get_cancellable (task), on_places, task);
}

/* --- waking -------------------------------------------------------------------------------------
 */

static void
on_woken (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (sg_qmp_steps_run_finish (SG_QMP (source), result, &error))
    grow (task);
  else
    settle (task, error);
}

static SgQmpSteps *
wake_steps (const SgCloneWish *wish, int socket)
{
  const SgOverlayLayer layers[]
      = { { wish->base_fd, "raw" }, { sg_template_disk_fd (wish->template), "qcow2" } };
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_call (steps, "migrate-set-capabilities",
                     sg_qmp_args ("{'capabilities': <["
                                  "{'capability': <'x-ignore-shared'>, 'state': <true>}, "
                                  "{'capability': <'events'>, 'state': <true>}]>}"));
  sg_qmp_steps_call_fd (steps, "getfd", sg_qmp_args ("{'fdname': <'state'>}"), socket);
  sg_qmp_steps_call (steps, "migrate-incoming", sg_qmp_args ("{'uri': <'fd:state'>}"));
  sg_qmp_steps_await (steps, "MIGRATION", "status", "completed", "failed");
  sg_qmp_steps_append (steps, sg_overlay_attach (wish->overlay, layers, 2, wish->disk_bytes));
  return steps;
}

static GTask *
clone_task (SgQmp *qmp, const SgCloneWish *wish, SgQmpStepsTrace trace, gpointer trace_data,
            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, data);
  Clone *clone = g_new0 (Clone, 1);

  clone->wish = *wish;
  clone->trace = trace;
  clone->trace_data = trace_data;
  clone->feeding = -1;
  g_task_set_task_data (task, clone, clone_free);
  return task;
}

void
sg_clone_wake_async (SgQmp *qmp, const SgCloneWish *wish, SgQmpStepsTrace trace,
                     gpointer trace_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer data)
{
  GTask *task = clone_task (qmp, wish, trace, trace_data, cancellable, callback, data);
  Clone *clone = g_task_get_task_data (task);
  GError *error = NULL;
  sg_fd int theirs = start_feeding (wish->template, &clone->feeding, &error);

  if (theirs < 0)
    settle (task, error);
  else
    run (task, wake_steps (wish, theirs), on_woken);
}

void
sg_clone_grow_async (SgQmp *qmp, const SgCloneWish *wish, SgQmpStepsTrace trace,
                     gpointer trace_data, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer data)
{
  grow (clone_task (qmp, wish, trace, trace_data, cancellable, callback, data));
}

void
sg_clone_memory_async (SgQmp *qmp, const SgCloneWish *wish, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer data)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_call (steps, "qom-set",
                     sg_qmp_args ("{'path': <'/machine/peripheral/memory'>, "
                                  "'property': <'requested-size'>, 'value': <%t>}",
                                  extra (wish, wish->memory_bytes)));
  run (clone_task (qmp, wish, NULL, NULL, cancellable, callback, data), steps, on_grown);
}

gboolean
sg_clone_finish (SgQmp *qmp, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qmp), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
