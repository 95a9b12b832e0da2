/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/cmd-doctor.h"

#include "common/domain.h"
#include "common/json-members.h"
#include "common/report.h"
#include "launcher/doctor.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 78
#define INDENT 6

/* Prints TEXT in lines of WIDTH, each indented. */
static void
print_wrapped (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  glong column = 0;

  for (char **word = words; *word != NULL; word++)
    {
      glong len = g_utf8_strlen (*word, -1);

      if (column == 0 || column + 1 + len > WIDTH)
        {
          printf ("%s%*s%s", column > 0 ? "\n" : "", INDENT, "", *word);
          column = INDENT + len;
        }
      else
        {
          printf (" %s", *word);
          column += 1 + len;
        }
    }
  putchar ('\n');
}

static void
print_finding (const SgFinding *finding, gboolean colour)
{
  const char *mark = finding->met ? "yes" : finding->need == SG_NEED_REQUIRED ? "NO" : "no";
  const char *shade = finding->met                        ? "\033[32m"
                      : finding->need == SG_NEED_REQUIRED ? "\033[1;31m"
                                                          : "\033[33m";

  printf ("%s%-3s%s   %-36s %s\n", colour ? shade : "", mark, colour ? "\033[0m" : "",
          finding->title, finding->found);
  if (finding->met)
    return;
  if (finding->means != NULL)
    print_wrapped (finding->means);
  if (finding->mend != NULL)
    printf ("%*sTo mend it: %s\n", INDENT, "", finding->mend);
}

static void
print_table (GPtrArray *findings)
{
  gboolean colour = isatty (STDOUT_FILENO) && g_getenv ("NO_COLOR") == NULL;

  for (guint i = 0; i < findings->len; i++)
    print_finding (g_ptr_array_index (findings, i), colour);
  printf ("\n%s\n", sg_doctor_fine (findings)
                        ? "Sandboxes can run on this computer."
                        : "Sandboxes cannot run on this computer yet: see the lines marked NO.");
}

static void
print_json (GPtrArray *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "fine");
  json_builder_add_boolean_value (builder, sg_doctor_fine (findings));
  json_builder_set_member_name (builder, "checks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    {
      const SgFinding *finding = g_ptr_array_index (findings, i);

      json_builder_begin_object (builder);
      sg_json_text (builder, "id", finding->id);
      sg_json_text (builder, "title", finding->title);
      sg_json_text (builder, "need", sg_need_name (finding->need));
      json_builder_set_member_name (builder, "met");
      json_builder_add_boolean_value (builder, finding->met);
      sg_json_text (builder, "found", finding->found);
      sg_json_text (builder, "means", finding->means);
      sg_json_text (builder, "mend", finding->mend);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

int
sg_cmd_doctor (int argc, char **argv)
{
  gboolean json = FALSE, translated = FALSE;
  GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the findings as JSON", NULL },
          /* For the app, which shows them to a person; ids are the same in every language. */
          { "translated", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &translated, NULL, NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  SgDoctorHost host = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context, "Looks at everything a sandbox needs from this computer: whether it is there, what\n"
               "it means if not, and the command that mends it.  Nothing is changed.");
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      if (error != NULL)
        sg_report (error);
      else
        sg_report_text ("doctor takes no argument '%s'", argv[1]);
      return SG_EXIT_USAGE;
    }
  if (translated)
    sg_domain_init ();
  findings = sg_doctor_run (&host, FALSE, NULL);
  if (json)
    print_json (findings);
  else
    print_table (findings);
  return sg_doctor_fine (findings) ? SG_EXIT_OK : SG_EXIT_FAILED;
}
