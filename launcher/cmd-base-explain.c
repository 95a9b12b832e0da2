/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass base explain PATH`, `--identifying`, `--rules`. */
#include "baseimage/explain.h"
#include "common/json-members.h"
#include "common/report.h"
#include "launcher/cmd-base.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

static const char *
verdict_word (SgVerdict verdict)
{
  static const char *const words[] = { "linked", "copied", "cleaned", "written", "empty", "out" };

  return words[verdict];
}

/* ---- one path ---- */

static const char *
where_word (SgWhere where)
{
  static const char *const words[] = { "in", "out", "nowhere" };

  return words[where];
}

static void
explain_json (const SgExplanation *said)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  sg_json_printable (builder, "path", said->path);
  sg_json_printable (builder, "where", where_word (said->where));
  sg_json_printable (builder, "kind", said->where != SG_EXPLAIN_NOWHERE ? said->kind : NULL);
  sg_json_printable (builder, "source", said->source);
  sg_json_printable (builder, "rule", said->rule != NULL ? said->rule->id : NULL);
  sg_json_printable (builder, "rule-path", said->rule != NULL ? said->rule_path : NULL);
  sg_json_printable (builder, "reason",
                     said->rule != NULL ? said->rule->reason : "it comes with Sandglass");
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

static const char *
sentence (const SgExplanation *said)
{
  if (said->where == SG_EXPLAIN_NOWHERE)
    return "is not on this computer, and not inside";
  if (said->where == SG_EXPLAIN_OUT)
    return "is not inside";
  if (strcmp (said->kind, "directory") == 0 && said->rule != NULL
      && strcmp (said->rule_path, said->path) == 0
      && (said->rule->verdict == SG_RULE_OUT || said->rule->verdict == SG_RULE_EMPTY))
    return "is inside as an empty directory; what this computer has in it is not";
  if (said->source == NULL)
    return "is inside";
  if (strcmp (said->source, "linked") == 0)
    return "is inside; its contents are read from this computer's file";
  if (strcmp (said->source, "copied") == 0)
    return "is inside, as a copy made when the copy of this computer is made";
  return "is inside; its contents are not this computer's but Sandglass's";
}

static void
explain_text (const SgExplanation *said)
{
  g_autofree char *path = sg_printable (said->path);

  printf ("%s %s.\n", path, sentence (said));
  if (said->where == SG_EXPLAIN_NOWHERE)
    return;
  if (said->rule == NULL)
    {
      puts ("  It comes with Sandglass.");
      return;
    }
  printf ("  Why: %s.\n", said->rule->reason);
  printf ("  Rule '%s'", said->rule->id);
  if (said->rule_path != NULL && strcmp (said->rule_path, said->path) != 0)
    {
      g_autofree char *about = sg_printable (said->rule_path);
      printf (", about %s", about);
    }
  puts (" (`sandglass base explain --rules` lists them all)");
}

/* ---- all rules, and what identifies ---- */

static void
rules_text (void)
{
  gsize n;
  const SgRule *rules = sg_rules_all (&n);

  for (gsize i = 0; i < n; i++)
    printf ("%-22s %-8s %s\n%32s%s.\n", rules[i].id, verdict_word (rules[i].verdict),
            rules[i].where, "", rules[i].reason);
}

static void
rules_json (void)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gsize n;
  const SgRule *rules = sg_rules_all (&n);

  json_builder_begin_array (builder);
  for (gsize i = 0; i < n; i++)
    {
      json_builder_begin_object (builder);
      sg_json_printable (builder, "rule", rules[i].id);
      sg_json_printable (builder, "verdict", verdict_word (rules[i].verdict));
      sg_json_printable (builder, "where", rules[i].where);
      sg_json_printable (builder, "reason", rules[i].reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  sg_json_print (builder, TRUE);
}

static void
identifying_json (const GPtrArray *found)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < found->len; i++)
    {
      const SgIdentifying *one = found->pdata[i];
      json_builder_begin_object (builder);
      sg_json_printable (builder, "topic", one->topic);
      sg_json_printable (builder, "value", one->value);
      sg_json_printable (builder, "path", one->path);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  sg_json_print (builder, TRUE);
}

static void
identifying_text (const GPtrArray *found)
{
  puts (
      "A stranger inside a sandbox could learn this about the computer. The name of the computer,\n"
      "its users and their files are not inside, unless they are listed here.\n");
  for (guint i = 0; i < found->len; i++)
    {
      const SgIdentifying *one = found->pdata[i];
      g_autofree char *value = sg_printable (one->value);
      g_autofree char *path = one->path != NULL ? sg_printable (one->path) : g_strdup ("");
      printf ("  %-26s %s\n%29s%s\n", one->topic, value, "", path);
    }
}

static int
show_identifying (const char *root, gboolean anonymous, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = sg_explain_identifying (root, anonymous, NULL, &error);

  if (found == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  (json ? identifying_json : identifying_text) (found);
  return SG_EXIT_OK;
}

static int
show_path (const char *root, gboolean anonymous, const char *path, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr (SgExplanation) said = sg_explain (root, anonymous, absolute, NULL, &error);

  if (said == NULL)
    {
      sg_report (error);
      return SG_EXIT_FAILED;
    }
  (json ? explain_json : explain_text) (said);
  return said->where == SG_EXPLAIN_NOWHERE ? SG_EXIT_FAILED : SG_EXIT_OK;
}

int
sg_cmd_base_explain (int argc, char **argv)
{
  g_autofree char *root = NULL;
  gboolean json = FALSE, anonymous = FALSE, identifying = FALSE, rules = FALSE;
  const GOptionEntry entries[]
      = { { "identifying", 0, 0, G_OPTION_ARG_NONE, &identifying,
            "List what a stranger inside could learn about this computer", NULL },
          { "anonymous", 0, 0, G_OPTION_ARG_NONE, &anonymous,
            "Ask about an anonymous copy (`base build --anonymous`)", NULL },
          { "rules", 0, 0, G_OPTION_ARG_NONE, &rules, "Print all rules", NULL },
          { "root", 0, 0, G_OPTION_ARG_FILENAME, &root, "Ask about the system below DIR", "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the facts as JSON", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("[PATH]");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context,
                                "Says whether PATH is inside a sandbox, and by which rule.");
  gboolean parsed = g_option_context_parse (context, &argc, &argv, &error);
  int paths = identifying || rules ? 1 : 2;
  if (!parsed || argc != paths || (identifying && rules))
    {
      sg_report_text ("%s", error != NULL
                                ? error->message
                                : "base explain takes one path, --identifying or --rules");
      return SG_EXIT_USAGE;
    }
  if (rules)
    {
      (json ? rules_json : rules_text) ();
      return SG_EXIT_OK;
    }
  return identifying ? show_identifying (root, anonymous, json)
                     : show_path (root, anonymous, argv[1], json);
}
