/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandglass-app: the launcher. */
#include "common/domain.h"
#include "common/report.h"
#include "ui/app.h"

#include <glib/gi18n.h>
#include <signal.h>

int
main (int argc, char **argv)
{
  g_autoptr (SgApp) app = NULL;

  sg_domain_init ();
  signal (SIGPIPE, SIG_IGN);
  if (!gtk_init_check (NULL, NULL))
    {
      sg_report_text ("%s",
                      _ ("there is no display to open a window on; `sandglass run -- COMMAND` "
                         "works in a terminal"));
      return SG_EXIT_OURS;
    }
  /* By it the desktop finds our entry and icon for a window. */
  gdk_set_program_class ("org.sandglass.Sandglass");
  g_set_prgname ("org.sandglass.Sandglass");
  g_set_application_name ("Sandglass");
  app = sg_app_new ();
  return g_application_run (G_APPLICATION (app), argc, argv);
}
