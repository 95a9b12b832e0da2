/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-look.h"

struct SgSessionLook
{
  GCancellable *cancellable; /* NULL: it is known */
  SgLook *look;              /* or NULL */
  void (*known) (gpointer data);
  gpointer data;
};

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  SgSessionLook *look = data;
  void (*known) (gpointer data);

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return; /* it is gone */
  look->look = sg_look_ask_finish (result);
  g_clear_object (&look->cancellable);
  known = g_steal_pointer (&look->known);
  if (known != NULL)
    known (look->data);
}

SgSessionLook *
sg_session_look_new (gboolean wanted)
{
  SgSessionLook *look = g_new0 (SgSessionLook, 1);

  if (wanted)
    {
      look->cancellable = g_cancellable_new ();
      sg_look_ask_async (look->cancellable, answered, look);
    }
  return look;
}

void
sg_session_look_free (SgSessionLook *look)
{
  if (look == NULL)
    return;
  if (look->cancellable != NULL)
    g_cancellable_cancel (look->cancellable);
  g_clear_object (&look->cancellable);
  sg_look_free (look->look);
  g_free (look);
}

gboolean
sg_session_look_granted (const SgGrants *grants, gboolean anonymous)
{
  return grants != NULL && sg_grants_number (grants, SG_SETTING_DESKTOP_LOOK) != 0 && !anonymous;
}

void
sg_session_look_await (SgSessionLook *look, void (*known) (gpointer data), gpointer data)
{
  if (look->cancellable == NULL)
    {
      known (data);
      return;
    }
  look->known = known;
  look->data = data;
}

const SgLook *
sg_session_look_get (const SgSessionLook *look)
{
  return look->look;
}
