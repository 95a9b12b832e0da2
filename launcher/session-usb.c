/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device goes in two halves, the gate and what is plugged into QEMU; whichever ends first, the
 * other one follows, and then it is out of the list. */
#include "launcher/session-usb.h"

#include "common/fd.h"
#include "common/report.h"
#include "launcher/console.h"
#include "launcher/qmp-steps.h"
#include "launcher/spawn.h"
#include "launcher/usb-list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a gate may take to give a device back: the kernel looks for its driver. */
#define GATE_SEC 10
#define NAME_MOST 200 /* bytes */

struct SgUsbs
{
  SgUsbMachine machine;
  const SgUsbsFuncs *funcs;
  gpointer data;
  GPtrArray *given; /* Given */
};

typedef struct
{
  SgUsbs *usbs; /* NULL: it is gone */
  guint n;      /* of the plug */
  char *at, *name;
  SgUsbDevice device;
  SgChild *gate;        /* NULL: has ended */
  SgConsole *said;      /* by the gate */
  GTask *giving;        /* until it is plugged in */
  GQueue taking;        /* GTask, owned: wait until it is out */
  gboolean plugging, plugged; /* QEMU's half */
  gboolean unplugging, unplugged;
  guint deadline;
} Given;

static void
given_clear (gpointer data)
{
  Given *given = data;

  g_clear_handle_id (&given->deadline, g_source_remove);
  g_clear_pointer (&given->gate, sg_child_free);
  g_clear_pointer (&given->said, sg_console_free);
  g_free (given->at);
  g_free (given->name);
}

static void
given_release (gpointer data)
{
  g_rc_box_release_full (data, given_clear);
}

typedef Given GivenHeld;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GivenHeld, given_release)

static void
settle (Given *given, GError *error)
{
  g_autoptr (GTask) giving = g_steal_pointer (&given->giving);
  GTask *task;

  if (giving != NULL)
    g_task_return_error (giving, error != NULL ? g_error_copy (error)
                                               : g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                                              "The sandbox is gone"));
  while ((task = g_queue_pop_head (&given->taking)) != NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
  g_clear_error (&error);
}

/* --- out again ----------------------------------------------------------------------------------
 */

static void
out (Given *given)
{
  SgUsbs *usbs = given->usbs;

  if (usbs == NULL || given->gate != NULL || !given->unplugged)
    return;
  given->usbs = NULL;
  settle (given, NULL);
  g_ptr_array_remove (usbs->given, given);
  usbs->funcs->changed (usbs->data);
}

static gboolean
too_long (gpointer data)
{
  Given *given = data;

  given->deadline = 0;
  sg_child_kill (given->gate);
  return G_SOURCE_REMOVE;
}

static void
unplugged (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GivenHeld) given = data;

  /* A plug that QEMU does not know is out as well. */
  sg_qmp_steps_run_finish (SG_QMP (source), result, NULL);
  given->unplugged = TRUE;
  if (given->gate != NULL && given->usbs != NULL)
    given->deadline = g_timeout_add_seconds (GATE_SEC, too_long, given);
  out (given);
}

/* With the plug QEMU's end of the socket pair goes, which ends the gate in its own time.  While it
 * is being plugged in, it waits for that. */
static void
unplug (Given *given)
{
  const SgUsbMachine *machine = &given->usbs->machine;
  g_autofree char *plug = g_strdup_printf (SG_PLUG_USB, given->n);
  SgQmpSteps *steps;

  if (given->unplugging || given->plugging)
    return;
  given->unplugging = TRUE;
  steps = sg_qmp_steps_new ();
  if (given->plugged)
    {
      sg_qmp_steps_call (steps, "device_del", sg_qmp_args ("{'id': <%s>}", plug));
      sg_qmp_steps_await (steps, "DEVICE_DELETED", "device", plug, NULL);
    }
  sg_qmp_steps_try (steps, "chardev-remove", sg_qmp_args ("{'id': <%s>}", plug));
  sg_qmp_steps_run_async (steps, machine->qmp, NULL, NULL, machine->cancellable, unplugged,
                          g_rc_box_acquire (given));
}

