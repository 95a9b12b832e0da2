/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of sandglass-guardian: starts it, and another one when it dies. */
#pragma once

#include "launcher/session-home.h"

#include <sys/types.h>

typedef struct SgGuardian SgGuardian;

/* HOME stays the caller's and must outlive it.  PROGRAM: absolute path; NULL: the one beside us. */
SgGuardian *sg_guardian_new (SgHome *home, const char *program, GError **error);

/* 0 when it just died. */
pid_t sg_guardian_process (const SgGuardian *guardian);

/* Ends it: call when the directory is gone. */
void sg_guardian_free (SgGuardian *guardian);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgGuardian, sg_guardian_free)
