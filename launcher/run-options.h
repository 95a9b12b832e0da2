/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `sandglass run`. */
#pragma once

#include "launcher/grants-load.h"

typedef struct
{
  int memory_mb; /* 0: the default */
  int cpus;      /* 0: the default */
  gboolean plan, window, cold, quiet;
  gboolean timings;    /* the session tells on stderr what takes how long */
  gboolean detach;     /* `start`: the sandbox stays when this process ends; no command */
  SgAsk ask;           /* the profile, and what else is asked */
  char *pcap;          /* owned; a file for the network's frames; or NULL */
  char **shares;       /* owned: DIR[:PLACE][:rw]; or NULL */
  gboolean approve;    /* the profile may be opened, though it was not before */
  char *attach;        /* owned; run it in this open sandbox; NULL: in a fresh one */
  gboolean tty;        /* a terminal inside: decided from -t, -T and our own descriptors */
  char *user;          /* owned; NULL: sandbox */
  char *dir;           /* owned; NULL: the user's home */
  char **env;          /* owned: K=V */
  char **command;      /* owned; empty with --window alone, never otherwise */
  gboolean no_command; /* none was given: `command` is a login shell */
} SgRunOptions;

/* Parses argv ("run" first).  `terminal`: whether stdin and stdout are terminals.  FALSE with a
 * GOptionError in words. */
gboolean sg_run_options_parse (SgRunOptions *options, int argc, char **argv, gboolean terminal,
                               GError **error);

/* The same for `start`. */
gboolean sg_start_options_parse (SgRunOptions *options, int argc, char **argv, GError **error);

/* The same for `open FILE.wsb`, with its window. */
gboolean
sg_open_profile_options_parse (SgRunOptions *options, int argc, char **argv, GError **error);

/* The same for `exec ID` and `shell ID` (first in argv; SHELL: no command is taken): `attach` is
 * what was typed. */
gboolean sg_exec_options_parse (SgRunOptions *options, int argc, char **argv, gboolean terminal,
                                gboolean shell, GError **error);
void sg_run_options_clear (SgRunOptions *options);
