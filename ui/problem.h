/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Something that went wrong, as a person is told: what happened, what it means, the next step.
 * `details` is what *Copy Details* copies below those words. */
#pragma once

#include <glib-object.h>

typedef struct
{
  char *title;   /* owned: "The sandbox could not start" */
  char *message; /* owned: what happened and what it means */
  char *next;    /* owned; NULL: no next step known */
  char *details; /* owned; NULL: none */
} SgProblem;

#define SG_TYPE_PROBLEM (sg_problem_get_type ())
GType sg_problem_get_type (void);

/* All strings are copied. */
SgProblem *
sg_problem_new (const char *title, const char *message, const char *next, const char *details);
SgProblem *sg_problem_copy (const SgProblem *problem);
void sg_problem_free (SgProblem *problem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgProblem, sg_problem_free)

/* The whole text for a ticket: the words above, the details, our version and the system's name.
 * Free with g_free(). */
char *sg_problem_report (const SgProblem *problem);
