/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-agent: what the host can do inside, over one byte stream (protocol.h).
 *
 *   main.c      options, start-up, the loop
 *   wire.c      frames in and out
 *   frames.c    what each frame of the host does
 *   command.c   running commands: streams, credits, the end
 *   spawn.c     from EXEC to a process: user, environment, terminal, control group
 *   login.c     who a user is and what a fresh login of his has in its environment
 *   cgroup.c    a control group for each command, so that all its children can be ended
 *   calls.c     the machine itself: clock, entropy, identity, power
 *   settings.c  keyboard, time zone, language, administrator
 *   look.c      how the person's own desktop looks
 *   desktop.c   is the desktop ready?
 *
 * One thread, one loop, no timer while nothing runs: a machine that wakes as a clone must be quiet.
 * The host is trusted (it owns the machine), but a frame that breaks the rules means that both
 * sides no longer mean the same: the agent ends and systemd starts a new one. */
#pragma once

#include "baseimage/guest/protocol.h"

#include <sys/types.h>
#include <unistd.h>

#define AGENT_RUN_DIR "/run/sandglass"
#define AGENT_USER "sandbox"

typedef struct Wire Wire;
typedef struct Desktop Desktop;
typedef struct Command Command;

typedef struct
{
  Wire *wire;
  Desktop *desktop;
  GPtrArray *commands; /* Command, owned */
  GArray *waiting;     /* serials (guint32) of "ready" calls without an answer */
  char *cgroup;        /* our own delegated one; NULL without */
  gboolean inside;     /* FALSE in tests: the machine is not ours to change */
  gboolean greeted;
  gboolean desktop_told;
  gboolean ending; /* power off once everything is sent */
  int signal_fd;
} Agent;

static inline void
agent_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* ---- wire.c ---- */

typedef struct
{
  guint16 type;
  guint32 channel;
  const guint8 *data; /* valid until the next wire_receive() */
  gsize len;
} Frame;

/* Takes FD, which is made non-blocking. */
Wire *wire_new (int fd);
void wire_free (Wire *wire);
int wire_fd (Wire *wire);
/* Reads what is there.  FALSE at the end of the stream (or an error). */
gboolean wire_receive (Wire *wire);
/* The next whole frame: 1, 0 when there is none yet, -1 when the stream is broken. */
int wire_next (Wire *wire, Frame *ret_frame);
void wire_send (Wire *wire, SgFrameType type, guint32 channel, const void *data, gsize len);
/* BODY is consumed when floating. */
void wire_send_value (Wire *wire, SgFrameType type, guint32 channel, GVariant *body);
/* Bytes that wait to be sent. */
gsize wire_waiting (Wire *wire);
/* Sends what can be sent without waiting.  FALSE when the other side is gone. */
gboolean wire_flush (Wire *wire);
/* Drops what waits, for it belongs to a connection that is over; a frame that is half sent is sent
 * to its end. */
void wire_forget (Wire *wire);
/* A frame's body as a value of TYPE in normal form, or NULL. */
GVariant *wire_value (const Frame *frame, const char *type);

/* ---- frames.c ---- */

/* Acts on a frame; FALSE when it breaks the rules. */
gboolean agent_take (Agent *agent, const Frame *frame);
void agent_reply (Agent *agent, guint32 serial, const char *failure, GVariant *result);

/* ---- command.c ---- */

/* Three streams: 0 stdin, 1 stdout, 2 stderr.  With a terminal all three are its master. */
#define N_STREAM_FDS 3

void command_start (Agent *agent, guint32 channel, GVariant *exec);
void command_free (Command *command);
Command *command_find (Agent *agent, guint32 channel);
gboolean command_take (Agent *agent, Command *command, const Frame *frame);
struct pollfd;
/* Fills N_STREAM_FDS entries with what is to be waited for. */
void command_poll (Command *command, gboolean room, struct pollfd *fds);
/* Moves what can be moved, after poll(). */
void command_pump (Agent *agent, Command *command, const struct pollfd *fds);
/* Milliseconds after which command_finished() must be asked again; -1: not by time. */
int command_patience (Command *command);
/* Looks whether the process has ended. */
void command_reap (Command *command);
/* Sends EXIT when all is over; TRUE then: the command can be freed. */
gboolean command_finished (Agent *agent, Command *command);
/* Ends every command and all that they started. */
void commands_drop (Agent *agent);

/* ---- spawn.c ---- */

typedef struct
{
  pid_t pid;
  int status_fd;         /* says why the program could not be run; empty when it could */
  int fds[N_STREAM_FDS]; /* our ends, non-blocking; of a terminal [0] and [1] are both the master */
} Spawned;

/* Starts what EXEC asks for.  Returns NULL, or what went wrong in words (g_free) with *RET_CODE 126
 * or 127. */
char *spawn_command (Agent *agent, guint32 channel, GVariant *exec, Spawned *ret, int *ret_code);

/* ---- login.c ---- */

typedef struct
{
  char *name, *home, *shell;
  uid_t uid;
  gid_t gid;
  gid_t *groups; /* supplementary */
  int n_groups;
} Login;

/* NULL, with words in *RET_WHY, where there is no such user. */
Login *login_find (const char *name, char **ret_why);
/* Whoever runs this process. */
Login *login_self (void);
void login_free (Login *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Login, login_free)
/* A fresh environment (g_strfreev). */
char **login_environment (const Agent *agent, const Login *login);
/* /run/user/UID, made if it is not there. */
void login_make_runtime_dir (const Login *login);

/* ---- cgroup.c ---- */

/* Moves this process into a group of its own below the delegated one; NULL where that fails. */
char *cgroup_prepare (void);
/* In the child: enters the group of the command on CHANNEL, making it. */
void cgroup_enter (const char *cgroup, guint32 channel);
/* Removes the group if nothing runs in it any more. */
void cgroup_leave (const char *cgroup, guint32 channel);
/* Kills everything in all commands' groups. */
void cgroup_kill_all (const char *cgroup);

/* ---- calls.c, settings.c ---- */

void agent_call (Agent *agent, guint32 serial, const char *method, GVariant *argument);
/* NULL, or what went wrong (g_free). */
char *settings_apply (Agent *agent, GVariant *settings);
/* The same of its members "look" (or NULL) and "program", and what of it is for a login's environment: adds to ENV
 * and returns it. */
char *settings_look (GVariant *look, gboolean program);
char **login_add_look (char **env);
/* Writes a file aside and renames it. NULL, or what went wrong (g_free). */
char *settings_write (const char *path, mode_t perm, const char *text);
void agent_power_off (void) __attribute__ ((noreturn));

/* ---- desktop.c ---- */

typedef enum
{
  DESKTOP_NONE, /* none is to come */
  DESKTOP_STARTING,
  DESKTOP_READY,
  DESKTOP_FAILED
} DesktopState;

Desktop *desktop_new (gboolean inside);
void desktop_free (Desktop *desktop);
/* Readable when it is worth looking again; -1: never. */
int desktop_fd (Desktop *desktop);
void desktop_look (Desktop *desktop);
DesktopState desktop_state (Desktop *desktop);
/* For DESKTOP_FAILED: a line for a person. */
const char *desktop_failure (Desktop *desktop);
/* What the desktop says for commands' environments (g_strfreev); may be empty. */
char **desktop_environment (const Desktop *desktop);
/* Answers the calls that wait, and tells the host once. */
void agent_desktop_changed (Agent *agent);
