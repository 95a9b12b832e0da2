/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/sandbox-internal.h"

#include "ui/words.h"

#include <glib/gi18n.h>

const char *
sg_sandbox_id (SgSandbox *sandbox)
{
  return sandbox->joined != NULL ? sandbox->joined : sg_link_id (sandbox->link);
}

SgLink *
sg_sandbox_link (SgSandbox *sandbox)
{
  return sandbox->link;
}

const char *
sg_sandbox_name (SgSandbox *sandbox)
{
  return sandbox->name != NULL && *sandbox->name != '\0' ? sandbox->name : _ ("Desktop");
}

static gboolean
has_window (SgSandbox *self)
{
  return self->viewer != NULL || sg_link_windows (self->link) > 0;
}

char *
sg_sandbox_describe (SgSandbox *sandbox)
{
  const char *state = sg_link_state (sandbox->link);
  gint64 started = sg_link_started_at (sandbox->link);
  g_autofree char *since = NULL;

  if (sandbox->closing)
    return g_strdup (_ ("Closing"));
  if (sg_link_has_stopped (sandbox->link))
    return g_strdup (_ ("Stopped; its files can be saved in its window"));
  if (!g_str_equal (state, "running") && *sg_link_stage (sandbox->link) != '\0')
    return sg_words_stage (sg_link_stage (sandbox->link));
  if (started == 0)
    return g_strdup (_ ("Starting"));
  since = sg_words_since (started, g_get_real_time ());
  if (sandbox->memory > 0)
    {
      g_autofree char *size = g_format_size_full (sandbox->memory, G_FORMAT_SIZE_IEC_UNITS);
      return g_strdup_printf (has_window (sandbox) ? "%s - %s" : _ ("%s - %s - no window"), size,
                              since);
    }
  if (!has_window (sandbox))
    return g_strdup_printf (_ ("%s - no window"), since);
  return g_steal_pointer (&since);
}

static void
memory_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgSandbox) self = data;

  self->measuring = FALSE;
  self->memory = sg_link_memory_finish (SG_LINK (source), result, NULL);
  g_signal_emit_by_name (self, "changed");
}

void
sg_sandbox_measure (SgSandbox *sandbox)
{
  if (sandbox->measuring || sandbox->over || sandbox->closing
      || !g_str_equal (sg_link_state (sandbox->link), "running"))
    return;
  sandbox->measuring = TRUE;
  sg_link_memory_async (sandbox->link, memory_known, g_object_ref (sandbox));
}
