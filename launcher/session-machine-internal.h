/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of session-machine.h share.
 *
 * STARTING -> RUNNING (the machine was let go) -> USABLE (commands) -> OVER.  A restart inside goes
 * back to RUNNING.  OVER can come at any time, and is final: sg_machine_over() is the one way
 * there.
 *
 * Whatever is asked of the monitor, the agent or a thread holds a reference: it is answered (that
 * it was cancelled) after sg_machine_free(), and must find OVER, not freed memory. */
#pragma once

#include "launcher/clone-appetite.h"
#include "launcher/clone.h"
#include "launcher/memory-balance.h"
#include "launcher/session-children.h"
#include "launcher/session-machine.h"

struct SgMachine
{
  const SgPlan *plan;
  SgMachineSource source;
  gint64 begun; /* for timings */
  char *id;
  const SgMachineFuncs *funcs;
  gpointer data;
  SgChildren c;
  SgOverlay *overlay;
  int scratch_below;         /* the base's empty disk */
  GCancellable *cancellable; /* until it is over */
  GCancellable *booted;      /* until the system inside restarts */
  guint deadline, retry, grace, mad, idle;
  guint graces;               /* that have passed */
  char *shutdown;      /* why QEMU said that it ends; owned */
  char *broken;        /* why the agent's connection ended; owned */
  gint64 last_trouble; /* when the disk stopped it */
  gboolean running, greeted, usable, over;
  gboolean leaving; /* QEMU: its monitor is closed */
  gboolean kept;    /* see sg_machine_is_kept() */
  gboolean crashed; /* see sg_machine_has_crashed() */

  /* session-machine-size.c */
  guint grow;
  gboolean grown;   /* there is a place for all that it may have */
  gboolean placing; /* that is being made, for memory */

  /* session-machine-memory.c */
  SgBalance balance;
  SgAppetite *appetite; /* while there is memory that it was not given yet */
  guint look;           /* at how much is unused inside */
  gboolean told_no_room;

  /* session-machine-restart.c */
  gboolean may_restart;                    /* see sg_machine_may_restart() */
  gboolean restarting, port_is_new, again; /* `again`: since the first restart */
  GArray *restarts;                        /* when (gint64, monotonic); or NULL */
  gboolean answered;                       /* the agent, since the last restart */
  guint resets;                            /* by the guest, since then */
  guint farewell;                          /* the old relay's deadline */
  int port;                                /* the new relay's end of the agent's port */
};

/* What a pending call has. */
typedef SgMachine Held;
SgMachine *sg_machine_hold (SgMachine *machine);
void sg_machine_let_loose (SgMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Held, sg_machine_let_loose)

/* With --timings: what has been done.  SgQmpStepsTrace. */
void sg_machine_on_step (const char *step, gint64 usec, gpointer machine);
void sg_machine_mark (SgMachine *machine, const char *what);

/* --- session-machine.c -------------------------------------------------------------------------
 */

/* The machine runs: greets the agent, within its time. */
void sg_machine_greet (SgMachine *machine);

/* --- session-machine-ready.c -------------------------------------------------------------------
 */

/* Commands can run.  Once for each boot. */
void sg_machine_usable (SgMachine *machine);

/* --- session-machine-end.c ---------------------------------------------------------------------
 */

/* Whether its disk would be kept if it ended now. */
gboolean sg_machine_would_keep (SgMachine *machine);

/* That it did not start, or not again: WHY is a clause, CONSOLE the last words from inside or NULL. */
char *sg_machine_start_words (SgMachine *machine, const char *why, const char *console);

/* It is over; WHY (taken) is told, once. */
void sg_machine_over (SgMachine *machine, char *why);
void sg_machine_over_by_error (SgMachine *machine, const GError *error);

/* Something beside the machine ended in good order. */
void sg_machine_broke (SgMachine *machine, const char *why);
void sg_machine_child_ended (SgChild *child, int status, gpointer machine);

/* --- session-machine-qemu.c --------------------------------------------------------------------
 */

void sg_machine_connect_qmp (SgMachine *machine);

/* --- session-machine-size.c --------------------------------------------------------------------
 */

/* Is everything plugged in before the machine runs?  With hardware virtualization that costs a few
 * milliseconds. */
gboolean sg_machine_grows_first (const SgMachine *machine);
SgCloneWish sg_machine_wish (SgMachine *machine, gboolean larger);

/* The agent answers for the first time in this boot: sg_machine_usable() at once or once the guest
 * has what a person asked for; what nobody asked for comes later. */
void sg_machine_size (SgMachine *machine);

/* Stops what it does by itself. */
void sg_machine_size_stop (SgMachine *machine);

/* --- session-machine-memory.c ------------------------------------------------------------------
 */

/* `balance` says how much it has and may have: from now on gives and takes. */
void sg_machine_memory (SgMachine *machine);
void sg_machine_memory_stop (SgMachine *machine);

/* --- session-machine-restart.c -----------------------------------------------------------------
 */

/* The system inside has switched the machine off, or restarts it: machine->shutdown says which. */
void sg_machine_shut_down (SgMachine *machine);

/* The machine was reset by the system inside. */
void sg_machine_reset_inside (SgMachine *machine);

/* The agent was greeted. */
void sg_machine_restart_answered (SgMachine *machine);

/* The relay, or the agent's connection, is over.  TRUE where that belongs to a restart. */
gboolean sg_machine_restart_goes_on (SgMachine *machine);
void sg_machine_restart_clear (SgMachine *machine);
