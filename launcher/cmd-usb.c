/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list says for each device whether it may be given, by the rule that the session holds
 * (usb-device.h), so that a window can show it before anybody tries. */
#include "launcher/cmd-usb.h"

#include "common/fd.h"
#include "common/json-members.h"
#include "common/report.h"
#include "launcher/client.h"
#include "launcher/usb-open.h"

#include <gio/gunixfdlist.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

/* The kernel may look for a driver for some seconds. */
#define TAKE_MSEC 30000

typedef struct
{
  SgUsbGrants grants;
  GVariant *given; /* a(ssb), owned: what the sandbox has */
} Sandbox;

static void
sandbox_clear (Sandbox *sandbox)
{
  g_clear_pointer (&sandbox->given, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sandbox, sandbox_clear)

/* --- what the session says ----------------------------------------------------------------------
 */

static JsonObject *
object_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gboolean
is_on (JsonObject *settings, const char *name)
{
  JsonObject *setting = object_member (settings, name);
  JsonNode *value = setting != NULL ? json_object_get_member (setting, "value") : NULL;

  return value != NULL && json_node_get_value_type (value) == G_TYPE_STRING
         && g_str_equal (json_node_get_string (value), "on");
}

static gboolean
ask (GDBusConnection *connection, Sandbox *sandbox, GError **error)
{
  g_autoptr (GVariant) properties = sg_client_properties (connection, error);
  g_autoptr (GVariantDict) facts = properties != NULL ? g_variant_dict_new (properties) : NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *grants = "";
  JsonObject *settings = NULL;
  JsonNode *root;

  if (facts == NULL)
    return FALSE;
  g_variant_dict_lookup (facts, "Grants", "&s", &grants);
  if (json_parser_load_from_data (parser, grants, -1, NULL)
      && (root = json_parser_get_root (parser)) != NULL && JSON_NODE_HOLDS_OBJECT (root))
    settings = object_member (json_node_get_object (root), "settings");
  sandbox->grants = (SgUsbGrants){ is_on (settings, "usb"), is_on (settings, "video-input"),
                                   is_on (settings, "audio-input") };
  sandbox->given = g_variant_dict_lookup_value (facts, "UsbDevices", G_VARIANT_TYPE ("a(ssb)"));
  return TRUE;
}

static gboolean
has (const Sandbox *sandbox, const char *at)
{
  GVariantIter iter;
  const char *where;

  if (sandbox->given == NULL)
    return FALSE;
  g_variant_iter_init (&iter, sandbox->given);
  while (g_variant_iter_next (&iter, "(&s&sb)", &where, NULL, NULL))
    if (g_str_equal (where, at))
      return TRUE;
  return FALSE;
}

static char *
why_not (const Sandbox *sandbox, const SgUsbFound *found)
{
  const char *why = found->known ? sg_usb_device_why_not (&found->device, &sandbox->grants)
                                 : "It does not say what it is.";

  if (why != NULL || found->mounted == NULL)
    return g_strdup (why);
  return g_strdup_printf ("This computer uses its disk (%s); eject it first.", found->mounted);
}

/* --- the list -----------------------------------------------------------------------------------
 */

static void
print_text (const Sandbox *sandbox, GPtrArray *list)
{
  if (list->len == 0)
    puts ("There is no USB device at this computer.");
  for (guint i = 0; i < list->len; i++)
    {
      const SgUsbFound *found = list->pdata[i];
      g_autofree char *why = why_not (sandbox, found);

      printf ("%-8s  %-28s  %s%s%s\n", found->port,
              found->known ? sg_usb_device_kind (&found->device) : "Unknown", found->name,
              has (sandbox, found->at) ? "  [in the sandbox]"
              : why != NULL            ? "\n          "
                                       : "",
              has (sandbox, found->at) || why == NULL ? "" : why);
    }
}

static void
print_json (const Sandbox *sandbox, GPtrArray *list)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    {
      const SgUsbFound *found = list->pdata[i];
      g_autofree char *why = why_not (sandbox, found);

      json_builder_begin_object (builder);
      sg_json_text (builder, "port", found->port);
      sg_json_text (builder, "at", found->at);
      sg_json_text (builder, "name", found->name);
      sg_json_text (builder, "kind", found->known ? sg_usb_device_kind (&found->device) : NULL);
      sg_json_flag (builder, "camera",
                    found->known && sg_usb_device_has (&found->device, SG_USB_CLASS_VIDEO));
      sg_json_flag (builder, "given", has (sandbox, found->at));
      sg_json_text (builder, "disk-in-use", found->mounted);
      sg_json_text (builder, "why-not", has (sandbox, found->at) ? NULL : why);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  sg_json_print (builder, TRUE);
}

/* --- giving and taking --------------------------------------------------------------------------
 */

static gboolean
give (GDBusConnection *connection, const Sandbox *sandbox, const SgUsbFound *found, GError **error)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  g_autofree char *why = why_not (sandbox, found);
  g_autoptr (GVariant) reply = NULL;
  sg_fd int device = -1;
  int index;

  if (why != NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s: %s", found->name, why);
      return FALSE;
    }
  device = sg_usb_open (found, error);
  index = device >= 0 ? g_unix_fd_list_append (fds, device, error) : -1;
  if (index < 0)
    return FALSE;
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      connection, NULL, SG_CLIENT_PATH, SG_CLIENT_INTERFACE, "GiveUsb",
      g_variant_new ("(hs)", index, found->name), G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE,
      TAKE_MSEC, fds, NULL, NULL, error);
  if (reply == NULL && error != NULL)
    g_dbus_error_strip_remote_error (*error);
  return reply != NULL;
}

