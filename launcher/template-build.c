/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The session lives as long as our connection to it: closing that is how it is cancelled, also when
 * this process is killed. */
#include "launcher/template-build.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/template-files.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#define OWNER_FD 3
#define LOOK_USEC (300 * 1000)
#define OBJECT "/org/sandglass/Session1"
#define INTERFACE "org.sandglass.Session1"

typedef struct
{
  const char *digest;
  SgTemplateProgress progress;
  gpointer data;
  GMainLoop *loop; /* in a context of this thread's own */
  GSubprocess *process;
  GDBusConnection *connection;
  GDBusProxy *proxy;
  gboolean gone;
} Build;

static void
build_clear (Build *build)
{
  g_clear_object (&build->proxy);
  g_clear_object (&build->connection);
  g_clear_object (&build->process);
  g_clear_pointer (&build->loop, g_main_loop_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Build, build_clear)

static char *
property (Build *build, const char *name)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (build->proxy, name);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
             ? g_variant_dup_string (value, NULL)
             : g_strdup ("");
}

static void
look (Build *build)
{
  g_autofree char *state = property (build, "State");
  g_autofree char *stage = property (build, "Stage");

  if (*stage != '\0')
    build->progress (stage, build->data);
  build->gone = g_str_equal (state, "gone");
  if (build->gone)
    g_main_loop_quit (build->loop);
}

static void
on_properties (GDBusProxy *proxy, GVariant *changed, char **invalidated, gpointer data)
{
  look (data);
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
  g_main_loop_quit (((Build *)data)->loop);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_main_loop_quit (((Build *)data)->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
start (Build *build, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *program = sg_paths_program ("sandglass-session", error);
  g_autofree char *base = build->digest != NULL ? g_strconcat ("--base=", build->digest, NULL) : NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  sg_fd int ours = -1;
  int theirs;

  if (program == NULL || !sg_socketpair (&ours, &theirs, error))
    return FALSE;
  g_subprocess_launcher_take_fd (launcher, theirs, OWNER_FD);
  build->process = g_subprocess_launcher_spawn (launcher, error, program, "--prepare",
                                                "--owner-fd=3", base, NULL);
  if (build->process == NULL)
    return FALSE;
  g_subprocess_launcher_close (launcher); /* our copy of its end */
  socket = g_socket_new_from_fd (ours, error);
  if (socket == NULL)
    return FALSE;
  sg_fd_steal (&ours);
  stream = g_socket_connection_factory_create_connection (socket);
  build->connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL,
                                                  G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                                  NULL, cancellable, error);
  if (build->connection == NULL)
    return FALSE;
  g_signal_connect (build->connection, "closed", G_CALLBACK (on_closed), build);
  build->proxy = g_dbus_proxy_new_sync (build->connection, G_DBUS_PROXY_FLAGS_NONE, NULL, NULL,
                                        OBJECT, INTERFACE, cancellable, error);
  if (build->proxy == NULL)
    return FALSE;
  g_signal_connect (build->proxy, "g-properties-changed", G_CALLBACK (on_properties), build);
  return TRUE;
}

static gboolean
run (Build *build, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSource) cancelled = NULL;
  g_autofree char *failure = NULL;

  if (!start (build, cancellable, error))
    return FALSE;
  if (cancellable != NULL)
    {
      cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (cancelled, G_SOURCE_FUNC (on_cancelled), build, NULL);
      g_source_attach (cancelled, g_main_loop_get_context (build->loop));
    }
  look (build);
  if (!build->gone && !g_dbus_connection_is_closed (build->connection))
    g_main_loop_run (build->loop);
  if (cancelled != NULL)
    g_source_destroy (cancelled);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  failure = property (build, "Failure");
  if (build->gone && *failure == '\0')
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
               build->gone ? failure : "The sandbox's supervisor ended unexpectedly");
  return FALSE;
}

static gboolean
build_once (const char *digest, SgTemplateProgress progress, gpointer data,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_auto (Build) build = { .digest = digest, .progress = progress, .data = data };
  gboolean ok;

  build.loop = g_main_loop_new (context, FALSE);
  g_main_context_push_thread_default (context);
  ok = run (&build, cancellable, error);
  if (build.connection != NULL)
    g_dbus_connection_close_sync (build.connection, NULL, NULL);
  if (build.process != NULL)
    g_subprocess_wait (build.process, NULL, NULL); /* it has taken everything down then */
  g_main_context_pop_thread_default (context);
  return ok;
}

/* The session finds the lock taken, and says so in words only; where the template is there already
 * it does not look at the lock.  Whoever has it may make the very one that is wanted. */
gboolean
sg_template_build (const char *digest, SgTemplateProgress progress, gpointer data,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failed = NULL;

  while (!build_once (digest, progress, data, cancellable, &failed))
    {
      if (g_cancellable_is_cancelled (cancellable) || !sg_template_is_being_made (NULL))
        {
          g_propagate_error (error, g_steal_pointer (&failed));
          return FALSE;
        }
      g_clear_error (&failed);
      progress ("Another process prepares a sandbox; waiting for it", data);
      while (!g_cancellable_is_cancelled (cancellable) && sg_template_is_being_made (NULL))
        g_usleep (LOOK_USEC);
    }
  return TRUE;
}
