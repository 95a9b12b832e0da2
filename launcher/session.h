/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's state, shared by session.c (life and death) and session-calls.c (what clients
 * ask).
 *
 * PREPARING (base, accelerator) -> BOOTING (processes run) -> RUNNING (commands can run)
 * [-> STOPPED, where its files can still be saved: session-rescue.h] -> ENDING -> GONE.  GONE: every process is reaped and the directory is removed, or it is known
 * what could not be; only the answer to "why" is still served, until the owner leaves. */
#pragma once

#include "baseimage/base.h"
#include "launcher/enforce-session.h"
#include "launcher/plan.h"
#include "launcher/session-bus.h"
#include "launcher/session-guardian.h"
#include "launcher/session-home.h"
#include "launcher/session-machine.h"
#include "launcher/session-network.h"
#include "launcher/share.h"
#include "launcher/standby-session.h"

typedef enum
{
  SG_STATE_PREPARING,
  SG_STATE_BOOTING,
  SG_STATE_RUNNING,
  SG_STATE_STOPPED,
  SG_STATE_ENDING,
  SG_STATE_GONE
} SgState;

typedef struct SgAgain SgAgain;
typedef struct SgRescue SgRescue;

typedef struct SgSession
{
  SgState state;
  GMainLoop *loop;
  GCancellable *cancellable; /* of what is prepared */
  SgPlanRequest request;
  SgAsk ask;
  SgPolicy *policy;   /* as it was before our namespace; `enforce` takes it */
  SgEnforce *enforce; /* NULL: one that becomes a template is granted nothing */
  int walls;          /* errno of a refused namespace of our own, 0: it is there */
  SgBase *base;
  SgPlan *plan;
  SgPlan *plan_before; /* owned: of one that waited, which its network's gate knows; or NULL */
  SgHome *home;
  SgGuardian *guardian;
  SgTemplate *template;   /* that the machine is woken from */
  SgTemplateDraft *draft; /* that it becomes */
  gboolean saved;         /* the draft can be published, once QEMU is gone */
  gboolean timings;
  char *new_base;     /* owned; with request.prepare: the base's digest; NULL: the current one */
  guint standby_sec;  /* not 0: woken ahead, waits so long for an owner; 0 once it has one */
  SgStandby *standby; /* while it waits */
  char *mark;         /* owned: for whom (standby.h); NULL: for nobody in particular */
  SgMachine *machine;
  SgShares *shares;                    /* NULL where there is no namespace of our own */
  SgUplink *uplink;                    /* NULL at the very beginning and at the end */
  gboolean network_opens, ready_waits; /* it is being opened; meanwhile the desktop came */
  struct SgUsbs *usbs;                 /* usb-calls.c; NULL: no device was handed over yet */
  gint64 blocked_told;                 /* when a person was last told of what was stopped */
  SgBus *bus;
  SgSession1 *object;
  gboolean probing; /* the accelerator; its machine is GLib's child, see sg_session_end() */
  gboolean owner_gone;
  gboolean detached; /* goes on without its owner */
  gboolean desktop_ready;
  guint pause_source;                  /* session-pause.c: not 0: it stands still, until then */
  GDBusConnection *paused_by;          /* not owned: only compared */
  SgAgain *again;    /* session-again.c; NULL: it never did */
  SgRescue *rescue;  /* session-rescue.c; NULL: it has not stopped */
  gboolean crashed;  /* its machine did, at the first boot, and was started once more */
  gboolean worth;    /* a person may have something in this machine: it is never replaced by itself */
  GPtrArray *untold; /* kinds and messages of notices from before anybody listened; or NULL */
  char *leftover;    /* what of the session is not gone; NULL: nothing; owned */

  /* session-calls.c */
  GQueue waiting_usable;                              /* calls that wait for the guest; see there */
  GQueue waiting_ready, waiting_detach, waiting_gone; /* GDBusMethodInvocation, owned */
  GHashTable *commands; /* handle -> GDBusConnection of its client, owned */
} SgSession;

/* session-start.c: a GSourceFunc with the session; and how its machine starts (FALSE without an error
 * when there is nothing to do). */
gboolean sg_session_begin (gpointer session);
gboolean sg_session_choose_start (SgSession *session, GError **error);

/* session-follow.c: by its plan; and a notice, kept until somebody listens. */
gboolean sg_session_start_machine (SgSession *session, GError **error);
/* Nobody's program has run: another machine takes its place, which boots, and that is said. */
void sg_session_boot_instead (SgSession *session, const char *why);
void sg_session_notice (SgSession *session, const char *kind, const char *message);

/* Ends it, once.  FAILURE: why, in words; NULL: because it was wanted. */
void sg_session_end (SgSession *session, const char *failure);

void sg_session_set_state (SgSession *session, SgState state);

/* Commands can run: says so, and runs those that wait. */
void sg_session_run_commands (SgSession *session);

/* Another machine by the same request, when nothing of the one before is left. */
gboolean sg_session_begin_again (SgSession *session, GError **error);

/* The same by ERROR; nothing where that says that it was cancelled. */
void sg_session_end_by_error (SgSession *session, const GError *error);

/* For one that ends while GLib has still to bury a child. */
void sg_session_finish_later (SgSession *session, guint msec);

/* Title, accelerator and the like become properties. */
void sg_session_tell_plan (SgSession *session);

/* From now on OWNER_FD (taken) is the owner's. */
gboolean sg_session_take_owner (SgSession *session, int owner_fd, GError **error);

/* For a machine that waits: FD (taken) is its window's, and nobody else's is any more. */
gboolean sg_session_take_window (SgSession *session, int fd, GError **error);

/* Connects the object's methods. */
void sg_session_calls_connect (SgSession *session);

/* The guest can run commands: those that wait are run. */
void sg_session_calls_usable (SgSession *session);
void sg_session_calls_ready (SgSession *session);

/* The machine begins again: all commands have ended, and whoever waits for the desktop waits on. */
void sg_session_calls_restarts (SgSession *session);

/* The machine has stopped, by WHY: all commands have ended, and nobody waits for it any more. */
void sg_session_calls_stopped (SgSession *session, const char *why);

/* It is over: whoever waits for the guest is told WHY. */
void sg_session_calls_fail (SgSession *session, const char *why);

/* It is gone: whoever asked for that is answered. */
void sg_session_calls_gone (SgSession *session);

/* A client has left: its commands are dropped. */
void sg_session_calls_client_gone (SgSession *session, GDBusConnection *connection);

/* A command has ended. */
void sg_session_calls_exited (SgSession *session, guint handle, gboolean signalled, int code,
                              const char *message);