static void
gate_ended (SgChild *child, int status, gpointer data)
{
  g_autoptr (GivenHeld) given = g_rc_box_acquire ((Given *)data);
  g_autofree char *said = NULL, *words = NULL;
  SgUsbs *usbs = given->usbs;

  g_clear_handle_id (&given->deadline, g_source_remove);
  g_clear_pointer (&given->gate, sg_child_free);
  if (usbs == NULL)
    return;
  sg_console_drain (given->said);
  said = sg_console_words (given->said, 1);
  if (given->giving != NULL)
    settle (given, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s cannot be handed over: %s",
                                given->name, said != NULL ? said : "its gate has ended"));
  else if (!given->unplugging)
    {
      words = g_strdup_printf ("%s is no longer in the sandbox%s%s.", given->name,
                               said != NULL ? ": " : "", said != NULL ? said : "");
      usbs->funcs->lost (words, usbs->data);
    }
  unplug (given);
  out (given);
}

/* --- in -----------------------------------------------------------------------------------------
 */

static void
plugged (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GivenHeld) given = data;
  g_autoptr (GTask) giving = NULL;
  g_autoptr (GError) error = NULL;
  given->plugging = FALSE;
  given->plugged = sg_qmp_steps_run_finish (SG_QMP (source), result, &error);
  if (given->usbs == NULL)
    return; /* the machine's end */
  if (given->giving == NULL)
    {
      unplug (given); /* the gate's end was quicker */
      return;
    }
  if (!given->plugged)
    {
      settle (given, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                                  "The sandbox does not take the device: %s", error->message));
      unplug (given);
      return;
    }
  giving = g_steal_pointer (&given->giving);
  g_task_return_pointer (giving, g_strdup (given->at), g_free);
  given->usbs->funcs->changed (given->usbs->data);
}

static void
plug_in (Given *given, int machine_end)
{
  const SgUsbMachine *machine = &given->usbs->machine;
  const SgUsbGrants grants = sg_plan_usb_grants (machine->plan);
  g_autofree char *plug = g_strdup_printf (SG_PLUG_USB, given->n);
  g_autofree char *filter = sg_usb_filter (&grants, &given->device);
  SgQmpSteps *steps = sg_qmp_steps_new ();

  given->plugging = TRUE;
  sg_qmp_steps_call_fd (steps, "getfd", sg_qmp_args ("{'fdname': <%s>}", plug), machine_end);
  sg_qmp_steps_call (steps, "chardev-add",
                     sg_qmp_args ("{'id': <%s>, 'backend': <{'type': <'socket'>, 'data': <{"
                                  "'addr': <{'type': <'fd'>, 'data': <{'str': <%s>}>}>, "
                                  "'server': <false>}>}>}",
                                  plug, plug));
  sg_qmp_steps_call (steps, "device_add",
                     sg_qmp_args ("{'driver': <'usb-redir'>, 'id': <%s>, 'chardev': <%s>, "
                                  "'bus': <'" SG_BUS_USB ".0'>, 'filter': <%s>}",
                                  plug, plug, filter));
  sg_qmp_steps_run_async (steps, machine->qmp, NULL, NULL, machine->cancellable, plugged,
                          g_rc_box_acquire (given));
}

static gboolean
start_gate (Given *given, int device, int *ret_machine_end, GError **error)
{
  const SgPlan *plan = given->usbs->machine.plan;
  g_auto (GStrv) argv = sg_plan_usbgate (plan);
  sg_fd int ours = -1, theirs = -1, said = -1;
  int pipe_ends[2], fds[2];
  SgSpawn settings = { .name = "The gate of a USB device",
                       .argv = (const char *const *)argv,
                       .in = -1,
                       .out = -1,
                       .fds = fds,
                       .n_fds = G_N_ELEMENTS (fds),
                       .files = plan->confine_usbgate->files };

  if (!sg_socketpair (&ours, &theirs, error))
    return FALSE;
  if (pipe2 (pipe_ends, O_CLOEXEC) < 0)
    return sg_errno (error, "Cannot create a pipe");
  given->said = sg_console_new (pipe_ends[0]);
  settings.err = said = pipe_ends[1];
  fds[0] = theirs;
  fds[1] = device;
  given->gate = sg_spawn (&settings, gate_ended, given, error);
  if (given->gate != NULL)
    *ret_machine_end = sg_fd_steal (&ours);
  return given->gate != NULL;
}

static char *
where (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISCHR (st.st_mode) ? sg_usb_at (st.st_rdev) : NULL;
}

/* What it is, and whether it may. */
static gboolean
look_at (const SgUsbMachine *machine, int fd, char **ret_at, SgUsbDevice *device, GError **error)
{
  const SgUsbGrants grants = sg_plan_usb_grants (machine->plan);
  g_autofree guint8 *bytes = g_malloc (SG_USB_DESCRIPTORS_MOST);
  const char *why_not;
  gssize length;

  *ret_at = (machine->where != NULL ? machine->where : where) (fd);
  if (*ret_at == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "That is no USB device of this computer");
      return FALSE;
    }
  length = sg_pread_all (fd, bytes, SG_USB_DESCRIPTORS_MOST, 0, error);
  if (length < 0 || !sg_usb_device_parse (device, bytes, (gsize)length, error))
    return FALSE;
  why_not = sg_usb_device_why_not (device, &grants);
  if (why_not == NULL)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, why_not);
  return FALSE;
}

