/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/viewer-network.h"

#include "ui/allowed.h"

#include <glib/gi18n.h>

struct _SgViewerNetwork
{
  GObject parent;
  SgLink *link;          /* owned */
  GSimpleAction *action; /* owned; its state is the mode that holds */
  GMenu *menu;           /* owned */
  char *shown;           /* owned: what the menu was made of */
  char *administrator;   /* owned; NULL: nothing is denied */
  gboolean switching;
};

G_DEFINE_TYPE (SgViewerNetwork, sg_viewer_network, G_TYPE_OBJECT)

enum
{
  CHANGED,
  TOLD,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* From the narrowest to the widest; "allowlist" needs a list, which only a profile has. */
static const struct
{
  const char *mode, *label, *icon;
  gboolean offered;
} modes[] = {
  { "off", N_ ("Off"), "network-offline-symbolic", TRUE },
  { "allowlist", N_ ("Only listed sites"), "web-browser-symbolic", FALSE },
  { "internet", N_ ("Internet"), "web-browser-symbolic", TRUE },
  { "lan", N_ ("Internet and local network"), "web-browser-symbolic", TRUE },
};

static int
find (const char *mode)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (g_strcmp0 (mode, modes[i].mode) == 0)
      return (int)i;
  return -1;
}

const char *
sg_viewer_network_label (SgViewerNetwork *network)
{
  int i = find (sg_link_network (network->link));

  return i >= 0 ? _ (modes[i].label) : NULL;
}

gboolean
sg_viewer_network_is_on (SgViewerNetwork *network)
{
  return find (sg_link_network (network->link)) > 0;
}

const char *
sg_viewer_network_icon (SgViewerNetwork *network)
{
  int i = find (sg_link_network (network->link));

  return i >= 0 ? modes[i].icon : NULL;
}

const char *
sg_viewer_network_administrator (SgViewerNetwork *network)
{
  return network->administrator;
}

GMenuModel *
sg_viewer_network_menu (SgViewerNetwork *network)
{
  return G_MENU_MODEL (network->menu);
}

/* --- the menu --- */

static void
fill (SgViewerNetwork *self)
{
  g_autoptr (SgAllowed) allowed = sg_allowed_find (sg_link_grants (self->link), "networking");
  g_autoptr (GMenu) choices = g_menu_new ();
  g_autoptr (GMenu) why = g_menu_new ();
  g_autoptr (GMenu) places = g_menu_new ();
  const char *now = sg_link_network (self->link);
  int widest = allowed->administrator != NULL ? find (allowed->value) : -1;

  g_free (self->administrator);
  self->administrator = g_strdup (widest >= 0 ? allowed->administrator : NULL);
  g_menu_remove_all (self->menu);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *action = g_strdup_printf ("view.network::%s", modes[i].mode);

      if (!modes[i].offered && g_strcmp0 (now, modes[i].mode) != 0
          && g_strcmp0 (allowed->value, modes[i].mode) != 0)
        continue;
      if (widest >= 0 && (int)i > widest)
        g_menu_append (choices, _ (modes[i].label), "view.denied"); /* no such action */
      else
        g_menu_append (choices, _ (modes[i].label), action);
    }
  g_menu_append_section (self->menu, NULL, G_MENU_MODEL (choices));
  g_menu_append (places, _ ("Places _Contacted…"), "view.places");
  g_menu_append_section (self->menu, NULL, G_MENU_MODEL (places));
  if (widest < 0)
    return;
  g_menu_append (why, allowed->administrator, "view.denied");
  g_menu_append_section (self->menu, NULL, G_MENU_MODEL (why));
}

static void
on_link_changed (SgLink *link, gpointer data)
{
  SgViewerNetwork *self = data;
  const char *mode = sg_link_network (link);
  g_autofree char *shown = g_strdup_printf ("%s\n%s", mode, sg_link_grants (link));

  if (g_strcmp0 (shown, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&shown);
  g_simple_action_set_state (self->action, g_variant_new_string (mode));
  g_simple_action_set_enabled (self->action, find (mode) >= 0 && !self->switching);
  fill (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- switching --- */

static void
switched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SgViewerNetwork) self = data;
  g_autoptr (GError) error = NULL;

  self->switching = FALSE;
  g_simple_action_set_enabled (self->action, TRUE);
  if (!sg_link_set_network_finish (SG_LINK (source), result, &error)
      && !sg_link_is_over (self->link))
    g_signal_emit (self, signals[TOLD], 0, error->message);
}

/* The state changes when the session says that it holds. */
static void
on_activate (GSimpleAction *action, GVariant *target, gpointer data)
{
  SgViewerNetwork *self = data;
  const char *mode = g_variant_get_string (target, NULL);

  if (self->switching || find (mode) < 0 || g_str_equal (mode, sg_link_network (self->link)))
    return;
  self->switching = TRUE;
  g_simple_action_set_enabled (action, FALSE);
  sg_link_set_network_async (self->link, mode, switched, g_object_ref (self));
}

/* --- the object --- */

static void
sg_viewer_network_finalize (GObject *object)
{
  SgViewerNetwork *self = SG_VIEWER_NETWORK (object);

  g_clear_object (&self->link);
  g_clear_object (&self->action);
  g_clear_object (&self->menu);
  g_free (self->shown);
  g_free (self->administrator);
  G_OBJECT_CLASS (sg_viewer_network_parent_class)->finalize (object);
}

static void
sg_viewer_network_class_init (SgViewerNetworkClass *class)
{
  GType type = SG_TYPE_VIEWER_NETWORK;

  G_OBJECT_CLASS (class)->finalize = sg_viewer_network_finalize;
  signals[CHANGED]
      = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TOLD] = g_signal_new ("told", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_STRING);
}

static void
sg_viewer_network_init (SgViewerNetwork *self)
{
  self->menu = g_menu_new ();
}

SgViewerNetwork *
sg_viewer_network_new (SgLink *link, GActionMap *actions)
{
  SgViewerNetwork *self = g_object_new (SG_TYPE_VIEWER_NETWORK, NULL);

  self->link = g_object_ref (link);
  self->action
      = g_simple_action_new_stateful ("network", G_VARIANT_TYPE_STRING, g_variant_new_string (""));
  g_signal_connect_object (self->action, "activate", G_CALLBACK (on_activate), self, 0);
  g_action_map_add_action (actions, G_ACTION (self->action));
  g_signal_connect_object (link, "changed", G_CALLBACK (on_link_changed), self, 0);
  on_link_changed (link, self);
  return self;
}
