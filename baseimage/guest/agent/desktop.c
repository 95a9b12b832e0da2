/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop's start-up says how far it is by files in a directory of the user (README.md,
 * "Between agent and desktop"), which inotify watches.  What it says is believed as far as a user
 * of this machine may be: it goes into commands' environments, nowhere else. */
#include "agent.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#define DIR_OF_DESKTOP AGENT_RUN_DIR "/desktop"
#define TEXT_MAX_LEN 16384

struct Desktop
{
  int fd; /* inotify; -1 when none is to come */
  DesktopState state;
  char *failure; /* owned */
};

/* The target that this machine was started with (kernel-command-line.h). */
static gboolean
is_wanted (void)
{
  g_autofree char *line = NULL;

  return g_file_get_contents ("/proc/cmdline", &line, NULL, NULL)
         && strstr (line, "systemd.unit=sandglass-text.target") == NULL;
}

static void
make_directory (void)
{
  g_autofree char *why = NULL;
  g_autoptr (Login) login = login_find (AGENT_USER, &why);

  mkdir (AGENT_RUN_DIR, 0755);
  if (mkdir (DIR_OF_DESKTOP, 0755) == 0 && login != NULL
      && chown (DIR_OF_DESKTOP, login->uid, login->gid) < 0)
    g_warning ("Cannot give %s to %s", DIR_OF_DESKTOP, AGENT_USER);
  if (login != NULL)
    login_make_runtime_dir (login);
}

Desktop *
desktop_new (gboolean inside)
{
  Desktop *desktop = g_new0 (Desktop, 1);

  desktop->fd = -1;
  if (!inside)
    return desktop;
  make_directory ();
  if (!is_wanted ())
    return desktop;
  desktop->state = DESKTOP_STARTING;
  desktop->fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  inotify_add_watch (desktop->fd, DIR_OF_DESKTOP,
                     IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE);
  desktop_look (desktop);
  return desktop;
}

void
desktop_free (Desktop *desktop)
{
  agent_close (&desktop->fd);
  g_free (desktop->failure);
  g_free (desktop);
}

int
desktop_fd (Desktop *desktop)
{
  return desktop->fd;
}

DesktopState
desktop_state (Desktop *desktop)
{
  return desktop->state;
}

const char *
desktop_failure (Desktop *desktop)
{
  return desktop->failure != NULL && desktop->failure[0] != '\0' ? desktop->failure
                                                                 : "The desktop did not start";
}

/* A small text file of the user's; NULL where there is none. */
static char *
read_text (const char *path)
{
  struct stat st;
  char *text;

  if (lstat (path, &st) < 0 || !S_ISREG (st.st_mode) || st.st_size > TEXT_MAX_LEN
      || !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return text;
}

void
desktop_look (Desktop *desktop)
{
  char events[4096];

  while (desktop->fd >= 0 && read (desktop->fd, events, sizeof events) > 0)
    ;
  g_clear_pointer (&desktop->failure, g_free);
  if (access (DIR_OF_DESKTOP "/ready", F_OK) == 0)
    desktop->state = DESKTOP_READY;
  else if (access (DIR_OF_DESKTOP "/failed", F_OK) == 0)
    {
      g_autofree char *text = read_text (DIR_OF_DESKTOP "/failed");

      desktop->state = DESKTOP_FAILED;
      desktop->failure = text != NULL ? g_utf8_make_valid (g_strstrip (text), -1) : NULL;
      if (desktop->failure != NULL && strlen (desktop->failure) > 500)
        g_clear_pointer (&desktop->failure, g_free);
    }
  else
    desktop->state = DESKTOP_STARTING;
}

static gboolean
is_taken (const char *entry)
{
  return g_str_has_prefix (entry, "DISPLAY=") || g_str_has_prefix (entry, "XAUTHORITY=")
         || g_str_has_prefix (entry, "DBUS_SESSION_BUS_ADDRESS=")
         || g_str_has_prefix (entry, "XDG_");
}

char **
desktop_environment (const Desktop *desktop)
{
  g_autofree char *text = desktop->fd >= 0 ? read_text (DIR_OF_DESKTOP "/environment") : NULL;
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  GPtrArray *taken = g_ptr_array_new ();

  for (char **line = lines; *line != NULL; line++)
    if (is_taken (*line) && strchr (*line, '=') != NULL)
      g_ptr_array_add (taken, g_strdup (*line));
  g_ptr_array_add (taken, NULL);
  return (char **)g_ptr_array_free (taken, FALSE);
}

void
agent_desktop_changed (Agent *agent)
{
  DesktopState state = desktop_state (agent->desktop);

  if (state == DESKTOP_STARTING || !agent->greeted)
    return;
  for (guint i = 0; i < agent->waiting->len; i++)
    agent_reply (agent, g_array_index (agent->waiting, guint32, i),
                 state == DESKTOP_FAILED ? desktop_failure (agent->desktop) : NULL,
                 state != DESKTOP_FAILED ? g_variant_new ("(b)", state == DESKTOP_READY) : NULL);
  g_array_set_size (agent->waiting, 0);
  if (state == DESKTOP_READY && !agent->desktop_told)
    {
      agent->desktop_told = TRUE;
      wire_send_value (agent->wire, SG_FRAME_EVENT, 0,
                       g_variant_new ("(sv)", "desktop-ready", g_variant_new_boolean (TRUE)));
    }
}
