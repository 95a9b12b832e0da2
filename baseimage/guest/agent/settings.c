/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings that a person has on the host, applied to a machine that runs already. */
#include "agent.h"

#include "baseimage/guest/administrators.h"
#include "baseimage/guest/desktop/vars.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

char *
settings_write (const char *path, mode_t perm, const char *text)
{
  g_autofree char *aside = g_strconcat (path, ".sandglass-new", NULL);
  gsize len = strlen (text);
  int fd = open (aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, perm);
  gboolean written = fd >= 0 && fchmod (fd, perm) == 0 && write (fd, text, len) == (gssize)len;

  agent_close (&fd);
  if (written && rename (aside, path) == 0)
    return NULL;
  written = FALSE;
  unlink (aside);
  return g_strdup_printf ("Cannot write %s: %s", path, g_strerror (errno));
}

/* ---- keyboard ---- */

#define KEYBOARD_FILE "/etc/default/keyboard"

/* "de", "de:nodeadkeys", "us,ru": layouts and variants as setxkbmap(1) knows them. */
static gboolean
is_keyboard (const char *text)
{
  static const char letters[]
      = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-,:";

  return text[0] != '\0' && strlen (text) <= 200 && strspn (text, letters) == strlen (text);
}

/* Not waited for: the process in between ends at once, and process 1 reaps the other. */
static void
run_as_user (const Agent *agent, char **argv)
{
  g_autofree char *why = NULL;
  g_autoptr (Login) login = login_find (AGENT_USER, &why);
  g_auto (GStrv) env = login != NULL ? login_environment (agent, login) : NULL;
  pid_t pid = login != NULL ? fork () : -1;

  if (pid > 0)
    waitpid (pid, NULL, 0);
  if (pid != 0)
    return;
  if (fork () != 0)
    _exit (0);
  if (setgroups ((gsize)login->n_groups, login->groups) < 0
      || setresgid (login->gid, login->gid, login->gid) < 0
      || setresuid (login->uid, login->uid, login->uid) < 0)
    _exit (126);
  environ = env;
  execvp (argv[0], argv);
  _exit (127);
}

static gboolean
is_value (GHashTable *vars, const char *name, const char *value)
{
  const char *set = g_hash_table_lookup (vars, name);

  return g_str_equal (set != NULL ? set : "", value);
}

/* As it is already: compiling a layout takes a tenth of a second. */
static gboolean
has_keyboard (const char *layout, const char *variant, const char *options)
{
  g_autoptr (GHashTable) vars = sg_vars_read (KEYBOARD_FILE);

  return is_value (vars, "XKBLAYOUT", layout) && is_value (vars, "XKBVARIANT", variant)
         && is_value (vars, "XKBOPTIONS", options);
}

static char *
set_keyboard (const Agent *agent, const char *value, const char *options)
{
  g_auto (GStrv) parts = g_strsplit (value, ":", 2);
  const char *variant = parts[0] != NULL && parts[1] != NULL ? parts[1] : "";
  g_autofree char *text = NULL;
  /* An option "" takes away those of before. */
  char *argv[] = { "setxkbmap", "-layout", parts[0],        "-variant",      (char *)variant,
                   "-option",   "",        (char *)"-option", (char *)options, NULL };
  char *why;

  if (!is_keyboard (value) || (*options != '\0' && !is_keyboard (options)))
    return g_strdup ("This is no keyboard layout");
  if (has_keyboard (parts[0], variant, options))
    return NULL;
  text = g_strdup_printf ("XKBMODEL=\"pc105\"\nXKBLAYOUT=\"%s\"\nXKBVARIANT=\"%s\"\n"
                          "XKBOPTIONS=\"%s\"\nBACKSPACE=\"guess\"\n",
                          parts[0], variant, options);
  if (*options == '\0')
    argv[7] = NULL;
  g_mkdir_with_parents ("/etc/default", 0755);
  why = settings_write (KEYBOARD_FILE, 0644, text);
  if (why == NULL) /* fails where there is no screen yet: the desktop reads the file then */
    run_as_user (agent, argv);
  return why;
}

