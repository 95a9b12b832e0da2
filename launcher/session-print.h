/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing, where it is granted: a listener inside where programs look for CUPS (baseimage/guest/
 * print/), the gate outside that lets through what is printing (printgate/), and a socket pair
 * between the agent's relay and that gate.  No network is needed.  Without the grant none of the
 * three is there. */
#pragma once

#include "launcher/agent.h"
#include "launcher/plan.h"

typedef struct SgPrint SgPrint;

/* Printing has ended before its time; once.  WORDS for a person. */
typedef void (*SgPrintLost) (const char *words, gpointer data);

/* Starts both; AGENT answers.  PLAN says where CUPS is (sg_plan_printgate()), and must outlive it.
 */
SgPrint *
sg_print_new (const SgPlan *plan, SgAgent *agent, SgPrintLost lost, gpointer data, GError **error);

/* Kills the gate, which ends the listener; does not wait. */
void sg_print_free (SgPrint *print);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPrint, sg_print_free)
