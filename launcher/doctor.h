/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Check This Computer": every requirement, whether it is met, what that means, what mends it.
 *
 * A check is a row of data (doctor.c) with a function that looks.  Functions look at an
 * SgDoctorHost, never at the computer itself, so that a test can make one up. */
#pragma once

#include "launcher/accel.h"

typedef enum
{
  SG_NEED_REQUIRED,    /* without it no sandbox starts */
  SG_NEED_RECOMMENDED, /* without it something is missing, slower or weaker */
  SG_NEED_ADVICE       /* worth knowing */
} SgNeed;

typedef struct
{
  const char *root; /* below it /proc, /sys, /etc, /usr are looked at; NULL: "/" */
  const char
      *search; /* directories for programs, as in PATH; NULL: PATH and the sbin directories */
  const char *const *environment; /* K=V; NULL: this process's */
  const char *cache;              /* NULL: sg_paths_cache () */
  const SgAccelOptions *accel;    /* NULL: the defaults, with `fresh` */
} SgDoctorHost;

typedef struct
{
  const char *id;    /* stable, lower-kebab */
  const char *title; /* for a person */
  SgNeed need;
  gboolean met;
  char *found; /* owned: what was seen: "version 7.2.22", "not installed" */
  char *means; /* owned: what it means for the person; NULL where it is met and there is no more to
                  say */
  char *mend;  /* owned: the command that mends it; NULL where there is none */
} SgFinding;

/* "required", "recommended", "advice". */
const char *sg_need_name (SgNeed need);

/* Looks at everything (`essential_only`: at what is required and quickly found out: no machine is
 * booted).  Returns SgFinding, in the order to show; free with g_ptr_array_unref(). */
GPtrArray *
sg_doctor_run (const SgDoctorHost *host, gboolean essential_only, GCancellable *cancellable);

/* One check by its id; NULL for an unknown id.  Free with sg_finding_free(). */
SgFinding *sg_doctor_check (const SgDoctorHost *host, const char *id, GCancellable *cancellable);
void sg_finding_free (SgFinding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgFinding, sg_finding_free)

/* Whether everything that is required is met. */
gboolean sg_doctor_fine (GPtrArray *findings);
