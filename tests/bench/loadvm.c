/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer of a clone: the same machine brought back by QEMU's own `loadvm`.
 *
 *   bench-loadvm DIR save    a machine with our command line boots with its disk in DIR, and is
 * kept in an internal snapshot of it when its desktop is ready and at rest bench-loadvm DIR load
 * QEMU is started anew; prints the seconds from `loadvm` until the agent inside has answered
 * greeting, clock, entropy and identity: what a clone is timed by
 *
 * It has no walls around it and no encryption of its disk, which is to its advantage. */
#include "baseimage/base.h"
#include "common/fd.h"
#include "common/paths.h"
#include "launcher/agent.h"
#include "launcher/clone-settle.h"
#include "launcher/overlay.h"
#include "launcher/plan.h"
#include "launcher/qmp-steps.h"
#include "launcher/session-greet.h"
#include "launcher/session-host.h"
#include "launcher/share-mount.h"
#include "launcher/spawn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REST_USEC (4 * G_USEC_PER_SEC)
#define ID "0badcafe"

static struct
{
  SgBase *base;
  SgPlan *plan;
  char *disk;
  char **argv;
} setting;

typedef struct
{
  GPid pids[3];
  SgQmp *qmp;
  SgAgent *agent;
  int base, console; /* the disk below all; what the kernel inside writes */
} Machine;

G_NORETURN static void
fail (const char *what, const GError *error)
{
  fprintf (stderr, "loadvm: %s: %s\n", what, error != NULL ? error->message : "it does not work");
  exit (1);
}

/* --- one thing after the other ------------------------------------------------------------------
 */

static void
keep (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static void
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
steps (Machine *machine, SgQmpSteps *list)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sg_qmp_steps_run_async (list, machine->qmp, NULL, NULL, NULL, keep, &result);
  await (&result);
  if (!sg_qmp_steps_run_finish (machine->qmp, result, &error))
    fail ("QEMU", error);
}

static void
step (Machine *machine, const char *command, JsonNode *arguments)
{
  SgQmpSteps *list = sg_qmp_steps_new ();

  sg_qmp_steps_call (list, command, arguments);
  steps (machine, list);
}

/* savevm, loadvm: they answer with words when they fail. */
static void
by_hand (Machine *machine, const char *line)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = NULL;

  sg_qmp_call_async (machine->qmp, "human-monitor-command",
                     sg_qmp_args ("{'command-line': <%s>}", line), -1, NULL, keep, &result);
  await (&result);
  answer = sg_qmp_call_finish (machine->qmp, result, &error);
  if (answer == NULL)
    fail (line, error);
  if (g_strcmp0 (json_node_get_string (answer), "") != 0)
    {
      fprintf (stderr, "loadvm: %s: %s\n", line, json_node_get_string (answer));
      exit (1);
    }
}

static void
greet (Machine *machine)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sg_greet_async (machine->agent, ID, NULL, keep, &result);
  await (&result);
  if (!sg_greet_finish (machine->agent, result, &error))
    fail ("the agent", error);
}

/* --- a machine, stopped -------------------------------------------------------------------------
 */

static GPid
spawn (char **argv, const int *fds, guint n, int in_out)
{
  SgSpawn settings = { .name = argv[0],
                       .argv = (const char *const *)argv,
                       .in = in_out,
                       .out = in_out,
                       .err = STDERR_FILENO,
                       .fds = fds,
                       .n_fds = n };
  g_autoptr (GError) error = NULL;
  SgChild *child = sg_spawn (&settings, NULL, NULL, &error);

  if (child == NULL)
    fail (argv[0], error);
  return sg_child_pid (child);
}

