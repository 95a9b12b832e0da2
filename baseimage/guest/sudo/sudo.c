/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sudo for sandboxes whose host has none that can be copied.  It is set-uid root.
 *
 * Who may: root, and who stands in SG_GUEST_ADMINISTRATORS (the agent empties it for a sandbox
 * without an administrator).  There are no passwords and no rules to parse.
 *
 * Taken options: -n -k -S -E -H -i -s -u USER -v -l -V, --, and
 * leading NAME=VALUE.  What is not known is refused, never ignored. */
#include "baseimage/guest/administrators.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAFE_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

typedef struct
{
  const char *user;
  int keep_env, login, shell, only_check;
  char **command; /* may begin with NAME=VALUE; ends with NULL */
} Wish;

static int
fail (const char *what, const char *about)
{
  fprintf (stderr, "sudo: %s%s%s\n", what, about != NULL ? " " : "", about != NULL ? about : "");
  return 1;
}

static int
usage (void)
{
  fprintf (stderr, "usage: sudo [-nkSEHis] [-u user] [NAME=VALUE...] [command...]\n");
  return 1;
}

/* The list is root's, so only root can grant. */
static int
is_allowed (const struct passwd *caller)
{
  FILE *list = caller->pw_uid != 0 ? fopen (SG_GUEST_ADMINISTRATORS, "re") : NULL;
  int found = caller->pw_uid == 0;
  char name[256];
  struct stat st;

  if (list == NULL)
    return found;
  if (fstat (fileno (list), &st) == 0 && st.st_uid == 0 && (st.st_mode & 022) == 0)
    while (!found && fgets (name, sizeof name, list) != NULL)
      {
        name[strcspn (name, "\n")] = '\0';
        found = strcmp (name, caller->pw_name) == 0;
      }
  fclose (list);
  return found;
}

/* 0, or the exit code of a refusal. */
static int
parse (int argc, char **argv, Wish *ret)
{
  int option;

  memset (ret, 0, sizeof *ret);
  ret->user = "root";
  while ((option = getopt (argc, argv, "+nkSEHisvlVu:")) != -1)
    switch (option)
      {
      case 'n':
      case 'k':
      case 'S':
      case 'H':
        break; /* there are no passwords, and HOME is the target's anyway */
      case 'E':
        ret->keep_env = 1;
        break;
      case 'i':
        ret->login = 1;
        break;
      case 's':
        ret->shell = 1;
        break;
      case 'v':
      case 'l':
      case 'V':
        ret->only_check = 1;
        break;
      case 'u':
        ret->user = optarg;
        break;
      default:
        return usage ();
      }
  ret->command = argv + optind;
  if (*ret->command == NULL && !ret->only_check && !ret->login && !ret->shell)
    return usage ();
  return 0;
}

static const struct passwd *
find_target (const char *name)
{
  char *end;
  unsigned long uid;

  if (name[0] != '#')
    return getpwnam (name);
  uid = strtoul (name + 1, &end, 10);
  return end != name + 1 && *end == '\0' && uid < UINT_MAX ? getpwuid ((uid_t)uid) : NULL;
}

/* What a program on the same desktop and terminal needs; all else begins afresh. */
static int
is_kept (const char *entry)
{
  static const char *const names[] = { "TERM=",     "DISPLAY=",   "XAUTHORITY=", "LANG=",  "LC_",
                                       "LANGUAGE=", "COLORTERM=", "COLUMNS=",    "LINES=", "TZ=" };

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strncmp (entry, names[i], strlen (names[i])) == 0)
      return 1;
  return 0;
}

static void
keep_only_needed (void)
{
  char **from = environ, **to = environ;

  for (; from != NULL && *from != NULL; from++)
    if (is_kept (*from))
      *to++ = *from;
  if (to != NULL)
    *to = NULL;
}

