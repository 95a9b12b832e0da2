/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/launcher-internal.h"

#include "ui/command.h"

#include <glib/gi18n.h>

/* --- what is missing on this computer --- */

static const SgCheck *
find_check (GPtrArray *checks, const char *id)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const SgCheck *check = g_ptr_array_index (checks, i);
      if (g_str_equal (check->id, id))
        return check;
    }
  return NULL;
}

static guint
count_missing (GPtrArray *checks)
{
  guint n = 0;

  for (guint i = 0; i < checks->len; i++)
    {
      const SgCheck *check = g_ptr_array_index (checks, i);
      n += check->required && !check->met;
    }
  return n;
}

static void
show_banner (SgLauncherWindow *self, const char *text)
{
  gtk_label_set_text (self->banner_text, text);
  gtk_revealer_set_reveal_child (self->banner, text != NULL);
}

static void
doctor_ended (SgCommand *command, JsonNode *answer, SgProblem *problem, gpointer data)
{
  g_autoptr (SgLauncherWindow) self = data;
  g_autoptr (GPtrArray) checks = sg_checks_parse (answer);
  const SgCheck *virtualization;
  guint missing;

  if (checks == NULL || sg_launcher_is_closed (self))
    return; /* Check This Computer tells about it */
  missing = count_missing (checks);
  virtualization = find_check (checks, "virtualization");
  if (virtualization != NULL)
    {
      gtk_label_set_text (self->check,
                          virtualization->met
                              ? _ ("Hardware virtualization: yes. Strong isolation.")
                              : _ ("Hardware virtualization: no. Slower, weaker isolation."));
      gtk_image_set_from_icon_name (
          self->check_icon, virtualization->met ? "emblem-ok-symbolic" : "dialog-warning-symbolic",
          GTK_ICON_SIZE_BUTTON);
      gtk_widget_show (GTK_WIDGET (self->check_icon));
    }
  if (missing > 0)
    {
      g_autofree char *text = g_strdup_printf (
          ngettext ("Something that sandboxes need is missing on this computer.",
                    "%u things that sandboxes need are missing on this computer.", missing),
          missing);
      gtk_button_set_label (self->banner_button, _ ("What to Do"));
      show_banner (self, text);
    }
  else if (virtualization != NULL && !virtualization->met)
    show_banner (self, _ ("Your computer's virtualization cannot be used. Sandboxes are slow and "
                          "less strongly separated."));
}

void
sg_launcher_run_doctor (SgLauncherWindow *self)
{
  g_autoptr (SgCommand) command
      = sg_command_start ((const char *const[]){ "doctor", "--json", "--translated", NULL }, FALSE);

  g_signal_connect (command, "ended", G_CALLBACK (doctor_ended), g_object_ref (self));
}
