/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of a clone is as old as its template; its random pool, machine id and host name are its
 * siblings'.  Whoever starts a command before that is mended would get another sandbox's secrets.
 */
#include "launcher/session-greet.h"

#include "common/fd.h"

#include <string.h>
#include <sys/random.h>

#define ENTROPY_BYTES 256

typedef struct
{
  SgAgent *agent;
  char *id;
  guint next, end; /* of `calls` */
} Greeting;

static void
greeting_free (gpointer data)
{
  Greeting *greeting = data;

  g_object_unref (greeting->agent);
  g_free (greeting->id);
  g_free (greeting);
}

static GVariant *
clock_argument (const Greeting *greeting, GError **error)
{
  return g_variant_new_int64 (g_get_real_time ());
}

static GVariant *
entropy_argument (const Greeting *greeting, GError **error)
{
  guint8 bytes[ENTROPY_BYTES];
  GVariant *argument = NULL;

  if (getrandom (bytes, sizeof bytes, 0) == sizeof bytes)
    argument = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, sizeof bytes, 1);
  else
    sg_errno (error, "Cannot draw random numbers for the sandbox");
  explicit_bzero (bytes, sizeof bytes);
  return argument;
}

/* A random (version 4) UUID.  Not GLib's: its generator is no secret keeper. */
static char *
draw_uuid (const char *format, GError **error)
{
  guint8 b[16];

  if (getrandom (b, sizeof b, 0) != sizeof b)
    {
      sg_errno (error, "Cannot draw random numbers for the sandbox");
      return NULL;
    }
  b[6] = (guint8)((b[6] & 0x0f) | 0x40);
  b[8] = (guint8)((b[8] & 0x3f) | 0x80);
  GString *text = g_string_new (NULL);
  for (guint i = 0, k = 0; format[i] != '\0'; i++)
    if (format[i] == '-')
      g_string_append_c (text, '-');
    else
      g_string_append_printf (text, "%02x", b[k++]);
  return g_string_free (text, FALSE);
}

static GVariant *
identity_argument (const Greeting *greeting, GError **error)
{
  g_autofree char *machine = draw_uuid ("xxxxxxxxxxxxxxxx", error);
  g_autofree char *boot = machine != NULL ? draw_uuid ("xxxx-xx-xx-xx-xxxxxx", error) : NULL;
  g_autofree char *host = g_strdup_printf ("sandbox-%.8s", greeting->id);
  GVariantDict dict;

  if (boot == NULL)
    return NULL;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "machine-id", "s", machine);
  g_variant_dict_insert (&dict, "boot-id", "s", boot);
  g_variant_dict_insert (&dict, "hostname", "s", host);
  return g_variant_dict_end (&dict);
}

#define IDENTITY 2 /* the last: once is enough */
static const struct
{
  const char *method;
  GVariant *(*argument) (const Greeting *, GError **);
} calls[] = {
  { "clock", clock_argument },
  { "entropy", entropy_argument },
  { "identity", identity_argument },
};

static void call_next (GTask *task);

static void
called (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Greeting *greeting = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) answer = sg_agent_call_finish (greeting->agent, result, &error);

  if (answer == NULL)
    {
      g_prefix_error (&error,
                      "The sandbox could not be given its own %s: ", calls[greeting->next].method);
      g_task_return_error (task, error);
      return;
    }
  greeting->next++;
  call_next (task);
}

static void
call_next (GTask *task)
{
  Greeting *greeting = g_task_get_task_data (task);
  GError *error = NULL;
  GVariant *argument;

  if (greeting->next == greeting->end)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  argument = calls[greeting->next].argument (greeting, &error);
  if (argument == NULL)
    g_task_return_error (task, error);
  else
    sg_agent_call_async (greeting->agent, calls[greeting->next].method, argument,
                         g_task_get_cancellable (task), called, g_object_ref (task));
}

static void
greeted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Greeting *greeting = g_task_get_task_data (task);
  GError *error = NULL;

  if (sg_agent_hello_finish (greeting->agent, result, &error))
    call_next (task);
  else
    g_task_return_error (task, error);
}

/* The calls are made from the first one on, END of them. */
static GTask *
greeting_task (SgAgent *agent, const char *id, guint end, GCancellable *cancellable,
               GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (agent, cancellable, callback, data);
  Greeting *greeting = g_new0 (Greeting, 1);

  greeting->agent = g_object_ref (agent);
  greeting->id = g_strdup (id);
  greeting->end = end;
  g_task_set_task_data (task, greeting, greeting_free);
  return task;
}

void
sg_greet_async (SgAgent *agent, const char *id, GCancellable *cancellable,
                GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = greeting_task (agent, id, G_N_ELEMENTS (calls), cancellable, callback, data);

  sg_agent_hello_async (agent, cancellable, greeted, task);
}

void
sg_greet_restarted_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer data)
{
  GTask *task = greeting_task (agent, NULL, IDENTITY, cancellable, callback, data);

  sg_agent_hello_async (agent, cancellable, greeted, task);
}

void
sg_greet_again_async (SgAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = greeting_task (agent, NULL, IDENTITY, cancellable, callback, data);

  call_next (task);
}

gboolean
sg_greet_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
