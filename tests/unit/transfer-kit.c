/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/transfer-kit.h"

#include "common/fd.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_SECONDS 60

static void
copy_program (const char *build, const char *from, const char *dir, const char *to)
{
  g_autofree char *source = g_build_filename (build, from, NULL);
  g_autofree char *target = g_build_filename (dir, to, NULL);
  g_autofree char *data = NULL;
  gsize len;

  ck_assert_msg (g_file_get_contents (source, &data, &len, NULL), "%s is missing", source);
  ck_assert (
      g_file_set_contents_full (target, data, (gssize)len, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

static GDBusConnection *
connect_to (int fd)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_sync (
      G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL,
      &error);

  ck_assert_msg (connection != NULL, "%s", error != NULL ? error->message : "");
  return connection;
}

void
kit_start (Kit *kit, const char *behaviour)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests = g_path_get_dirname (self), *build = g_path_get_dirname (tests);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *program = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;
  int ours, theirs;

  kit->top = g_dir_make_tmp ("sandglass-transfer-XXXXXX", NULL);
  kit->inside = g_build_filename (kit->top, "inside", NULL);
  kit->outside = g_build_filename (kit->top, "outside", NULL);
  kit->programs = g_build_filename (kit->top, "programs", NULL);
  g_mkdir (kit->inside, 0700);
  g_mkdir (kit->outside, 0700);
  g_mkdir (kit->programs, 0700);
  kit->dirfd = open (kit->outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  copy_program (build, "tests/fake-session", kit->top, "sandglass-session");
  copy_program (build, "sandglass-relay", kit->top, "sandglass-relay");
  ck_assert (sg_socketpair (&ours, &theirs, NULL));
  path = g_strdup_printf ("%s:%s", kit->programs, g_getenv ("PATH"));
  g_subprocess_launcher_setenv (launcher, "PATH", path, TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", kit->inside, TRUE);
  if (behaviour != NULL)
    g_subprocess_launcher_setenv (launcher, "SG_FAKE", behaviour, TRUE);
  g_subprocess_launcher_set_cwd (launcher, kit->inside);
  g_subprocess_launcher_take_fd (launcher, theirs, 3);
  program = g_build_filename (kit->top, "sandglass-session", NULL);
  kit->session = g_subprocess_launcher_spawn (launcher, &error, program, "--owner-fd=3", NULL);
  ck_assert_msg (kit->session != NULL, "%s", error != NULL ? error->message : "");
  kit->connection = connect_to (ours);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      remove_tree (below);
    }
  g_remove (path);
}

void
kit_end (Kit *kit)
{
  g_clear_object (&kit->result);
  g_dbus_connection_close_sync (kit->connection, NULL, NULL);
  g_clear_object (&kit->connection);
  g_subprocess_wait (kit->session, NULL, NULL);
  g_clear_object (&kit->session);
  close (kit->dirfd);
  remove_tree (kit->top);
  g_free (kit->top);
  g_free (kit->inside);
  g_free (kit->outside);
  g_free (kit->programs);
}

void
kit_program (Kit *kit, const char *name, const char *script)
{
  g_autofree char *path = g_build_filename (kit->programs, name, NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n%s\n", script);

  ck_assert (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

void
kit_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Kit *kit = data;

  ck_assert_ptr_null (kit->result); /* an answer comes once */
  kit->result = g_object_ref (result);
}

GAsyncResult *
kit_wait (Kit *kit)
{
  gint64 until = g_get_monotonic_time () + WAIT_SECONDS * G_USEC_PER_SEC;
  gint64 last = g_get_monotonic_time ();

  while (kit->result == NULL)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (2000);
      /* Nothing may hold the main loop up, but another program that has the processor. */
      ck_assert_msg (g_get_monotonic_time () - last < 5 * G_USEC_PER_SEC, "the main loop was blocked");
      last = g_get_monotonic_time ();
      ck_assert_msg (last < until, "there is no answer");
    }
  return g_steal_pointer (&kit->result);
}

void
kit_write (const char *dir, const char *name, const char *contents, gssize len)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  ck_assert (g_file_set_contents (path, contents, len, NULL));
}

gboolean
kit_holds (const char *dir, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (dir, name, NULL), *found = NULL;

  return g_file_get_contents (path, &found, NULL, NULL) && strcmp (found, contents) == 0;
}

guint
kit_count (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}