/* ---- time zone ---- */

static char *
set_timezone (const char *name)
{
  g_autofree char *zone = g_strconcat ("/usr/share/zoneinfo/", name, NULL);
  g_autofree char *line = g_strconcat (name, "\n", NULL);

  if (strstr (name, "..") != NULL || name[0] == '/' || !g_file_test (zone, G_FILE_TEST_IS_REGULAR))
    return g_strdup_printf ("There is no time zone %s in the sandbox", name);
  unlink ("/etc/localtime.sandglass-new");
  if (symlink (zone, "/etc/localtime.sandglass-new") < 0
      || rename ("/etc/localtime.sandglass-new", "/etc/localtime") < 0)
    return g_strdup ("The time zone cannot be set");
  return settings_write ("/etc/timezone", 0644, line);
}

/* ---- language ---- */

/* The desktop may have begun with the one before: it reads it again, and its shell begins anew.
 * One that has not begun refuses, and reads it then. */
static void
reload_desktop (void)
{
  pid_t pid = fork ();
  int null;

  if (pid > 0)
    waitpid (pid, NULL, 0);
  if (pid != 0)
    return;
  if (fork () != 0)
    _exit (0);
  null = open ("/dev/null", O_RDWR);
  dup2 (null, 1);
  dup2 (null, 2);
  execlp ("systemctl", "systemctl", "--no-block", "--quiet", "reload", "sandglass-desktop.service",
          NULL);
  _exit (127);
}

/* For commands, see login.c, and for the desktop.  A language that the copy of
 * the computer does not have makes programs speak English. */
static char *
set_locale (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-";
  g_autofree char *line = g_strdup_printf ("LANG=%s\n", name);
  char *why;

  if (name[0] == '\0' || strlen (name) >= 64 || strspn (name, letters) != strlen (name))
    return g_strdup ("This is no language");
  g_mkdir_with_parents ("/etc/default", 0755);
  why = settings_write ("/etc/default/locale", 0644, line);
  if (why == NULL)
    why = settings_write ("/etc/locale.conf", 0644, line);
  if (why == NULL)
    reload_desktop ();
  return why;
}

/* ---- administrator ---- */

/* Without the rule and the name, nobody but root may become root: it has no password. */
static char *
set_administrator (gboolean administrator)
{
  char *why = settings_write (SG_GUEST_ADMINISTRATORS, 0644, administrator ? AGENT_USER "\n" : "");

  if (why != NULL)
    return why;
  if (administrator)
    return settings_write (SG_GUEST_SUDO_RULE, 0440, AGENT_USER " ALL=(ALL:ALL) NOPASSWD: ALL\n");
  if (unlink (SG_GUEST_SUDO_RULE) < 0 && errno != ENOENT)
    return g_strdup ("The user's rights cannot be taken away");
  return NULL;
}

char *
settings_apply (Agent *agent, GVariant *settings)
{
  g_autoptr (GVariant) look = g_variant_lookup_value (settings, "look", G_VARIANT_TYPE_VARDICT);
  const char *text, *options = "";
  gboolean administrator, program = FALSE;
  char *why = NULL;

  g_variant_lookup (settings, "keyboard-options", "&s", &options);
  if (g_variant_lookup (settings, "keyboard", "&s", &text))
    why = set_keyboard (agent, text, options);
  if (why == NULL && g_variant_lookup (settings, "timezone", "&s", &text))
    why = set_timezone (text);
  if (why == NULL && g_variant_lookup (settings, "locale", "&s", &text))
    why = set_locale (text);
  if (why == NULL && g_variant_lookup (settings, "administrator", "b", &administrator))
    why = set_administrator (administrator);
  g_variant_lookup (settings, "program", "b", &program);
  if (why == NULL && (look != NULL || program))
    why = settings_look (look, program);
  return why;
}
