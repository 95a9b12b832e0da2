/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/fix.h"

#include <glib/gi18n.h>
#include <string.h>

#define COMPLAINT_MAX 400

/* One line of the list: the words of the command, "sudo" left out.  The last may stand for more:
 *   PACKAGES  one or more names of packages */
#define PACKAGES "<packages>"

static const struct
{
  const char *words[6];
  const char *added; /* an option that answers what a terminal would be asked; or NULL */
} list[] = {
  { { "apt", "install", PACKAGES }, "-y" },
  { { "apt-get", "install", PACKAGES }, "-y" },
  { { "dnf", "install", PACKAGES }, "-y" },
  { { "zypper", "install", PACKAGES }, "-n" },
  { { "pacman", "-S", PACKAGES }, "--noconfirm" },
  { { "sysctl", "-w", "kernel.unprivileged_userns_clone=1" }, NULL },
  { { "sysctl", "-w", "user.max_user_namespaces=15000" }, NULL },
  { { "sysctl", "-w", "kernel.apparmor_restrict_unprivileged_userns=0" }, NULL },
  { { "modprobe", "kvm_intel" }, NULL },
  { { "modprobe", "kvm_amd" }, NULL },
  { { "modprobe", "kvm" }, NULL },
};

/* What may be the name of a package, and cannot be an option or a path. */
static gboolean
is_package (const char *word)
{
  if (!g_ascii_isalnum (*word) || strlen (word) > 100)
    return FALSE;
  for (const char *p = word; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("+-._", *p) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
fits (const char *const *words, char *const *argv)
{
  for (;; words++, argv++)
    {
      if (*words != NULL && strcmp (*words, PACKAGES) == 0)
        {
          gboolean some = *argv != NULL;

          for (; *argv != NULL; argv++)
            some &= is_package (*argv);
          return some;
        }
      if (*words == NULL || *argv == NULL)
        return *words == NULL && *argv == NULL;
      if (strcmp (*words, *argv) != 0)
        return FALSE;
    }
}

char **
sg_fix_parse (const char *mend)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GPtrArray) out = NULL;

  if (mend == NULL || !g_shell_parse_argv (mend, NULL, &argv, NULL)
      || strcmp (argv[0], "sudo") != 0)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (list); i++)
    if (fits (list[i].words, argv + 1))
      {
        out = g_ptr_array_new ();
        g_ptr_array_add (out, g_strdup ("pkexec"));
        g_ptr_array_add (out, g_strdup (argv[1]));
        if (list[i].added != NULL)
          g_ptr_array_add (out, g_strdup (list[i].added));
        for (char **more = argv + 2; *more != NULL; more++)
          g_ptr_array_add (out, g_strdup (*more));
        g_ptr_array_add (out, NULL);
        return (char **)g_ptr_array_steal (out, NULL);
      }
  return NULL;
}

/* Not by PATH, which is the person's: root runs it. */
static char *
find_program (const char *name)
{
  static const char *const places[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      char *path = g_build_filename (places[i], name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return path;
      g_free (path);
    }
  return NULL;
}

char **
sg_fix_argv (const char *mend)
{
  g_auto (GStrv) argv = sg_fix_parse (mend);
  char *pkexec = argv != NULL ? find_program ("pkexec") : NULL;
  char *program = pkexec != NULL ? find_program (argv[1]) : NULL;

  if (program == NULL)
    {
      g_free (pkexec);
      return NULL;
    }
  g_free (argv[0]);
  g_free (argv[1]);
  argv[0] = pkexec;
  argv[1] = program;
  return g_steal_pointer (&argv);
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autofree char *said = NULL;
  GError *error = NULL;
  int code;

  if (!g_subprocess_communicate_utf8_finish (process, result, NULL, &said, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  code = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  if (code == 0)
    g_task_return_boolean (task, TRUE);
  else if (code == 126) /* pkexec: the window that asks was closed */
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                             _ ("Nothing was changed: it was not allowed."));
  else if (code == 127) /* may not, or there is nothing on this desktop that asks */
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s",
                             _ ("Nothing was changed: you may not, or nobody could be asked for a "
                                "password. Copy the command, and run it in a terminal."));
  else
    {
      g_autofree char *end = g_strndup (said != NULL ? said : "", COMPLAINT_MAX);
      g_autofree char *valid = g_utf8_make_valid (g_strstrip (end), -1);

      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("It did not work: %s"),
                               valid);
    }
}

void
sg_fix_run_async (const char *const *argv, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  GError *error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);

  if (process == NULL)
    g_task_return_error (task, error);
  else
    g_subprocess_communicate_utf8_async (process, NULL, NULL, ended, g_steal_pointer (&task));
}

gboolean
sg_fix_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
