/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors and memory beyond the template's, or fewer processors.
 *
 * Under emulation a guest works for a second to take three gigabytes into use.  Where nobody asked
 * for a number, a command that is quickly done does not pay for processors, and nobody pays for
 * memory before it is used (session-machine-memory.c): a template has what is enough at first. */
#include "launcher/session-machine-internal.h"

#include "launcher/clone-settle.h"
#include "launcher/clone-shrink.h"

#define GROW_MSEC 300
#define FIRST_MEMORY_MB 1536u

/* Of its memory so much at once: all that a person asked for, else what most commands need. */
static guint
first_mb (const SgMachine *machine)
{
  return machine->plan->size_asked ? machine->plan->memory_mb
                                   : MIN (machine->plan->memory_mb, FIRST_MEMORY_MB);
}

/* Has this clone more than its template? */
static gboolean
is_larger (const SgMachine *machine)
{
  const SgTemplateSize *size = &machine->plan->template_size;

  return machine->plan->start == SG_START_CLONE
         && (machine->plan->cpus > size->cpus || machine->plan->memory_mb > size->memory_mb);
}

/* Nothing need be plugged in before more memory is used than there is. */
static gboolean
is_enough (const SgMachine *machine)
{
  const SgTemplateSize *size = &machine->plan->template_size;

  return machine->plan->cpus <= size->cpus && first_mb (machine) <= size->memory_mb;
}

/* A person who asked for that much finds it; one who did not does not wait. */
static void
settled (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  gboolean all = sg_clone_settle_finish (SG_AGENT (source), result, &error);

  if (machine->over || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* over, or it restarts */
  sg_machine_mark (machine, "(all processors and memory are in use)");
  if (!all && machine->broken == NULL)
    machine->funcs->notice ("size", error->message, machine->data);
  if (!machine->usable && machine->broken == NULL)
    sg_machine_usable (machine);
}

static void
settle (SgMachine *machine, guint memory_mb)
{
  sg_clone_settle_async (machine->c.agent, machine->plan->cpus, memory_mb, machine->booted, settled,
                         sg_machine_hold (machine));
}

gboolean
sg_machine_grows_first (const SgMachine *machine)
{
  return machine->plan->size_asked || machine->plan->accel == SG_ACCEL_KVM;
}

SgCloneWish
sg_machine_wish (SgMachine *machine, gboolean larger)
{
  return (SgCloneWish){ .template = machine->source.template,
                        .overlay = machine->overlay,
                        .base_fd = machine->scratch_below,
                        .disk_bytes = machine->plan->scratch_bytes,
                        .cpus = larger ? machine->plan->cpus : 0,
                        .memory_bytes = larger ? (guint64)machine->plan->memory_mb << 20 : 0,
                        .memory_first = (guint64)first_mb (machine) << 20 };
}

static void
grown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  if (!sg_clone_finish (SG_QMP (source), result, &error))
    {
      if (!machine->over && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
        machine->funcs->notice ("size", error->message, machine->data);
      return;
    }
  machine->grown = TRUE;
  if (machine->over || machine->restarting)
    return;
  settle (machine, first_mb (machine));
  sg_machine_memory (machine);
}

static gboolean
grow (gpointer data)
{
  SgMachine *machine = data;
  SgCloneWish wish = sg_machine_wish (machine, TRUE);

  machine->grow = 0;
  if (machine->over)
    return G_SOURCE_REMOVE;
  machine->balance.first = (guint64)first_mb (machine) << 20;
  machine->balance.most = (guint64)machine->plan->memory_mb << 20;
  if (machine->balance.given == 0)
    machine->balance.given = machine->balance.first;
  if (sg_machine_grows_first (machine) || machine->grown) /* also: before a restart */
    {
      settle (machine, first_mb (machine));
      sg_machine_memory (machine);
    }
  else if (is_enough (machine))
    sg_machine_memory (machine);
  else
    sg_clone_grow_async (machine->c.qmp, &wish, sg_machine_on_step, machine, machine->cancellable,
                         grown, sg_machine_hold (machine));
  return G_SOURCE_REMOVE;
}

static void
go_on (SgMachine *machine)
{
  if (is_larger (machine) && machine->plan->size_asked)
    {
      settle (machine, machine->plan->memory_mb);
      return;
    }
  sg_machine_usable (machine);
  if (is_larger (machine) && !machine->over)
    machine->grow = g_timeout_add (sg_machine_grows_first (machine) ? 0 : GROW_MSEC, grow, machine);
}

static void
shrunk (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = sg_clone_shrink_finish (SG_QMP (source), result, &error);

  if (machine->over)
    return;
  if (ok)
    go_on (machine);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)) /* its end says more */
    sg_machine_over_by_error (machine, error);
}

/* Taken out before anybody's program runs; a restart inside finds it as it is. */
void
sg_machine_size (SgMachine *machine)
{
  if (machine->plan->start == SG_START_CLONE && !machine->again
      && machine->plan->cpus < machine->plan->template_size.cpus)
    sg_clone_shrink_async (machine->c.qmp, machine->plan->cpus, sg_machine_on_step, machine,
                           machine->cancellable, shrunk, sg_machine_hold (machine));
  else
    go_on (machine);
}

void
sg_machine_size_stop (SgMachine *machine)
{
  g_clear_handle_id (&machine->grow, g_source_remove);
  sg_machine_memory_stop (machine);
}