static void
start (Machine *machine)
{
  g_autofree char *plugin = sg_paths_program ("nbdkit-sandglass-plugin.so", NULL);
  g_autofree char *relay = sg_paths_program ("sandglass-relay", NULL);
  g_autofree char *base = g_strconcat ("base=", sg_base_dir (setting.base), NULL);
  char *nbdkit[] = { setting.plan->nbdkit,
                     (char *)"--foreground",
                     (char *)"--single",
                     (char *)"--readonly",
                     plugin,
                     base,
                     (char *)"root=/",
                     NULL };
  char *relays[] = { relay, (char *)"--agent-fd=3", (char *)"--control-fd=4", NULL };
  int qmp[2], nbd[2], agent[2], console[2], control[2];

  if (!sg_socketpair (&qmp[0], &qmp[1], NULL) || !sg_socketpair (&nbd[0], &nbd[1], NULL)
      || !sg_socketpair (&agent[0], &agent[1], NULL)
      || !sg_socketpair (&console[0], &console[1], NULL)
      || socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
    fail ("sockets", NULL);
  machine->pids[0] = spawn (nbdkit, NULL, 0, nbd[1]);
  machine->pids[1] = spawn (relays, (const int[]){ agent[1], control[1] }, 2, -1);
  machine->pids[2]
      = spawn (setting.argv, (const int[]){ qmp[1], nbd[0], agent[0], console[1] }, 4, -1);
  for (int *const *p = (int *const[]){ &qmp[1], &nbd[0], &nbd[1], &agent[0], &agent[1], &console[1],
                                       &control[1], NULL };
       *p != NULL; p++)
    close (**p);
  machine->console = console[0];
  machine->qmp = sg_qmp_new (qmp[0]);
  machine->agent = sg_agent_new (control[0]);
  machine->base = open (setting.plan->scratch_below, O_RDONLY | O_CLOEXEC);
  step (machine, "blockdev-add",
        sg_qmp_args ("{'driver': <'file'>, 'node-name': <'sg-cap'>, 'filename': <%s>}",
                     setting.disk));
}

static void
end (Machine *machine)
{
  for (guint i = 0; i < G_N_ELEMENTS (machine->pids); i++)
    {
      kill (machine->pids[i], SIGKILL);
      waitpid (machine->pids[i], NULL, 0);
    }
  sg_qmp_close (machine->qmp);
  g_clear_object (&machine->qmp);
  g_clear_object (&machine->agent);
  close (machine->base);
  close (machine->console);
}

/* No disk may be there that cannot be in a snapshot. */
static void
unused_gone (Machine *machine)
{
  step (machine, "blockdev-del", sg_qmp_args ("{'node-name': <%s>}", SG_OVERLAY_NULL_NODE));
}

/* --- the two lives of it ------------------------------------------------------------------------
 */

static void
save (void)
{
  Machine machine;
  SgOverlayLayer below;
  g_autoptr (GAsyncResult) ready = NULL, warm = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  start (&machine);
  below = (SgOverlayLayer){ machine.base, "raw" };
  steps (&machine, sg_overlay_attach_over ("sg-cap", &below, 1, setting.plan->scratch_bytes));
  unused_gone (&machine);
  step (&machine, "cont", NULL);
  greet (&machine);
  sg_agent_call_async (machine.agent, "ready", g_variant_new ("()"), NULL, keep, &ready);
  await (&ready);
  answer = sg_agent_call_finish (machine.agent, ready, &error);
  if (answer == NULL)
    fail ("the desktop", error);
  sg_clone_warm_async (machine.agent, NULL, keep, &warm);
  await (&warm);
  sg_clone_settle_finish (machine.agent, warm, NULL);
  g_usleep (REST_USEC);
  step (&machine, "stop", NULL);
  by_hand (&machine, "savevm ready");
  end (&machine);
}

static double
load (void)
{
  Machine machine;
  SgQmpSteps *list = sg_qmp_steps_new ();
  gint64 begun;
  double took;

  start (&machine);
  sg_qmp_steps_call (list, "blockdev-add",
                     sg_qmp_args ("{'driver': <'file'>, 'node-name': <'sg-below'>, "
                                  "'read-only': <true>, 'filename': <%s>}",
                                  setting.plan->scratch_below));
  sg_qmp_steps_call (list, "blockdev-add",
                     sg_qmp_args ("{'driver': <'qcow2'>, 'node-name': <'sg-top'>, "
                                  "'file': <'sg-cap'>, 'backing': <'sg-below'>}"));
  sg_qmp_steps_call (list, "blockdev-reopen",
                     sg_qmp_args ("{'options': <[{'driver': <'raw'>, 'node-name': <%s>, "
                                  "'file': <'sg-top'>, 'discard': <'unmap'>}]>}",
                                  SG_OVERLAY_DISK_NODE));
  steps (&machine, list);
  unused_gone (&machine);
  begun = g_get_monotonic_time ();
  by_hand (&machine, "loadvm ready");
  step (&machine, "cont", NULL);
  greet (&machine);
  took = (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  end (&machine);
  return took;
}

/* The plan's command line, without the paths of its walls. */
static void
look (const char *dir)
{
  g_autoptr (GError) error = NULL;
  SgAccelOptions options = { 0 };
  SgPlanRequest request = { .memory_mb = 1024, .cpus = 2, .cold = TRUE };
  g_autoptr (SgAccel) accel = NULL;
  SgQemuSettings settings;

  setting.base = sg_base_open (NULL, &error);
  if (setting.base == NULL)
    fail ("no base", error);
  options.kernel = sg_base_kernel (setting.base);
  accel = sg_accel_probe (&options, NULL, &error);
  setting.plan = accel != NULL ? sg_session_plan (&request, setting.base, accel, &error) : NULL;
  if (setting.plan == NULL)
    fail ("no plan", error);
  setting.disk = g_build_filename (dir, "disk", NULL);
  settings = sg_plan_qemu_settings (setting.plan, ID);
  settings.kernel = setting.plan->kernel;
  settings.initrd = setting.plan->initrd;
  setting.argv = sg_qemu_arguments (&settings);
  for (char **arg = setting.argv; *arg != NULL; arg++)
    {
      g_autoptr (GString) text = g_string_new (*arg);

      g_string_replace (text, SG_INSIDE_SHARES, dir, 0);
      g_free (*arg);
      *arg = g_strdup (text->str);
    }
}

/* The walls' places, which our command line names. */
static void
make_dir (const char *dir)
{
  g_autofree char *ro = g_build_filename (dir, "ro", NULL);
  g_autofree char *rw = g_build_filename (dir, "rw", NULL);
  int fd = open (setting.disk, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0 || g_mkdir_with_parents (ro, 0700) < 0 || g_mkdir_with_parents (rw, 0700) < 0)
    fail (setting.disk, NULL);
  close (fd);
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return 2;
  look (argv[1]);
  if (strcmp (argv[2], "save") == 0)
    {
      make_dir (argv[1]);
      save ();
    }
  else
    printf ("%.3f\n", load ());
  return 0;
}
