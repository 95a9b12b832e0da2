/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gtk-prints PRINTER FILE.pdf: what a program with GTK's print dialog does: shows it, looks for PRINTER in GTK's list,
 * asks what it can, prints FILE on it. Says each step on standard output; ends with 1 when one does not come.
 * For tests, inside a sandbox: the printer's list is GTK's own, by libprintbackend-cups. */
#include <gtk/gtkunixprint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_SEC 45

static const char *wanted, *file;
static GtkPrinter *found; /* the dialog's; a reference */

static gboolean
too_late (gpointer data)
{
  fprintf (stderr, "it takes too long\n");
  exit (1);
}

static void
printed (GtkPrintJob *job, gpointer data, const GError *error)
{
  if (error != NULL)
    {
      fprintf (stderr, "not printed: %s\n", error->message);
      exit (1);
    }
  puts ("printed");
  exit (0);
}

static void
print (void)
{
  g_autoptr (GtkPrintSettings) settings = gtk_print_settings_new ();
  g_autoptr (GtkPageSetup) page = gtk_page_setup_new ();
  GtkPrintJob *job = gtk_print_job_new ("letter", found, settings, page);
  g_autoptr (GError) error = NULL;

  if (!gtk_print_job_set_source_file (job, file, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      exit (1);
    }
  gtk_print_job_send (job, printed, NULL, NULL);
}

static void
detailed (GtkPrinter *printer, gboolean success, gpointer data)
{
  printf ("details of %s: %s\n", gtk_printer_get_name (printer), success ? "yes" : "no");
  fflush (stdout);
  if (success)
    print ();
  else
    exit (1);
}

static gboolean
is_wanted (GtkPrinter *printer, gpointer data)
{
  printf ("printer %s%s\n", gtk_printer_get_name (printer),
          gtk_printer_is_virtual (printer) ? " (a file)" : "");
  fflush (stdout);
  if (g_strcmp0 (gtk_printer_get_name (printer), wanted) != 0)
    return FALSE;
  found = g_object_ref (printer);
  return TRUE;
}

/* The list grows while backends answer. */
static gboolean
look (gpointer data)
{
  gtk_enumerate_printers (is_wanted, NULL, NULL, TRUE);
  if (found == NULL)
    return G_SOURCE_CONTINUE;
  if (gtk_printer_has_details (found))
    detailed (found, TRUE, NULL);
  else
    {
      g_signal_connect (found, "details-acquired", G_CALLBACK (detailed), NULL);
      gtk_printer_request_details (found);
    }
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  GtkWidget *dialog;

  if (argc != 3)
    return 2;
  wanted = argv[1];
  file = argv[2];
  gtk_init (NULL, NULL);
  dialog = gtk_print_unix_dialog_new ("Print", NULL);
  gtk_window_present (GTK_WINDOW (dialog));
  g_timeout_add_seconds (PATIENCE_SEC, too_late, NULL);
  g_timeout_add_seconds (3, look, NULL);
  gtk_main ();
  return 1;
}
