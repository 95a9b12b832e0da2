/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a session ended or did not start, for a person.  Pure. */
#pragma once

#include "launcher/overlay.h"

/* WHY: a clause; CONSOLE: the last words of the system inside, or NULL. */
char *sg_words_not_started (const char *why, const char *console);

/* The same for one that restarted; KEPT: what was in it is still there. */
char *sg_words_not_again (const char *why, const char *console, gboolean kept);

typedef struct
{
  const char *shutdown; /* QEMU's reason in its SHUTDOWN event; NULL: none came */
  int status;           /* of the process, as from waitpid() */
  const char *said;     /* QEMU's (or bubblewrap's) last words; or NULL */
  const char *console;  /* the guest's last words; or NULL */
  gboolean running;     /* the machine had been let go */
  gboolean again;       /* it has restarted */
  gboolean usable;      /* commands could run (since it started last) */
  gboolean kept;        /* what was in it is still there */
} SgMachineEnd;
char *sg_words_machine_ended (const SgMachineEnd *end);

/* NAME: with an article, as the subject of a sentence. */
char *sg_words_helper_ended (const char *name, int status, const char *said);

/* The system inside restarts: its kernel failed; or it does all the time, which ends it. */
const char *sg_words_kernel_failed (void);
char *sg_words_restarts_too_often (gboolean kept);

const char *sg_words_disk (SgOverlayTrouble trouble);
