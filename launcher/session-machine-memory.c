/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that nobody asked for by number: a machine starts with little, gets more when it uses it
 * (told from outside: clone-appetite.h) or when programs inside wait for it, and gives back what it
 * leaves unused (told by the agent, which a machine that has no more than at first is not asked).
 *
 * What the agent says is a guest's word: it moves the sandbox between what it starts with and what
 * it may have anyway. */
#include "launcher/session-machine-internal.h"

#include "common/memory.h"

#define HUNGRY_BYTES (G_GUINT64_CONSTANT (384) << 20)
#define LOOK_SEC 5
/* Programs inside stood still for memory, in hundredths of a percent of the last ten seconds. */
#define PRESSURE 1000

static void give (SgMachine *machine, guint64 bytes);
static void look_later (SgMachine *machine);

static pid_t
qemu_of (const SgMachine *machine)
{
  return sg_child_pid (machine->c.children[SG_CHILD_QEMU]);
}

static void
tell_no_room (SgMachine *machine, guint64 host_available)
{
  g_autofree char *has = g_format_size_full (machine->balance.given, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *left = g_format_size_full (host_available, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *words = NULL;

  if (machine->told_no_room)
    return;
  machine->told_no_room = TRUE;
  words = g_strdup_printf ("The sandbox needs more memory than its %s, but this computer has only "
                           "%s left, of which 1 GiB stays free. Close other programs or sandboxes, "
                           "else programs inside may be ended.",
                           has, left);
  machine->funcs->notice ("memory", words, machine->data);
}

static void
more (SgMachine *machine)
{
  guint64 available = sg_memory_available ();
  guint64 bytes
      = sg_balance_grow (&machine->balance, sg_appetite_resident (qemu_of (machine)), available);

  if (bytes > machine->balance.given)
    {
      machine->told_no_room = FALSE;
      give (machine, bytes);
    }
  else if (machine->balance.given < machine->balance.most)
    tell_no_room (machine, available);
}

static void
hungry (gpointer data)
{
  SgMachine *machine = data;

  g_clear_pointer (&machine->appetite, sg_appetite_free);
  sg_machine_mark (machine, "(it uses its memory)");
  more (machine);
  look_later (machine); /* also where there was no room: it can come */
}

static void
watch (SgMachine *machine)
{
  g_clear_pointer (&machine->appetite, sg_appetite_free);
  if (machine->balance.given < machine->balance.most)
    machine->appetite = sg_appetite_new (qemu_of (machine), HUNGRY_BYTES, hungry, machine);
}

static void
given (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  if (sg_clone_finish (SG_QMP (source), result, &error) || machine->over)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    machine->funcs->notice ("size", error->message, machine->data);
}

static void
resize (SgMachine *machine)
{
  SgCloneWish wish = sg_machine_wish (machine, TRUE);

  wish.memory_bytes = machine->balance.given;
  sg_clone_memory_async (machine->c.qmp, &wish, machine->cancellable, given,
                         sg_machine_hold (machine));
}

/* There is a place for memory now; how much it should have may have changed meanwhile. */
static void
placed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GError) error = NULL;

  machine->placing = FALSE;
  machine->grown = sg_clone_finish (SG_QMP (source), result, &error);
  if (machine->over)
    return;
  if (machine->grown)
    {
      resize (machine);
      return;
    }
  g_clear_pointer (&machine->appetite, sg_appetite_free); /* it would not go better again */
  machine->balance.given = machine->balance.most = machine->balance.first;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    machine->funcs->notice ("size", error->message, machine->data);
}

/* The first time: a place for all that it may have, which the guest need not work for before. */
static void
place (SgMachine *machine)
{
  SgCloneWish wish = sg_machine_wish (machine, TRUE);

  machine->placing = TRUE;
  wish.memory_first = machine->balance.given;
  sg_clone_grow_async (machine->c.qmp, &wish, sg_machine_on_step, machine, machine->cancellable,
                       placed, sg_machine_hold (machine));
}

static void
give (SgMachine *machine, guint64 bytes)
{
  sg_machine_mark (machine, bytes > machine->balance.given ? "(more memory is given)"
                                                           : "(memory is taken back)");
  machine->balance.given = bytes;
  if (machine->grown || sg_machine_grows_first (machine))
    resize (machine);
  else if (!machine->placing)
    place (machine);
  watch (machine);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Held) machine = data;
  g_autoptr (GVariant) answer = sg_agent_call_finish (SG_AGENT (source), result, NULL);
  guint64 available, bytes;
  guint32 pressure;

  if (answer == NULL || machine->over)
    return; /* it restarts, or it is over */
  g_variant_get (answer, "(tu)", &available, &pressure);
  if (pressure >= PRESSURE)
    {
      machine->balance.calm = 0;
      more (machine);
    }
  else
    {
      machine->told_no_room = FALSE;
      bytes = sg_balance_look (&machine->balance, available);
      if (bytes < machine->balance.given)
        give (machine, bytes);
    }
  if (machine->appetite == NULL)
    watch (machine);
  look_later (machine);
}

static gboolean
look (gpointer data)
{
  SgMachine *machine = data;

  machine->look = 0;
  sg_agent_call_async (machine->c.agent, "memory", g_variant_new ("()"), machine->booted, looked,
                       sg_machine_hold (machine));
  return G_SOURCE_REMOVE;
}

/* A machine that has what it had at first is left in peace. */
static void
look_later (SgMachine *machine)
{
  if (machine->look == 0
      && (machine->balance.given > machine->balance.first || machine->told_no_room))
    machine->look = g_timeout_add_seconds (LOOK_SEC, look, machine);
}

void
sg_machine_memory (SgMachine *machine)
{
  watch (machine);
  look_later (machine);
}

void
sg_machine_memory_stop (SgMachine *machine)
{
  g_clear_handle_id (&machine->look, g_source_remove);
  g_clear_pointer (&machine->appetite, sg_appetite_free);
}
