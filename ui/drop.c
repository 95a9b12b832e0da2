/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/drop.h"

#include "ui/keeper-serve.h"
#include "ui/stand-on.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SgDrop
{
  GObject parent;
  SgViewerDisplay *target; /* owned */
  SgClipboard *clipboard; /* owned */
  SgKeeper *keeper;       /* owned */
};

G_DEFINE_TYPE (SgDrop, sg_drop, G_TYPE_OBJECT)

static guint told;

static void
tell (SgDrop *self, const char *words)
{
  g_signal_emit (self, told, 0, words);
}

static void
asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgDrop) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (sg_keeper_put_finish (SG_KEEPER (source), result, &error) || self->keeper == NULL)
    return;
  words = g_strdup_printf (_ ("Nothing was copied: %s"), error->message);
  tell (self, words);
}

static void
take_uris (SgDrop *self, char **uris)
{
  g_autoptr (GString) paths = g_string_new (NULL);
  guint n = 0;

  for (char **uri = uris; uri != NULL && *uri != NULL; uri++)
    {
      g_autofree char *path = g_filename_from_uri (*uri, NULL, NULL);

      if (path == NULL || *path != '/')
        {
          tell (self, _ ("Only files of this computer can be copied into a sandbox."));
          return;
        }
      g_string_append_len (paths, path, (gssize)strlen (path) + 1);
      n++;
    }
  if (n > SG_KEEPER_FILES_MAX)
    tell (self, _ ("These are too many files at once; copy the folder they are in."));
  if (n == 0 || n > SG_KEEPER_FILES_MAX)
    return;
  sg_viewer_display_leave (self->target); /* the question needs the keyboard */
  sg_keeper_put_async (self->keeper, paths->str, paths->len, sg_window_number (GTK_WIDGET (self->target)), asked,
                       g_object_ref (self));
}

static void
on_pasted (SgClipboard *clipboard, char **uris, gpointer data)
{
  take_uris (data, uris);
}

static gboolean
on_motion (GtkWidget *widget, GdkDragContext *context, int x, int y, guint time, gpointer data)
{
  SgDrop *self = data;
  gboolean files = gtk_drag_dest_find_target (widget, context, NULL) != GDK_NONE;

  gdk_drag_status (context, files && sg_clipboard_may_take_files (self->clipboard) ? GDK_ACTION_COPY : 0,
                   time);
  return TRUE;
}

static gboolean
on_drop (GtkWidget *widget, GdkDragContext *context, int x, int y, guint time, gpointer data)
{
  SgDrop *self = data;
  GdkAtom target = gtk_drag_dest_find_target (widget, context, NULL);

  if (target == GDK_NONE || !sg_clipboard_may_take_files (self->clipboard))
    gtk_drag_finish (context, FALSE, FALSE, time);
  else
    gtk_drag_get_data (widget, context, target, time);
  return TRUE;
}

static void
on_received (GtkWidget *widget, GdkDragContext *context, int x, int y, GtkSelectionData *selection,
             guint info, guint time, gpointer data)
{
  SgDrop *self = data;
  g_auto (GStrv) uris = gtk_selection_data_get_uris (selection);

  gtk_drag_finish (context, uris != NULL, FALSE, time);
  if (uris != NULL && sg_clipboard_may_take_files (self->clipboard))
    take_uris (self, uris);
}

static void
sg_drop_dispose (GObject *object)
{
  SgDrop *self = SG_DROP (object);

  g_clear_object (&self->clipboard);
  g_clear_object (&self->keeper);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (sg_drop_parent_class)->dispose (object);
}

static void
sg_drop_class_init (SgDropClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sg_drop_dispose;
  told = g_signal_new ("told", SG_TYPE_DROP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       G_TYPE_STRING);
}

static void
sg_drop_init (SgDrop *self)
{
}

SgDrop *
sg_drop_new (SgViewerDisplay *target, SgClipboard *clipboard, SgKeeper *keeper)
{
  SgDrop *self = g_object_new (SG_TYPE_DROP, NULL);

  self->target = g_object_ref (target);
  self->clipboard = g_object_ref (clipboard);
  self->keeper = g_object_ref (keeper);
  /* By hand: what GTK would do on its own takes a drop before it is known what it is. */
  gtk_drag_dest_set (GTK_WIDGET (target), 0, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (GTK_WIDGET (target));
  g_signal_connect_object (target, "drag-motion", G_CALLBACK (on_motion), self, 0);
  g_signal_connect_object (target, "drag-drop", G_CALLBACK (on_drop), self, 0);
  g_signal_connect_object (target, "drag-data-received", G_CALLBACK (on_received), self, 0);
  g_signal_connect_object (clipboard, "files", G_CALLBACK (on_pasted), self, 0);
  return self;
}
