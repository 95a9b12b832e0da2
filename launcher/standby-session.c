/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was true when the machine was woken need not be when it is taken: the base, QEMU and all
 * else that a template is bound to are looked at again, by making the plan again and comparing
 * keys. */
#include "launcher/standby-session.h"

#include "launcher/clone-choose.h"
#include "launcher/session-host.h"
#include "launcher/session-network-calls.h"
#include "launcher/session.h"
#include "launcher/session-window.h"
#include "launcher/standby-door.h"

#include <unistd.h>

#define LOOK_SEC 30
#define STAY_MOST_SEC (24 * 60 * 60)

struct SgStandby
{
  SgSession *session;
  SgStandbyDoor *door;
  char *window;  /* the word of the window that waits with it; NULL: none does */
  char *granted; /* while it waits, as JSON */
  guint end, look, go;
  gboolean prepared;  /* its network, or that is under way: */
  gboolean preparing; /* the machine runs for that */
  gboolean taken;     /* meanwhile */
};

static gboolean
time_is_up (gpointer data)
{
  SgStandby *standby = data;

  standby->end = 0;
  sg_session_end (standby->session, NULL);
  return G_SOURCE_REMOVE;
}

/* Is the base that we were made from the current one? */
static gboolean
is_current (const SgSession *session)
{
  g_autoptr (SgBase) now = sg_base_open (NULL, NULL);

  return now != NULL && g_str_equal (sg_base_digest (now), sg_base_digest (session->base));
}

/* The runtime directory goes when the person logs out; what is as the computer was before will be
 * nobody's; and what is only kept for a person's comfort goes when the computer has better use for
 * its memory or its battery. */
static gboolean
look (gpointer data)
{
  SgStandby *standby = data;
  SgSession *session = standby->session;

  if (access (sg_home_path (session->home), F_OK) == 0 && sg_standby_why_not () == NULL
      && is_current (session))
    return G_SOURCE_CONTINUE;
  standby->look = 0;
  sg_session_end (standby->session, NULL);
  return G_SOURCE_REMOVE;
}

/* The door cannot be closed by who came through it. */
static gboolean
go (gpointer data)
{
  SgStandby *standby = data;
  SgSession *session = standby->session;

  standby->go = 0;
  session->standby = NULL;
  sg_standby_free (standby);
  if (session->state == SG_STATE_BOOTING)
    sg_machine_go (session->machine, session->plan, sg_enforce_may_rescue (session->enforce));
  return G_SOURCE_REMOVE;
}

/* --- its network, for who opens it with its window ----------------------------------------------
 */

static void
go_soon (SgStandby *standby)
{
  if (standby->preparing)
    standby->taken = TRUE;
  else
    standby->go = g_idle_add_full (G_PRIORITY_HIGH, go, standby, NULL);
}

static void
stands_again (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (session->standby == NULL || session->state != SG_STATE_BOOTING)
    return;
  session->standby->preparing = FALSE;
  if (answer == NULL)
    sg_session_end_by_error (session, error);
  else if (session->standby->taken)
    go_soon (session->standby);
}

static void
network_prepared (SgSession *session)
{
  SgStandby *standby = session->standby;
  GCancellable *cancellable;
  SgQmp *qmp = sg_machine_monitor (session->machine, &cancellable);

  if (standby->taken)
    {
      standby->preparing = FALSE;
      go_soon (standby); /* as it runs already, it goes on */
    }
  else
    sg_qmp_call_async (qmp, "stop", NULL, -1, cancellable, stands_again, session);
}

static void
runs_for_network (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSession *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = sg_qmp_call_finish (SG_QMP (source), result, &error);

  if (session->standby == NULL || session->state != SG_STATE_BOOTING)
    return;
  if (answer != NULL)
    sg_network_calls_prepare (session, network_prepared);
  else
    sg_session_end_by_error (session, error);
}

/* A card that is plugged in takes the system inside half a second to use; whoever opens a sandbox
 * in its window mostly has a network.  Commands mostly have none, and the card would have to go
 * again: so only a machine that a window waits with. */
static void
prepare_network (SgStandby *standby)
{
  SgSession *session = standby->session;
  GCancellable *cancellable;
  SgQmp *qmp = sg_machine_monitor (session->machine, &cancellable);

  if (standby->prepared || session->plan->network == SG_NETWORK_NONE)
    return;
  standby->prepared = standby->preparing = TRUE;
  sg_qmp_call_async (qmp, "cont", NULL, -1, cancellable, runs_for_network, session);
}

