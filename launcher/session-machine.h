/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of one session, from the first one started to the first one that ends.
 *
 * Order: nbdkit, the relay and QEMU (stopped) are started at once, the scratch disk is made
 * meanwhile; over the monitor the disk is put in place and the machine let go; then the agent is
 * greeted.  The first thing that goes wrong ends it, and is told in words once; nothing is told
 * after that.
 *
 * A machine that may restart (sg_machine_may_restart()) boots again from its own disk when the
 * system inside restarts; when that switches off, it ends.
 *
 * A clone's machine is woken instead of booted (clone.h); one that becomes a template has the
 * template's disk instead of a nameless one, and is saved once it is ready.
 *
 * Killing and waiting is the session's (spawn.h: sg_reap_all()). */
#pragma once

#include "launcher/agent.h"
#include "launcher/overlay.h"
#include "launcher/plan.h"
#include "launcher/qmp.h"
#include "launcher/template.h"

typedef struct SgMachine SgMachine;

typedef struct
{
  /* What it is doing now, in everyday words; "" when nothing is waited for. */
  void (*stage) (const char *stage, gpointer data);
  /* Commands can run. */
  void (*usable) (gpointer data);
  /* The system inside restarts: no command runs any more, and none can until `usable` is called
   * again. */
  void (*restarts) (gpointer data);
  /* DESKTOP: whether there is one.  After `usable`. */
  void (*ready) (gboolean desktop, gpointer data);
  void (*exited) (guint handle, gboolean signalled, int code, const char *message, gpointer data);
  void (*notice) (const char *kind, const char *message, gpointer data);
  /* SgMachineSource.hold: it is woken, its own, warm, and paused until sg_machine_go(). */
  void (*held) (gpointer data);
  /* The template's files are written; QEMU must be ended before they are published. */
  void (*saved) (gpointer data);
  /* Whether its disk would be kept, should it stop unexpectedly now. */
  gboolean (*keeps) (gpointer data);
  /* It is over, last; WHY in words. */
  void (*ended) (const char *why, gpointer data);
} SgMachineFuncs;

/* What the plan's start needs: a template for SG_START_CLONE, a draft for SG_START_PREPARE. */
typedef struct
{
  SgTemplate *template;
  SgTemplateDraft *draft;
  gboolean timings;    /* tell on standard error what takes how long */
  gboolean hold;       /* SG_START_CLONE only */
  gboolean keep_disk;  /* for sg_machine_take_disk(): the disk's key is not forgotten */
  SgOverlay *disk;     /* SG_START_COLD only: the disk of a machine that is gone, or NULL; taken on
                        * success */
  SgTemplate *disk_of; /* that the gone machine was woken from; or NULL */
} SgMachineSource;

/* Starts it.  PLAN, SOURCE's objects and FUNCS stay the caller's and must outlive it; ID is the
 * session's. */
SgMachine *sg_machine_start (const SgPlan *plan, const SgMachineSource *source, const char *id,
                             const SgMachineFuncs *funcs, gpointer data, GError **error);

/* Lets a held machine go, by another plan for the same template (which must outlive it); KEEP_DISK:
 * of SgMachineSource, which has to have said so, too. */
void sg_machine_go (SgMachine *machine, const SgPlan *plan, gboolean keep_disk);

/* From now on until it restarts, a restart inside boots again from the same disk; else it ends the
 * machine. */
void sg_machine_may_restart (SgMachine *machine);

/* SIGKILL to all processes; nothing is told any more. */
void sg_machine_kill (SgMachine *machine);
void sg_machine_free (SgMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgMachine, sg_machine_free)

SgAgent *sg_machine_agent (SgMachine *machine);
pid_t sg_machine_process (SgMachine *machine); /* around QEMU */

/* The monitor, and what cancels calls to it at the machine's end; both the machine's. */
SgQmp *sg_machine_monitor (SgMachine *machine, GCancellable **ret_cancellable);

/* It stopped unexpectedly, and its disk is kept. */
gboolean sg_machine_is_kept (const SgMachine *machine);

/* QEMU ended by a signal, at the first boot, before commands could run: not by anything that the
 * system inside wanted. */
gboolean sg_machine_has_crashed (const SgMachine *machine);

/* Takes the disk of a machine that is over (SgMachineSource.keep_disk): for another one, once none
 * of its processes is left.  NULL where it got none. */
SgOverlay *sg_machine_take_disk (SgMachine *machine);

/* A fresh end of a connection to the display; -1 on error.  Waits until the machine is there. */
void
sg_machine_open_display_async (SgMachine *machine, GAsyncReadyCallback callback, gpointer data);
int sg_machine_open_display_finish (GAsyncResult *result, GError **error);