static int
set_environment (const struct passwd *target, const struct passwd *caller, const char *caller_name,
                 int keep)
{
  char number[16];
  int bad = 0;

  if (!keep)
    keep_only_needed ();
  bad |= setenv ("PATH", SAFE_PATH, 1);
  bad |= setenv ("HOME", target->pw_dir, 1);
  bad |= setenv ("USER", target->pw_name, 1);
  bad |= setenv ("LOGNAME", target->pw_name, 1);
  bad |= setenv ("SHELL", target->pw_shell[0] != '\0' ? target->pw_shell : "/bin/sh", 1);
  bad |= setenv ("SUDO_USER", caller_name, 1);
  snprintf (number, sizeof number, "%u", (unsigned)caller->pw_uid);
  bad |= setenv ("SUDO_UID", number, 1);
  snprintf (number, sizeof number, "%u", (unsigned)caller->pw_gid);
  bad |= setenv ("SUDO_GID", number, 1);
  return bad;
}

static int
become (const struct passwd *target)
{
  if (initgroups (target->pw_name, target->pw_gid) < 0
      || setresgid (target->pw_gid, target->pw_gid, target->pw_gid) < 0
      || setresuid (target->pw_uid, target->pw_uid, target->pw_uid) < 0)
    return fail ("cannot become the user:", strerror (errno));
  return 0;
}

/* A shell, alone or with the command's words as one line. */
static int
run_shell (const char *shell, int login, char **command)
{
  const char *name = strrchr (shell, '/') != NULL ? strrchr (shell, '/') + 1 : shell;
  char arg0[PATH_MAX], *line;
  size_t len = 1;

  snprintf (arg0, sizeof arg0, "%s%s", login ? "-" : "", name);
  for (char **word = command; *word != NULL; word++)
    len += 2 * strlen (*word) + 1;
  line = calloc (1, len);
  if (line == NULL)
    return fail ("there is no memory", NULL);
  for (char **word = command; *word != NULL; word++)
    {
      char *to = line + strlen (line);

      if (word != command)
        *to++ = ' ';
      for (const char *from = *word; *from != '\0'; from++)
        {
          /* As sudo does: what a shell could take as its own is quoted, $ is not. */
          if (strchr ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$", *from)
              == NULL)
            *to++ = '\\';
          *to++ = *from;
        }
    }
  if (*command != NULL)
    execl (shell, arg0, "-c", line, (char *)NULL);
  else
    execl (shell, arg0, (char *)NULL);
  fail ("cannot start the shell", shell);
  return errno == ENOENT ? 127 : 126;
}

static int
run (const Wish *wish, const struct passwd *target)
{
  char **command = wish->command;
  int code;

  for (; *command != NULL && strchr (*command, '=') != NULL && (*command)[0] != '='; command++)
    if (putenv (*command) != 0)
      return fail ("there is no memory", NULL);
  if (wish->login && chdir (target->pw_dir) < 0)
    fail ("cannot go to", target->pw_dir);
  if (wish->login || wish->shell)
    return run_shell (getenv ("SHELL"), wish->login, command);
  if (*command == NULL)
    return usage ();
  execvp (command[0], command);
  code = errno == ENOENT ? 127 : 126;
  fprintf (stderr, "sudo: %s: %s\n", command[0],
           errno == ENOENT ? "command not found" : strerror (errno));
  return code == 127 ? 1 : code;
}

int
main (int argc, char **argv)
{
  const struct passwd *entry = getpwuid (getuid ());
  struct passwd caller;
  char caller_name[256];
  const struct passwd *target;
  Wish wish;
  int code;

  if (geteuid () != 0)
    return fail ("it is not installed set-uid root", NULL);
  if (entry == NULL)
    return fail ("you are nobody known here", NULL);
  caller = *entry;
  snprintf (caller_name, sizeof caller_name, "%s", entry->pw_name);
  caller.pw_name = caller_name;
  code = parse (argc, argv, &wish);
  if (code != 0)
    return code;
  if (!is_allowed (&caller))
    return fail ("this sandbox was opened without administrator rights", NULL);
  if (wish.only_check)
    return 0;
  target = find_target (wish.user);
  if (target == NULL)
    return fail ("there is no user", wish.user);
  if (set_environment (target, &caller, caller_name, wish.keep_env) != 0)
    return fail ("there is no memory", NULL);
  code = become (target);
  return code != 0 ? code : run (&wish, target);
}
