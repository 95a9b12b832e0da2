/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The desktop as a whole: main.c (the order in which it comes up, and its end) and programs.c (what
 * it consists of). */
#pragma once

#include "child.h"
#include "look.h"
#include "sound.h"
#include "state.h"

#define SHELL_FD 3 /* of the shell: its end of the pair */

enum
{
  SERVER,
  BUS,
  WINDOW_MANAGER,
  SHELL,
  UINPUT,
  SOUND,
  SPICE_DAEMON,
  SPICE_AGENT,
  N_CHILDREN
};

typedef struct
{
  SgUser user;
  char **env;       /* of the user's programs */
  char **quiet_env; /* as before, for programs of the desktop itself */
  char **shell_env;
  char **root_env;
  char **sound_env; /* as `env`, for as long as we run */
  char **server_argv;
  char *bus_address;
  SgChild *children[N_CHILDREN];
  int shell_fd; /* ours of the pair, -1 before */
  int shell_end;
  char *spice_port;
  SgSound *sound; /* NULL: no sound server */
  SgDesktopLook *look;
  const char *openbox_argv[5];
  gboolean manager_anew; /* the window manager begins again when all is ready */
  char *keyboard;        /* that the server was told of, as a section of its configuration */
  gboolean server_up, shell_ready, spice_started, ready;
  GMainLoop *loop;
  int status;
} Desktop;

/* The desktop is over: WHY is one line for a person, and the unit fails. */
void sg_desktop_fail (Desktop *desktop, const char *why);

/* To be called when something that "ready" waits for has happened. */
void sg_desktop_say_ready (Desktop *desktop);

/* SPEC's `data` is DESKTOP, and its `fd` counts only with an `fd_inside`. */
void sg_desktop_start_child (Desktop *desktop, guint which, SgChildSpec spec);

/* Beside the server. */
void sg_desktop_start_bus (Desktop *desktop);
void sg_desktop_prepare_spice (Desktop *desktop);
void sg_desktop_prepare_sound (Desktop *desktop);
void sg_desktop_start_shell (Desktop *desktop);

/* Once the server answers: the shell (DATA is a Desktop), which waits for that, and the rest. */
void sg_desktop_let_shell_go (gpointer data);
void sg_desktop_start_session (Desktop *desktop);

/* Other sizes, or another program alone: the window manager begins again.  DATA is a Desktop. */
void sg_desktop_look_changed (gpointer data, gboolean program);
