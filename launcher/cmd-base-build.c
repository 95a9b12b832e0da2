/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass base build`: the work runs in a thread of its own; the main thread waits for its end
 * or for Ctrl-C, which cancels it (nothing half made stays).
 *
 * Where sandboxes are woken from a template of an older base, they go on being so until the new
 * base has one, too: it is built aside, and becomes the current one after. */
#include "baseimage/base-info.h"
#include "baseimage/base.h"
#include "common/json-members.h"
#include "common/report.h"
#include "launcher/base-behind.h"
#include "launcher/cmd-base.h"
#include "launcher/template-build.h"
#include "launcher/template-files.h"

#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 24
#define STAGE_WIDTH 34
#define STEPS 128 /* exact in binary, so they are printed short */

typedef struct
{
  SgBaseOptions options;
  gboolean json;
  GCancellable *cancellable; /* owned */
  GMainLoop *loop;           /* owned */
  char *last_stage;          /* owned; what was said last, and how much of it in 128ths */
  int last_step;
  gboolean bar_shown;
  gboolean prepare; /* a template as well */
  char *aside;      /* owned; the digest of a base that is not the current one yet, or NULL */
  gboolean ok;
  GError *unprepared; /* owned; why there is no template */
  GError *error;      /* owned */
} Build;

static void
build_clear (Build *build)
{
  g_clear_object (&build->cancellable);
  g_clear_pointer (&build->loop, g_main_loop_unref);
  g_clear_error (&build->error);
  g_clear_error (&build->unprepared);
  g_free (build->last_stage);
  g_free (build->aside);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Build, build_clear)

static void
progress_json (const char *stage, int step)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "stage");
  json_builder_add_string_value (builder, stage);
  json_builder_set_member_name (builder, "fraction");
  if (step >= 0)
    json_builder_add_double_value (builder, (double)step / STEPS);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  sg_json_print (builder, FALSE);
}

static void
progress_bar (Build *build, const char *stage, double fraction)
{
  int full = fraction >= 0 ? (int)(MIN (fraction, 1) * BAR_WIDTH) : 0;
  char bar[BAR_WIDTH + 1];

  for (int i = 0; i < BAR_WIDTH; i++)
    bar[i] = i < full ? '#' : '.';
  bar[BAR_WIDTH] = '\0';
  printf ("\r\033[K%-*.*s [%s]", STAGE_WIDTH, STAGE_WIDTH, stage, bar);
  if (fraction >= 0)
    printf (" %3d %%", (int)(MIN (fraction, 1) * 100));
  fflush (stdout);
  build->bar_shown = TRUE;
}

static void
on_progress (const char *stage, double fraction, gpointer data)
{
  Build *build = data;
  int step = fraction >= 0 ? (int)(MIN (fraction, 1) * STEPS) : -1;

  if (build->last_stage != NULL && g_str_equal (build->last_stage, stage)
      && build->last_step == step)
    return;
  g_free (build->last_stage);
  build->last_stage = g_strdup (stage);
  build->last_step = step;
  if (build->json)
    progress_json (stage, step);
  else
    progress_bar (build, stage, fraction);
}

static gboolean
on_signal (gpointer data)
{
  g_cancellable_cancel (((Build *)data)->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_built (gpointer data)
{
  g_main_loop_quit (((Build *)data)->loop);
  return G_SOURCE_REMOVE;
}

static void
on_template_stage (const char *stage, gpointer data)
{
  g_autofree char *words = g_strdup_printf ("For quick starts: %s", stage);

  on_progress (words, -1, data);
}

/* Without a template sandboxes open all the same: no failure of the build. */
static gboolean
make_template (Build *build, GError **error)
{
  if (sg_template_build (build->aside, on_template_stage, build, build->cancellable,
                         &build->unprepared)
      || !g_error_matches (build->unprepared, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&build->unprepared));
  return FALSE;
}

static void
prepare (Build *build)
{
  const char *cache = build->options.cache;
  g_autoptr (SgBase) held = NULL; /* so that no other build removes it */

  if (build->aside == NULL)
    {
      build->ok = make_template (build, &build->error);
      return;
    }
  held = sg_base_open_digest (cache, build->aside, &build->error);
  build->ok = held != NULL && make_template (build, &build->error)
              && sg_base_make_current (cache, build->aside, &build->error);
  g_clear_pointer (&held, sg_base_free);
  if (!build->ok)
    sg_base_make_current (cache, NULL, NULL);
}

static gpointer
work (gpointer data)
{
  Build *build = data;

  if (build->prepare && sg_template_any (NULL))
    build->options.aside = &build->aside;
  build->ok
      = sg_base_build (&build->options, on_progress, build, build->cancellable, &build->error);
  if (build->ok && build->prepare)
    prepare (build);
  g_idle_add (on_built, build);
  return NULL;
}

static void
run (Build *build)
{
  const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  GThread *thread;

  build->cancellable = g_cancellable_new ();
  build->loop = g_main_loop_new (NULL, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_unix_signal_add (signals[i], on_signal, build);
  thread = g_thread_new ("base-build", work, build);
  g_main_loop_run (build->loop);
  g_thread_join (thread);
  if (build->bar_shown)
    fputs ("\r\033[K", stdout);
}

static void
report_done_json (const SgBaseInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "done");
  json_builder_add_boolean_value (builder, TRUE);
  json_builder_set_member_name (builder, "digest");
  json_builder_add_string_value (builder, info->digest);
  json_builder_set_member_name (builder, "kernel-release");
  json_builder_add_string_value (builder, info->kernel_release);
  sg_json_number (builder, "files", info->n_files);
  sg_json_number (builder, "linked-bytes", info->linked_bytes);
  sg_json_number (builder, "disk-bytes", sg_base_info_disk_bytes (info));
  sg_json_number (builder, "left-out", info->n_left_out);
  sg_json_number (builder, "scan-ms", info->scan_ms);
  sg_json_number (builder, "total-ms", info->total_ms);
  json_builder_end_object (builder);
  sg_json_print (builder, FALSE);
}

static void
report_done (const SgBaseInfo *info)
{
  g_autofree char *linked = g_format_size (info->linked_bytes);
  g_autofree char *taken = g_format_size (sg_base_info_disk_bytes (info));

  printf ("The copy of this computer is ready: %" G_GUINT64_FORMAT
          " files, %s of them as they are on this disk; the copy takes %s.\n",
          info->n_files, linked, taken);
  if (info->n_left_out > 0)
    printf ("%" G_GUINT64_FORMAT
            " %s not inside; `sandglass base left-out` lists them with the reason.\n",
            info->n_left_out, info->n_left_out == 1 ? "thing is" : "things are");
}

static void
report_error_json (const GError *problem)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *shown = sg_printable (problem->message);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, shown);
  json_builder_set_member_name (builder, "cancelled");
  json_builder_add_boolean_value (builder,
                                  g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  json_builder_end_object (builder);
  sg_json_print (builder, FALSE);
}

static int
report (const Build *build)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgBase) base = build->ok ? sg_base_open (build->options.cache, &error) : NULL;
  const GError *problem = build->ok ? error : build->error;

  if (base != NULL && build->json)
    report_done_json (sg_base_info (base));
  else if (base != NULL)
    report_done (sg_base_info (base));
  if (base != NULL && build->unprepared != NULL)
    sg_report_text ("no sandbox could be prepared for quick starts, so they will take longer: %s",
                    build->unprepared->message);
  if (base != NULL)
    return SG_EXIT_OK;
  if (build->json)
    report_error_json (problem);
  else if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sg_report_text ("Stopped. Nothing half made was left.");
  else
    sg_report (problem);
  return SG_EXIT_FAILED;
}

/* Who finds that there is something to renew, or has looked a moment ago. */
static int
build_behind (gboolean json)
{
  g_autoptr (GError) error = NULL;
  gboolean busy, ok = sg_template_renew_behind (&error);

  busy = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  if (json)
    puts (ok ? "{\"started\":true}" : "{\"started\":false}");
  else if (ok)
    puts ("It is made in the background.");
  else if (busy)
    printf ("Nothing was started: %s\n", error->message);
  if (!ok && !busy)
    sg_report (error);
  return ok || busy ? SG_EXIT_OK : SG_EXIT_FAILED;
}

int
sg_cmd_base_build (int argc, char **argv)
{
  g_autofree char *root = NULL;
  gboolean json = FALSE, anonymous = FALSE, with_all = FALSE, force = FALSE, no_template = FALSE;
  gboolean behind = FALSE;
  const GOptionEntry entries[]
      = { { "root", 0, 0, G_OPTION_ARG_FILENAME, &root,
            "Copy the system below DIR instead of this one", "DIR" },
          { "force", 0, 0, G_OPTION_ARG_NONE, &force, "Build even when the copy is up to date",
            NULL },
          { "anonymous", 0, 0, G_OPTION_ARG_NONE, &anonymous,
            "Leave out what tells which computer this is (`base explain --identifying`); later "
            "builds do so, too",
            NULL },
          { "no-anonymous", 0, 0, G_OPTION_ARG_NONE, &with_all, "Leave that in again", NULL },
          { "behind", 0, 0, G_OPTION_ARG_NONE, &behind,
            "In the background, when the computer has time", NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print progress as lines of JSON", NULL },
          { "no-template", 0, 0, G_OPTION_ARG_NONE, &no_template,
            "Prepare no sandbox for quick starts", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context, "Makes the copy of this computer that sandboxes start from. File contents are not\n"
               "copied but read from where they are, so it takes seconds. Ctrl-C stops it and\n"
               "leaves nothing half made.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1
      || (anonymous && with_all))
    {
      sg_report_text ("%s", error != NULL           ? error->message
                            : anonymous && with_all ? "choose --anonymous or --no-anonymous"
                                                    : "base build takes no argument");
      return SG_EXIT_USAGE;
    }
  if (behind)
    return build_behind (json);
  g_auto (Build) build = {
    .options = { .root = root,
                 .force = force,
                 .anonymous = anonymous  ? SG_ANONYMOUS_YES
                              : with_all ? SG_ANONYMOUS_NO
                                         : SG_ANONYMOUS_AS_BEFORE },
    .json = json || !isatty (STDOUT_FILENO),
    .prepare = !no_template && root == NULL,
  };
  run (&build);
  return report (&build);
}
