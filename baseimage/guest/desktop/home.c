/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "home.h"

#include "state.h"

#include <gio/gio.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER_NAME "sandbox"

gboolean
sg_desktop_find_user (SgUser *user, GError **error)
{
  const struct passwd *entry = getpwnam (USER_NAME);

  if (!entry)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no user %s.", USER_NAME);
      return FALSE;
    }
  *user = (SgUser){ .name = g_strdup (entry->pw_name),
                    .home = g_strdup (entry->pw_dir),
                    .shell = g_strdup (entry->pw_shell),
                    .uid = entry->pw_uid,
                    .gid = entry->pw_gid };
  return TRUE;
}

/* As the user: what lies in the home folder is not followed by root. */
static void
make_home (const SgUser *user)
{
  static const char *const folders[] = { "Desktop", "Documents", "Downloads" };
  pid_t pid = fork ();

  if (pid > 0)
    waitpid (pid, NULL, 0);
  if (pid != 0)
    return;
  if (setresgid (user->gid, user->gid, user->gid) == 0
      && setresuid (user->uid, user->uid, user->uid) == 0 && chdir (user->home) == 0)
    for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
      mkdir (folders[i], 0755);
  _exit (0);
}

gboolean
sg_desktop_make_folders (const SgUser *user, GError **error)
{
  g_autofree char *runtime = sg_session_runtime_dir (user->uid);
  struct stat st;

  /* The agent has made them already; both must do without the other in tests. */
  g_mkdir_with_parents (SG_RUN_DIR, 0755);
  if (mkdir (SG_STATE_DIR, 0755) == 0)
    (void)!chown (SG_STATE_DIR, user->uid, user->gid);
  g_mkdir_with_parents ("/run/user", 0755);
  if (mkdir (runtime, 0700) == 0)
    (void)!chown (runtime, user->uid, user->gid);
  if (lstat (runtime, &st) == 0 && S_ISDIR (st.st_mode) && st.st_uid == user->uid)
    {
      make_home (user);
      mkdir ("/tmp/.X11-unix", 01777);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s cannot be used.", runtime);
  return FALSE;
}