/* WORD may be the number of a device that was unplugged meanwhile. */
static gboolean
take (GDBusConnection *connection, GPtrArray *list, const char *word, GError **error)
{
  const SgUsbFound *found = sg_usb_find (list, word, NULL);
  g_autoptr (GVariant) reply = sg_client_call (
      connection, "TakeUsb", g_variant_new ("(s)", found != NULL ? found->at : word),
      G_VARIANT_TYPE ("()"), TAKE_MSEC, error);

  return reply != NULL;
}

static gboolean
act (const char *id, const char *verb, const char *word, gboolean json, GError **error)
{
  g_autofree char *whole = sg_client_resolve (id, error);
  g_autoptr (GDBusConnection) connection = whole != NULL ? sg_client_connect (whole, error) : NULL;
  g_autoptr (GPtrArray) list = sg_usb_list ("/");
  g_auto (Sandbox) sandbox = { 0 };
  const SgUsbFound *found;

  if (connection == NULL)
    return FALSE;
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  if (!ask (connection, &sandbox, error))
    return FALSE;
  if (verb == NULL && json)
    print_json (&sandbox, list);
  else if (verb == NULL)
    print_text (&sandbox, list);
  else if (g_str_equal (verb, "take"))
    return take (connection, list, word, error);
  else
    return (found = sg_usb_find (list, word, error)) != NULL
           && give (connection, &sandbox, found, error);
  return TRUE;
}

int
sg_cmd_usb (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, "For programs", NULL }, { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new ("ID [give DEVICE | take DEVICE]");
  g_auto (GStrv) words = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  guint n;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (
      context,
      "This computer's USB devices, and which of them an open sandbox has; gives it one, or\n"
      "takes it back. DEVICE is where it is plugged in (1-2), as the list shows it. What\n"
      "may be given is what the sandbox is granted: USB devices, or only cameras.");
  if (!g_option_context_parse_strv (context, &words, &error))
    {
      sg_report (error);
      return SG_EXIT_USAGE;
    }
  n = g_strv_length (words);
  if (n != 2
      && (n != 4 || json || (!g_str_equal (words[2], "give") && !g_str_equal (words[2], "take"))))
    {
      sg_report_text ("usb takes the id of a sandbox, and maybe `give` or `take` with a device; "
                      "`sandglass list` shows the sandboxes that are open");
      return SG_EXIT_USAGE;
    }
  if (act (words[1], n == 4 ? words[2] : NULL, n == 4 ? words[3] : NULL, json, &error))
    return SG_EXIT_OK;
  sg_report (error);
  return SG_EXIT_FAILED;
}