static Given *
find (SgUsbs *usbs, const char *at)
{
  for (guint i = 0; i < usbs->given->len; i++)
    if (g_str_equal (((Given *)usbs->given->pdata[i])->at, at))
      return usbs->given->pdata[i];
  return NULL;
}

/* A plug that nothing is in; SG_N_USB: there is none. */
static guint
free_plug (SgUsbs *usbs)
{
  for (guint n = 0; n < SG_N_USB; n++)
    {
      gboolean taken = FALSE;

      for (guint i = 0; i < usbs->given->len; i++)
        taken |= ((Given *)usbs->given->pdata[i])->n == n;
      if (!taken)
        return n;
    }
  return SG_N_USB;
}

static Given *
make (SgUsbs *usbs, int fd, const char *name, GError **error)
{
  g_autofree char *at = NULL;
  SgUsbDevice device;
  guint n = free_plug (usbs);
  Given *given;

  if (usbs->machine.plan->confine_usbgate == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "USB devices are not granted to this sandbox.");
      return NULL;
    }
  if (!look_at (&usbs->machine, fd, &at, &device, error))
    return NULL;
  if (find (usbs, at) != NULL || n == SG_N_USB)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   n == SG_N_USB ? "A sandbox can have %u USB devices at once; take one back first"
                                 : "The sandbox has this device already",
                   SG_N_USB);
      return NULL;
    }
  given = g_rc_box_new0 (Given);
  given->usbs = usbs;
  given->n = n;
  given->at = g_steal_pointer (&at);
  given->name = g_strndup (name, NAME_MOST);
  given->device = device;
  g_queue_init (&given->taking);
  return given;
}

void
sg_usbs_give_async (SgUsbs *usbs, int device, const char *name, GAsyncReadyCallback callback,
                    gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  g_autofree char *safe = sg_printable_line (name);
  sg_fd int fd = device, machine_end = -1;
  g_autoptr (GivenHeld) given = NULL;
  GError *error = NULL;

  given = make (usbs, fd, safe, &error);
  if (given == NULL || !start_gate (given, fd, &machine_end, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  given->giving = g_steal_pointer (&task);
  g_ptr_array_add (usbs->given, g_rc_box_acquire (given));
  plug_in (given, machine_end);
}

char *
sg_usbs_give_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
sg_usbs_take_async (SgUsbs *usbs, const char *at, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  Given *given = find (usbs, at);

  if (given == NULL || given->giving != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                               "The sandbox has no USB device %s", at);
      return;
    }
  g_queue_push_tail (&given->taking, g_steal_pointer (&task));
  unplug (given);
}

gboolean
sg_usbs_take_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- all of them --------------------------------------------------------------------------------
 */

SgUsbs *
sg_usbs_new (const SgUsbMachine *machine, const SgUsbsFuncs *funcs, gpointer data)
{
  SgUsbs *usbs = g_new0 (SgUsbs, 1);

  usbs->machine = *machine;
  usbs->funcs = funcs;
  usbs->data = data;
  usbs->given = g_ptr_array_new_with_free_func (given_release);
  return usbs;
}

void
sg_usbs_free (SgUsbs *usbs)
{
  if (usbs == NULL)
    return;
  for (guint i = 0; i < usbs->given->len; i++)
    {
      Given *given = usbs->given->pdata[i];

      given->usbs = NULL;
      g_clear_handle_id (&given->deadline, g_source_remove);
      settle (given, NULL);
      /* Not killed: it sees QEMU's end, and gives the device back. */
      g_clear_pointer (&given->gate, sg_child_free);
    }
  g_ptr_array_unref (usbs->given);
  g_free (usbs);
}

GVariant *
sg_usbs_list (SgUsbs *usbs)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(ssb)"));
  for (guint i = 0; usbs != NULL && i < usbs->given->len; i++)
    {
      const Given *given = usbs->given->pdata[i];

      if (given->giving == NULL)
        g_variant_builder_add (&list, "(ssb)", given->at, given->name,
                               sg_usb_device_has (&given->device, SG_USB_CLASS_VIDEO));
    }
  return g_variant_builder_end (&list);
}
