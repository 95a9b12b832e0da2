/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/ready.h"

#include "ui/command.h"
#include "ui/link.h"
#include "ui/look.h"

#include <glib/gi18n.h>
#include <string.h>

/* Seconds: after the foreground is done; between two looks; until those started are there. */
#define CALM_SEC 3
#define LOOK_SEC 60
#define WAKE_SEC 15
/* The processors are short of time when more than this share of it was waited for (PSI); it is not
 * waited for calm for ever. */
#define BUSY_PERCENT 40
#define BUSY_SEC 5
#define BUSY_MOST 6
#define FAILURES_MOST 5

struct _SgReady
{
  GObject parent;
  SgPreferences *preferences; /* owned */
  SgSpare *spare;             /* owned */
  GHashTable *opening;        /* SgSandbox (not owned, watched) that are on their way */
  SgCommand *command;         /* owned; NULL: none runs */
  guint timer;
  guint busy;     /* looks in a row at which the processors were short of time */
  guint failures; /* refills in a row that did not end with a ready sandbox */
  guint skipped;  /* looks since the last refill */
  guint asked;    /* what the preference said last */
  guint waiting;  /* what is known */
  guint64 memory; /* bytes */
  char *why_not;  /* owned; NULL: nothing is in the way */
  gboolean known, awaited, template_wanted;
  gboolean unwanted; /* those that wait are to end */
};

G_DEFINE_TYPE (SgReady, sg_ready, G_TYPE_OBJECT)

static void look_in (SgReady *self, guint seconds);

/* --- what is known ------------------------------------------------------------------------------
 */

static guint
wanted (SgReady *self)
{
  return sg_preferences_ready (self->preferences);
}

static void
learn (SgReady *self, JsonNode *answer)
{
  JsonObject *facts
      = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;

  g_clear_pointer (&self->why_not, g_free);
  self->known = facts != NULL;
  if (facts == NULL)
    return;
  self->waiting
      = (guint)CLAMP (json_object_get_int_member_with_default (facts, "waiting", 0), 0, 64);
  self->memory
      = (guint64)MAX (json_object_get_int_member_with_default (facts, "memory-bytes", 0), 0);
  self->why_not
      = g_strdup (json_object_get_string_member_with_default (facts, "why-not", NULL));
}

char *
sg_ready_describe (SgReady *ready)
{
  g_autofree char *size = g_format_size (ready->memory + sg_spare_memory (ready->spare));

  if (!ready->known)
    return g_strdup ("");
  if (ready->waiting == 0 && ready->why_not != NULL)
    return g_strdup_printf (_ ("None is ready: %s."), ready->why_not);
  if (ready->waiting == 0)
    return g_strdup (_ ("None is ready now."));
  return g_strdup_printf (ngettext ("%u is ready: %s of memory.", "%u are ready: %s of memory.",
                                    ready->waiting),
                          ready->waiting, size);
}

/* --- is it time? --------------------------------------------------------------------------------
 */

/* Where the kernel does not tell, it is. */
static gboolean
is_calm (void)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/pressure/cpu", &text, NULL, NULL)
      || (at = strstr (text, "avg10=")) == NULL)
    return TRUE;
  return g_ascii_strtod (at + strlen ("avg10="), NULL) < BUSY_PERCENT;
}

static gboolean
may_work (SgReady *self)
{
  if (g_hash_table_size (self->opening) > 0 || self->command != NULL)
    return FALSE;
  if (is_calm () || self->busy >= BUSY_MOST)
    {
      self->busy = 0;
      return TRUE;
    }
  self->busy++;
  return FALSE;
}

/* --- the work -----------------------------------------------------------------------------------
 */

static void
count_failures (SgReady *self, guint want)
{
  if (self->waiting >= want)
    self->failures = 0;
  else if (self->awaited && self->failures < FAILURES_MOST)
    self->failures++;
  self->awaited = FALSE;
}

static void
standby_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgReady) self = data;
  guint want = wanted (self);
  g_autofree char *profile = NULL;

  g_clear_object (&self->command);
  if (problem != NULL)
    g_message ("no ready sandbox: %s", problem->message);
  learn (self, answer);
  count_failures (self, want);
  self->awaited = self->known && self->waiting < want && self->why_not == NULL;
  profile = sg_look_usual_changed ();
  sg_spare_keep (self->spare, want > 0 && self->waiting > 0 && self->why_not == NULL, profile);
  look_in (self, self->awaited ? WAKE_SEC : LOOK_SEC);
  g_signal_emit_by_name (self, "changed");
}

static void
template_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgReady) self = data;

  g_clear_object (&self->command);
  look_in (self, LOOK_SEC);
}

static void
run (SgReady *self, const char *const *arguments, GCallback ended)
{
  self->command = sg_command_start (arguments, FALSE);
  g_signal_connect (self->command, "ended", ended, g_object_ref (self));
}

/* After failures only every second, fourth, … look asks for one.  Those that somebody else keeps
 * are left alone. */
