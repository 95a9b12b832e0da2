/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session has told of itself. */
#include "ui/link-internal.h"

static const char *
text (SgLink *self, const char *name)
{
  const char *value = g_hash_table_lookup (self->texts, name);

  return value != NULL ? value : "";
}

const char *
sg_link_id (SgLink *link)
{
  return text (link, "Id");
}

const char *
sg_link_state (SgLink *link)
{
  return text (link, "State");
}

const char *
sg_link_stage (SgLink *link)
{
  return text (link, "Stage");
}

const char *
sg_link_title (SgLink *link)
{
  return text (link, "Title");
}

const char *
sg_link_accelerator (SgLink *link)
{
  return text (link, "Accelerator");
}

const char *
sg_link_accelerator_reason (SgLink *link)
{
  return text (link, "AcceleratorReason");
}

const char *
sg_link_grants (SgLink *link)
{
  return text (link, "Grants");
}

const char *
sg_link_network (SgLink *link)
{
  return text (link, "NetworkMode");
}

GVariant *
sg_link_shares (SgLink *link)
{
  return link->shares;
}

guint
sg_link_transfers (SgLink *link)
{
  return link->transfers;
}

GVariant *
sg_link_usb_devices (SgLink *link)
{
  return link->usb;
}

gint64
sg_link_started_at (SgLink *link)
{
  return link->started_at;
}

guint
sg_link_windows (SgLink *link)
{
  return link->windows;
}

gboolean
sg_link_is_over (SgLink *link)
{
  const char *state = sg_link_state (link);

  return link->broken != NULL || g_str_equal (state, "ending") || g_str_equal (state, "gone");
}

gboolean
sg_link_has_stopped (SgLink *link)
{
  return link->broken == NULL && g_str_equal (sg_link_state (link), "stopped");
}

const char *
sg_link_failure (SgLink *link)
{
  const char *failure = text (link, "Failure");
  const char *state = sg_link_state (link);

  if (*failure != '\0')
    return failure;
  /* A session that says goodbye ("ending", "gone") may close its connection. */
  if (link->broken != NULL && !link->discarding && !g_str_equal (state, "gone")
      && !g_str_equal (state, "ending"))
    return link->broken;
  return NULL;
}

char *
sg_link_details (SgLink *link)
{
  return g_strdup_printf ("Sandbox %s\nState: %s\nStage: %s\nFailure: %s\nAccelerator: %s (%s)\n"
                          "Connection: %s",
                          sg_link_id (link), sg_link_state (link), sg_link_stage (link),
                          text (link, "Failure"), sg_link_accelerator (link),
                          sg_link_accelerator_reason (link),
                          link->broken != NULL ? link->broken : "open");
}
