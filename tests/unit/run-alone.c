/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass run` without bases, for tests with a fake session. */
#include "launcher/cmd-run.h"
#include "launcher/run-base.h"

gboolean
sg_run_ensure_base (gboolean quiet, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

void
sg_run_renew_template (gboolean quiet)
{
}

int
main (int argc, char **argv)
{
  return sg_cmd_run (argc - 1, argv + 1);
}