/* --- requests -----------------------------------------------------------------------------------
 */

/* The plan for REQUEST, if our machine can be its machine; else NULL. */
static SgPlan *
plan_for (SgSession *session, const SgPlanRequest *request)
{
  SgAccelOptions options = { .kernel = sg_base_kernel (session->base) };
  g_autoptr (SgAccel) accel = sg_accel_peek (&options);
  g_autoptr (SgPlan) plan = accel != NULL && is_current (session)
                                ? sg_session_plan (request, session->base, accel, NULL)
                                : NULL;
  g_autofree char *ours = NULL, *theirs = NULL, *notice = NULL;
  g_autoptr (SgTemplate) template = NULL;
  const char *why;

  if (plan == NULL)
    return NULL;
  ours = sg_plan_template_key (session->plan, &why);
  theirs = sg_plan_template_key (plan, &why);
  if (ours == NULL || theirs == NULL || !g_str_equal (ours, theirs))
    return NULL;
  sg_choose_clone (plan, request, &template, &notice); /* it must stand still, and be whole */
  return template != NULL ? g_steal_pointer (&plan) : NULL;
}

/* Its window looks at a machine that nobody has used; what it may ask: session-window.c. */
static SgStandbyAnswer
join (SgStandby *standby, const char *word, int fd)
{
  g_autoptr (GError) error = NULL;

  g_free (standby->window);
  standby->window = g_strdup (word);
  if (!sg_session_take_window (standby->session, fd, &error))
    g_message ("no window waits: %s", error->message);
  else
    prepare_network (standby);
  return SG_STANDBY_JOINED;
}

/* FALSE: whoever else looked at the machine while it waited does not any more. */
static gboolean
keeps_window (SgStandby *standby, const char *word)
{
  SgSession *session = standby->session;

  if (word != NULL && g_strcmp0 (word, standby->window) == 0
      && g_strcmp0 (standby->granted, sg_session1_get_grants (session->object)) == 0
      && sg_session_window_goes_on (session))
    return TRUE;
  if (session->bus != NULL)
    sg_bus_drop_all (session->bus);
  return FALSE;
}

/* One that waits for what nobody opens any more goes; one for nobody in particular may be another
 * client's. */
static SgStandbyAnswer
stays (SgStandby *standby, guint seconds, gboolean fits)
{
  if (!fits && standby->session->mark != NULL)
    sg_session_end (standby->session, NULL);
  if (!fits || standby->session->state != SG_STATE_BOOTING)
    return SG_STANDBY_NO;
  g_source_remove (standby->end);
  standby->end = g_timeout_add_seconds (seconds, time_is_up, standby);
  return SG_STANDBY_KEPT;
}

/* What a request says (standby.h). */
typedef struct
{
  char *network, *program, *purpose, *config, *join, *window, *mark; /* owned; NULL: not said */
  char **allow, **writable;                                          /* owned; likewise */
  guint32 memory, cpus, stay_sec;
  gboolean end, look, without, stays, alone;
} Asked;

