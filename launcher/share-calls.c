/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/share-calls.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/passed-fd.h"
#include "launcher/session-namespace.h"

#include <gio/gunixfdlist.h>

static void
on_changed (gpointer data)
{
  SgSession *session = data;

  sg_session1_set_shares (session->object, sg_shares_list (session->shares));
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (session->object));
}

static void
on_notice (const char *kind, const char *message, gpointer data)
{
  SgSession *session = data;

  if (session->state < SG_STATE_ENDING)
    sg_session1_emit_notice (session->object, kind, message);
}

SgShares *
sg_share_calls_new (SgSession *session)
{
  static const SgSharesFuncs funcs = { on_changed, on_notice };
  g_autofree char *cache = sg_paths_cache (), *config = sg_paths_config ();
  g_autofree char *sessions = g_path_get_dirname (sg_home_path (session->home));
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR"); /* GLib's own answer may be the cache */
  SgSharePlaces places = { .home = g_get_home_dir (),
                           .runtime = runtime != NULL ? runtime : sessions,
                           .cache = cache,
                           .config = config,
                           .path = g_getenv ("PATH"),
                           .allow = sg_enforce_folder,
                           .data = session };

  return session->walls == 0
             ? sg_shares_new (sg_home_path (session->home), &places, &funcs, session)
             : NULL;
}

void
sg_share_calls_usable (SgSession *session)
{
  SgShareMachine machine = { 0 };

  if (session->shares == NULL || session->machine == NULL)
    return;
  machine.qmp = sg_machine_monitor (session->machine, &machine.cancellable);
  machine.agent = sg_machine_agent (session->machine);
  machine.process = sg_machine_process (session->machine);
  sg_shares_machine (session->shares, &machine);
}

/* TRUE when there is nothing to do but this answer. */
static gboolean
cannot (SgSession *session, GDBusMethodInvocation *invocation)
{
  const char *failure = sg_session1_get_failure (session->object);
  g_autofree char *walls = NULL;

  if (session->state < SG_STATE_ENDING && session->shares != NULL)
    return FALSE;
  if (session->state >= SG_STATE_ENDING)
    failure = failure != NULL && *failure != '\0' ? failure : "The sandbox is gone";
  else if (session->walls != 0)
    failure = walls = sg_namespace_words (session->walls);
  else
    failure = "The sandbox is only just beginning to start; try again";
  g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_FAILED,
                                                 failure);
  return TRUE;
}

static void
given (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  GError *error = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autofree char *place = sg_shares_give_finish (result, &warnings, &error);

  if (place == NULL)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s^as)", place, warnings));
}

static int
fd_of (GUnixFDList *fds, GVariant *handle, GError **error)
{
  return sg_passed_fd (fds, g_variant_get_handle (handle), "The call carries no descriptor", error);
}

static gboolean
on_share (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, GVariant *folder,
          const char *place, gboolean writable, SgSession *session)
{
  GError *error = NULL;
  sg_fd int fd = -1;

  if (cannot (session, invocation))
    return TRUE;
  fd = fd_of (fds, folder, &error);
  if (fd < 0)
    g_dbus_method_invocation_take_error (invocation, error);
  else
    sg_shares_give_async (session->shares, fd, place, writable, given, invocation);
  return TRUE;
}

static void
taken (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  GError *error = NULL;
  g_auto (GStrv) warnings = NULL;

  if (!sg_shares_take_finish (result, &warnings, &error))
    g_dbus_method_invocation_take_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(^as)", warnings));
}

static gboolean
on_unshare (SgSession1 *object, GDBusMethodInvocation *invocation, const char *what,
            SgSession *session)
{
  if (!cannot (session, invocation))
    sg_shares_take_async (session->shares, what, taken, invocation);
  return TRUE;
}

/* --- files that are lent: until their client has done, or is gone ---------------------------------
 */

#define LOANS "sandglass-loans" /* of a client: GPtrArray of places */

static void
lender_closed (GDBusConnection *client, gboolean vanished, GError *error, SgSession *session)
{
  GPtrArray *loans = g_object_get_data (G_OBJECT (client), LOANS);

  g_signal_handlers_disconnect_by_func (client, lender_closed, session);
  for (guint i = 0; i < loans->len && session->shares != NULL; i++)
    sg_shares_end_loan (session->shares, loans->pdata[i]);
  g_ptr_array_set_size (loans, 0);
}

static void
remember (SgSession *session, GDBusConnection *client, const char *place)
{
  GPtrArray *loans = g_object_get_data (G_OBJECT (client), LOANS);

  if (g_dbus_connection_is_closed (client))
    {
      sg_shares_end_loan (session->shares, place);
      return;
    }
  if (loans == NULL)
    {
      loans = g_ptr_array_new_with_free_func (g_free);
      g_object_set_data_full (G_OBJECT (client), LOANS, loans, (GDestroyNotify)g_ptr_array_unref);
      g_signal_connect (client, "closed", G_CALLBACK (lender_closed), session);
    }
  g_ptr_array_add (loans, g_strdup (place));
}

typedef struct
{
  SgSession *session;
  GDBusMethodInvocation *invocation; /* owned */
} Lending;

static void
lent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Lending *lending = data;
  GError *error = NULL;
  g_autofree char *place = sg_shares_lend_finish (result, &error);

  if (place == NULL)
    {
      g_dbus_method_invocation_take_error (lending->invocation, error);
      return;
    }
  remember (lending->session, g_dbus_method_invocation_get_connection (lending->invocation),
            place);
  g_dbus_method_invocation_return_value (lending->invocation, g_variant_new ("(s)", place));
}

static gboolean
on_lend (SgSession1 *object, GDBusMethodInvocation *invocation, GUnixFDList *fds, GVariant *file,
         SgSession *session)
{
  Lending *lending;
  GError *error = NULL;
  sg_fd int fd = -1;

  if (cannot (session, invocation))
    return TRUE;
  fd = fd_of (fds, file, &error);
  if (fd < 0)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return TRUE;
    }
  lending = g_new0 (Lending, 1);
  *lending = (Lending){ session, invocation };
  sg_shares_lend_async (session->shares, fd, lent, lending);
  return TRUE;
}

static gboolean
on_end_loan (SgSession1 *object, GDBusMethodInvocation *invocation, const char *place,
             SgSession *session)
{
  GDBusConnection *client = g_dbus_method_invocation_get_connection (invocation);
  GPtrArray *loans = g_object_get_data (G_OBJECT (client), LOANS);
  guint index;

  if (cannot (session, invocation))
    return TRUE;
  if (loans != NULL && g_ptr_array_find_with_equal_func (loans, place, g_str_equal, &index))
    {
      sg_shares_end_loan (session->shares, place);
      g_ptr_array_remove_index (loans, index);
    }
  sg_session1_complete_end_loan (object, invocation);
  return TRUE;
}

void
sg_share_calls_connect (SgSession *session)
{
  sg_session1_set_shares (session->object, g_variant_new ("a(ssb)", NULL));
  g_signal_connect (session->object, "handle-share", G_CALLBACK (on_share), session);
  g_signal_connect (session->object, "handle-unshare", G_CALLBACK (on_unshare), session);
  g_signal_connect (session->object, "handle-lend", G_CALLBACK (on_lend), session);
  g_signal_connect (session->object, "handle-end-loan", G_CALLBACK (on_end_loan), session);
}