static void
keep_ready (SgReady *self)
{
  g_autofree char *number = g_strdup_printf ("%u", wanted (self));
  g_autofree char *profile = sg_look_usual_changed ();
  const char *const fill[]
      = { "standby", number, "--json", profile != NULL ? "--profile" : NULL, profile, NULL };
  const char *const only_look[] = { "standby", "--json", NULL };
  gboolean rest = self->failures > 0 && ++self->skipped < 1u << self->failures;

  if (!rest)
    self->skipped = 0;
  run (self, self->unwanted || (!rest && wanted (self) > 0) ? fill : only_look,
       G_CALLBACK (standby_ended));
  self->unwanted = FALSE;
}

static gboolean
look (gpointer data)
{
  static const char *const template[] = { "base", "build", "--behind", "--json", NULL };
  SgReady *self = data;

  self->timer = 0;
  if (!may_work (self))
    look_in (self, BUSY_SEC);
  else if (self->template_wanted)
    {
      self->template_wanted = FALSE;
      run (self, template, G_CALLBACK (template_ended));
    }
  else if (wanted (self) > 0 || !self->known || self->waiting > 0 || self->unwanted)
    keep_ready (self);
  return G_SOURCE_REMOVE;
}

static void
look_in (SgReady *self, guint seconds)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds_full (G_PRIORITY_LOW, seconds, look, self, NULL);
}

/* --- sandboxes ----------------------------------------------------------------------------------
 */

static void
forget (gpointer data, GObject *where_it_was)
{
  SgReady *self = data;

  g_hash_table_remove (self->opening, where_it_was);
  look_in (self, CALM_SEC);
}

static void
done (SgReady *self, SgSandbox *sandbox)
{
  if (!g_hash_table_remove (self->opening, sandbox))
    return;
  g_object_weak_unref (G_OBJECT (sandbox), forget, self);
  look_in (self, CALM_SEC);
}

static void
on_sandbox (SgSandbox *sandbox, gpointer data)
{
  SgLink *link = sg_sandbox_link (sandbox);

  if (sg_link_is_over (link)
      || (g_str_equal (sg_link_state (link), "running") && *sg_link_stage (link) == '\0'))
    done (data, sandbox);
}

static void
on_over (SgSandbox *sandbox, gpointer data)
{
  done (data, sandbox);
}

static void
on_notice (SgLink *link, const char *kind, const char *message, gpointer data)
{
  SgReady *self = data;

  if (g_str_equal (kind, "cold") || g_str_equal (kind, "no-template")
      || g_str_equal (kind, "template-damaged"))
    self->template_wanted = TRUE;
}

SgSpare *
sg_ready_spare (SgReady *ready)
{
  return ready->spare;
}

void
sg_ready_watch (SgReady *ready, SgSandbox *sandbox)
{
  g_hash_table_add (ready->opening, sandbox);
  g_object_weak_ref (G_OBJECT (sandbox), forget, ready);
  g_signal_connect_object (sandbox, "changed", G_CALLBACK (on_sandbox), ready, 0);
  g_signal_connect_object (sandbox, "over", G_CALLBACK (on_over), ready, 0);
  g_signal_connect_object (sg_sandbox_link (sandbox), "notice", G_CALLBACK (on_notice), ready, 0);
}

/* --- the object ---------------------------------------------------------------------------------
 */

static void
on_preferences (SgPreferences *preferences, gpointer data)
{
  SgReady *self = data;

  self->unwanted = self->asked > 0 && wanted (self) == 0;
  self->asked = wanted (self);
  look_in (self, 1);
}

SgReady *
sg_ready_new (SgPreferences *preferences)
{
  SgReady *self = g_object_new (SG_TYPE_READY, NULL);

  self->preferences = g_object_ref (preferences);
  self->spare = sg_spare_new (preferences);
  g_signal_connect_object (preferences, "changed", G_CALLBACK (on_preferences), self, 0);
  self->asked = wanted (self);
  look_in (self, CALM_SEC);
  return self;
}

static void
sg_ready_dispose (GObject *object)
{
  SgReady *self = SG_READY (object);
  GHashTableIter iter;
  gpointer sandbox;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->opening != NULL)
    {
      g_hash_table_iter_init (&iter, self->opening);
      while (g_hash_table_iter_next (&iter, &sandbox, NULL))
        g_object_weak_unref (sandbox, forget, self);
    }
  g_clear_pointer (&self->opening, g_hash_table_unref);
  g_clear_object (&self->command);
  if (self->spare != NULL)
    sg_spare_keep (self->spare, FALSE, NULL);
  g_clear_object (&self->spare);
  g_clear_object (&self->preferences);
  g_clear_pointer (&self->why_not, g_free);
  G_OBJECT_CLASS (sg_ready_parent_class)->dispose (object);
}

static void
sg_ready_class_init (SgReadyClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_ready_dispose;
  g_signal_new ("changed", SG_TYPE_READY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sg_ready_init (SgReady *self)
{
  self->opening = g_hash_table_new (NULL, NULL);
}