static void
asked_clear (Asked *asked)
{
  g_free (asked->network);
  g_free (asked->program);
  g_free (asked->purpose);
  g_free (asked->config);
  g_free (asked->join);
  g_free (asked->window);
  g_free (asked->mark);
  g_strfreev (asked->allow);
  g_strfreev (asked->writable);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

static void
read_request (GVariant *request, Asked *asked)
{
  g_variant_lookup (request, "end", "b", &asked->end);
  g_variant_lookup (request, "alone", "b", &asked->alone);
  asked->stays = g_variant_lookup (request, "stay", "u", &asked->stay_sec);
  g_variant_lookup (request, "memory", "u", &asked->memory);
  g_variant_lookup (request, "cpus", "u", &asked->cpus);
  g_variant_lookup (request, "network", "s", &asked->network);
  g_variant_lookup (request, "allow", "^as", &asked->allow);
  g_variant_lookup (request, "look", "b", &asked->look);
  g_variant_lookup (request, "program", "s", &asked->program);
  g_variant_lookup (request, "purpose", "s", &asked->purpose);
  g_variant_lookup (request, "config", "s", &asked->config);
  g_variant_lookup (request, "without", "b", &asked->without);
  g_variant_lookup (request, "writable", "^aay", &asked->writable);
  g_variant_lookup (request, "join", "s", &asked->join);
  g_variant_lookup (request, "window", "s", &asked->window);
  g_variant_lookup (request, "for", "s", &asked->mark);
}

/* It goes on as the machine of that plan. */
static SgStandbyAnswer
hand_over (SgStandby *standby, const SgPlanRequest *request, SgPlan *plan, gboolean keeps, int fd)
{
  SgSession *session = standby->session;
  g_autoptr (GError) error = NULL;

  if (!sg_session_take_owner (session, fd, &error)
      || !sg_bus_listen (session->bus, session->home, &error)
      || !sg_enforce_may_start (session->enforce, &error))
    {
      sg_plan_free (plan);
      sg_session_end (session, error->message);
      return SG_STANDBY_TAKEN; /* the descriptor was */
    }
  session->standby_sec = 0; /* one like any other: another machine in its place does not wait */
  session->plan_before = session->plan;
  session->plan = plan;
  session->request = *request;
  sg_session1_set_started_at (session->object, g_get_real_time ());
  sg_session_tell_plan (session);
  go_soon (standby);
  return keeps ? SG_STANDBY_TAKEN_WITH_WINDOW : SG_STANDBY_TAKEN;
}

static SgStandbyAnswer
take (SgStandby *standby, Asked *asked, int fd)
{
  SgSession *session = standby->session;
  SgPlanRequest request = { .memory_mb = (int)asked->memory, .cpus = (int)asked->cpus };
  const SgAsk ask = { .memory_mb = request.memory_mb,
                      .cpus = request.cpus,
                      .network = asked->network,
                      .purpose = asked->purpose,
                      .config = asked->config,
                      .writable = asked->writable,
                      .without_asks = asked->without,
                      .allow = asked->allow };
  g_autoptr (SgPlan) plan = NULL;

  session->ask.look = asked->look;
  g_free (session->ask.program);
  request.title = session->ask.program = g_steal_pointer (&asked->program);
  if (!sg_enforce_again (session->enforce, &ask))
    {
      sg_session_end (session, NULL); /* by other rules than those of now */
      return SG_STANDBY_NO;
    }
  request.grants = session->request.grants = sg_enforce_granted (session->enforce)->grants;
  plan = plan_for (session, &request);
  if (plan == NULL)
    {
      /* A wish that we cannot fulfil is no reason to go, a world that has changed is. */
      if (request.memory_mb == 0 && request.cpus == 0 && asked->config == NULL)
        sg_session_end (session, NULL);
      return SG_STANDBY_NO;
    }
  return hand_over (standby, &request, g_steal_pointer (&plan),
                    keeps_window (standby, asked->window), fd);
}

static SgStandbyAnswer
on_request (GVariant *request, int fd, gpointer data)
{
  SgStandby *standby = data;
  SgSession *session = standby->session;
  g_auto (Asked) asked = { 0 };
  gboolean fits;

  read_request (request, &asked);
  fits = g_str_equal (asked.mark != NULL ? asked.mark : "",
                      session->mark != NULL ? session->mark : "");
  if (asked.end)
    sg_session_end (session, NULL);
  else if (asked.stays && asked.stay_sec <= STAY_MOST_SEC)
    return stays (standby, asked.stay_sec, fits);
  if (asked.end || !fits || fd < 0 || asked.memory > G_MAXINT || asked.cpus > G_MAXINT
      || session->state != SG_STATE_BOOTING || (asked.alone && standby->window != NULL))
    return SG_STANDBY_NO;
  return asked.join != NULL ? join (standby, asked.join, fd) : take (standby, &asked, fd);
}

SgStandby *
sg_standby_new (SgSession *session, guint seconds, GError **error)
{
  SgStandby *standby = g_new0 (SgStandby, 1);

  standby->session = session;
  standby->door = sg_standby_door_open (session->home, on_request, standby, error);
  if (standby->door == NULL)
    {
      g_free (standby);
      return NULL;
    }
  standby->granted = g_strdup (sg_session1_get_grants (session->object));
  standby->end = g_timeout_add_seconds (seconds, time_is_up, standby);
  standby->look = g_timeout_add_seconds (LOOK_SEC, look, standby);
  return standby;
}

void
sg_standby_free (SgStandby *standby)
{
  if (standby == NULL)
    return;
  g_clear_handle_id (&standby->end, g_source_remove);
  g_clear_handle_id (&standby->look, g_source_remove);
  g_clear_handle_id (&standby->go, g_source_remove);
  sg_standby_door_close (standby->door);
  g_free (standby->window);
  g_free (standby->granted);
  g_free (standby);
}
