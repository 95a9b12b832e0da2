/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass base status`, `left-out` and `explain`: facts about the copy, nothing is changed. */
#include "baseimage/base-info.h"
#include "baseimage/base.h"
#include "common/json-members.h"
#include "common/report.h"
#include "launcher/base-missing.h"
#include "launcher/cmd-base.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

/* ---- status ---- */

static const char *
state_word (SgBaseState state)
{
  static const char *const words[] = { "missing", "fresh", "stale", "broken" };

  return words[state];
}

/* The programs of this computer that are not inside. */
static void
missing_json (JsonBuilder *builder, const SgBase *base)
{
  g_autoptr (GPtrArray) missing = sg_base_missing (base);

  json_builder_set_member_name (builder, "missing");
  json_builder_begin_array (builder);
  for (guint i = 0; i < missing->len; i++)
    {
      const SgMissing *one = missing->pdata[i];
      json_builder_begin_object (builder);
      sg_json_printable (builder, "name", one->name);
      sg_json_printable (builder, "path", one->path);
      sg_json_printable (builder, "rule", one->rule);
      sg_json_printable (builder, "is", one->what);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
missing_text (const SgBase *base)
{
  g_autoptr (GPtrArray) missing = sg_base_missing (base);

  for (guint i = 0; i < missing->len; i++)
    {
      const SgMissing *one = missing->pdata[i];
      g_autofree char *name = sg_printable (one->name);
      printf ("    %s: %s\n", name, one->what);
    }
}

static void
status_json (SgBaseState state, const char *why, const SgBase *base)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  sg_json_printable (builder, "state", state_word (state));
  sg_json_printable (builder, "why", why);
  if (base != NULL)
    {
      const SgBaseInfo *info = sg_base_info (base);
      sg_json_printable (builder, "digest", info->digest);
      sg_json_printable (builder, "directory", sg_base_dir (base));
      sg_json_printable (builder, "root", info->root);
      sg_json_printable (builder, "kernel", info->kernel);
      sg_json_printable (builder, "kernel-release", info->kernel_release);
      sg_json_number (builder, "image-bytes", info->image_bytes);
      sg_json_number (builder, "built-at", (guint64)info->built_at);
      sg_json_number (builder, "files", info->n_files);
      sg_json_number (builder, "linked-bytes", info->linked_bytes);
      sg_json_number (builder, "disk-bytes", sg_base_info_disk_bytes (info));
      sg_json_number (builder, "left-out", info->n_left_out);
      json_builder_set_member_name (builder, "anonymous");
      json_builder_add_boolean_value (builder, info->anonymous);
      missing_json (builder, base);
    }
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

static void
status_text (SgBaseState state, const char *why, const SgBase *base)
{
  static const char *const sentences[]
      = { "There is no copy of this computer.", "The copy of this computer is up to date.",
          "The copy of this computer works, and is older than the system.",
          "The copy of this computer cannot be used." };
  g_autofree char *shown = why != NULL ? sg_printable (why) : NULL;

  puts (sentences[state]);
  if (shown != NULL && state != SG_BASE_MISSING)
    printf ("  %s\n", shown);
  if (base != NULL)
    {
      const SgBaseInfo *info = sg_base_info (base);
      g_autoptr (GDateTime) built = g_date_time_new_from_unix_local (info->built_at);
      g_autofree char *when = built != NULL ? g_date_time_format (built, "%F %R") : NULL;
      g_autofree char *linked = g_format_size (info->linked_bytes);
      g_autofree char *taken = g_format_size (sg_base_info_disk_bytes (info));
      printf ("  Made %s of %s, with Linux %s\n", when != NULL ? when : "?", info->root,
              info->kernel_release);
      printf ("  %" G_GUINT64_FORMAT " files, %s; the copy itself takes %s\n", info->n_files,
              linked, taken);
      printf ("  Not inside: %" G_GUINT64_FORMAT " (`sandglass base left-out`)\n",
              info->n_left_out);
      missing_text (base);
      if (info->anonymous)
        puts ("  It is anonymous: it does not tell which computer it was made of (`sandglass base "
              "build --no-anonymous` changes that)");
    }
  if (state != SG_BASE_FRESH)
    puts (state == SG_BASE_MISSING ? "  `sandglass base build` makes it."
                                   : "  `sandglass base build` makes it anew.");
}

int
sg_cmd_base_status (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the facts as JSON", NULL }, { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, "Says whether there is a copy of this computer and "
                                         "whether it is up to date.\n"
                                         "Exit code 0 when it can be used, 1 when not.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      sg_report_text ("%s", error != NULL ? error->message : "base status takes no argument");
      return SG_EXIT_USAGE;
    }
  SgBaseState state = sg_base_state (NULL, &why);
  g_autoptr (SgBase) base = sg_base_open (NULL, NULL);
  (json ? status_json : status_text) (state, why, base);
  return state == SG_BASE_FRESH || state == SG_BASE_STALE ? SG_EXIT_OK : SG_EXIT_FAILED;
}

/* ---- left-out ---- */

/* A line is PATH, a tab, RULE, ": " and its reason (scan.h); the last tab of it, as a path may have
 * some. */
static void
left_out_json (char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (char **line = lines; *line != NULL; line++)
    {
      char *rule = strrchr (*line, '\t'), *reason = rule != NULL ? strstr (rule, ": ") : NULL;

      if (reason == NULL)
        continue;
      *rule++ = *reason = '\0';
      json_builder_begin_object (builder);
      sg_json_printable (builder, "path", *line);
      sg_json_printable (builder, "rule", rule);
      sg_json_printable (builder, "reason", reason + strlen (": "));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  sg_json_print (builder, TRUE);
}

int
sg_cmd_base_left_out (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the facts as JSON", NULL }, { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, "Lists what of this computer is not inside the copy, and "
                                         "why: one line each, the path and the rule.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      sg_report_text ("%s", error != NULL ? error->message : "base left-out takes no argument");
      return SG_EXIT_USAGE;
    }
  g_autoptr (SgBase) base = sg_base_open (NULL, &error);
  g_autofree char *text = NULL;
  g_autofree char *path
      = base != NULL ? g_build_filename (sg_base_dir (base), "left-out", NULL) : NULL;
  if (base == NULL || !g_file_get_contents (path, &text, NULL, &error))
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  if (json)
    left_out_json (text);
  else
    {
      g_autofree char *shown = sg_printable (text);
      fputs (shown, stdout);
    }
  return SG_EXIT_OK;
}
