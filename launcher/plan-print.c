/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/plan.h"

#include <json-glib/json-glib.h>

/* Where a plan shows the session's id, which is drawn at the start. */
#define ANY_ID "ID"
/* And the card's address. */
#define ANY_MAC "MAC"
/* And who prints. */
#define ANY_USER "USER"
static const SgPasstOptions any_passt = { .ipv4 = TRUE, .ipv6 = TRUE };

static gboolean
has_network (const SgPlan *plan)
{
  return plan->network != SG_NETWORK_NONE && plan->netgate != NULL;
}

/* The word for a shell, quoted only where it must be. */
static void
append_word (GString *text, const char *word)
{
  static const char plain[] = G_CSET_A_2_Z G_CSET_a_2_z "0123456789-_./=,:+%@";
  g_autofree char *quoted = NULL;

  if (*word != '\0' && word[strspn (word, plain)] == '\0')
    g_string_append (text, word);
  else
    {
      quoted = g_shell_quote (word);
      g_string_append (text, quoted);
    }
}

/* One option with its values on a line. */
static void
append_command (GString *text, const char *name, char **argv)
{
  g_string_append_printf (text, "\n%s:\n ", name);
  for (char **word = argv; *word != NULL; word++)
    {
      if (**word == '-' && word != argv)
        g_string_append (text, " \\\n   ");
      g_string_append_c (text, ' ');
      append_word (text, *word);
    }
  g_string_append_c (text, '\n');
}

static void
append_doors (GString *text, const char *name, const SgConfinement *confinement)
{
  g_string_append_printf (text, "\n%s sees, read-only:\n", name);
  for (guint i = 0; i < confinement->doors->len; i++)
    {
      const SgDoor *door = g_ptr_array_index (confinement->doors, i);
      g_string_append_printf (text, "  %s%s  (%s)\n", door->outside,
                              door->kind == SG_DOOR_DEVICE  ? " [device]"
                              : door->kind == SG_DOOR_WRITE ? " [writable]"
                                                            : "",
                              door->why);
    }
}

static void
append_network (GString *text, const SgPlan *plan)
{
  g_autofree char *allowed
      = sg_setting_words (sg_setting_info (SG_SETTING_NETWORK), plan->network, NULL);
  g_autofree char *hosts = plan->hosts != NULL && plan->network == SG_NETWORK_ALLOWLIST
                               ? g_strjoinv (", ", plan->hosts)
                               : NULL;

  if (plan->network == SG_NETWORK_NONE)
    g_string_append_printf (text,
                            "Network:     off  (no network card; no way to the network from any "
                            "part of the session; %s)\n",
                            plan->network_why);
  else
    g_string_append_printf (text, "Network:     %s%s%s  (%s%s)\n", allowed,
                            hosts != NULL ? ": " : "", hosts != NULL ? hosts : "",
                            plan->network_why,
                            plan->netgate == NULL ? "; passt is not installed, so there is none"
                                                  : "");
  if (plan->company_networks != NULL && plan->company_networks[0] != NULL)
    {
      g_autofree char *networks = g_strjoinv (", ", plan->company_networks);

      g_string_append_printf (text, "             and these local networks: %s\n", networks);
    }
}

static void
append_facts (GString *text, const SgPlan *plan)
{
  g_string_append_printf (text, "Title:       %s\n", plan->title);
  g_string_append_printf (text, "Start:       %s  (%s)\n",
                          plan->start == SG_START_CLONE ? "woken from a template" : "boots",
                          plan->start_why);
  g_string_append_printf (text, "Inside:      %s\n",
                          plan->text ? "commands only, no desktop" : "a desktop");
  g_string_append_printf (text, "Memory:      %u MB  (%s)\n", plan->memory_mb, plan->memory_why);
  g_string_append_printf (text, "Processors:  %u  (%s)\n", plan->cpus, plan->cpus_why);
  g_string_append_printf (text, "Accelerator: %s  (%s)\n",
                          plan->accel_known ? sg_accel_name (plan->accel) : "not known yet",
                          plan->accel_why);
  append_network (text, plan);
  g_string_append_printf (text, "Folders:     none of this computer's\n");
  g_string_append_printf (text, "Clipboard:   %s\n",
                          plan->clipboard ? "as granted, kept to by the sandbox's window" : "off");
  g_string_append_printf (text, "Devices:     screen, keyboard, pointer, random numbers%s%s%s%s\n",
                          plan->microphone ? ", microphone" : "",
                          plan->usb ? ", USB devices that you hand over" : "",
                          plan->camera ? ", a camera that you hand over" : "",
                          plan->nested ? ", virtual machines inside" : "");
  if (plan->usb || plan->camera)
    {
      const SgUsbGrants grants = sg_plan_usb_grants (plan);
      g_autofree char *filter = sg_usb_filter (&grants, NULL);

      g_string_append_printf (text,
                              "USB:         none until you hand one over, then that one alone; "
                              "filter=%s\n",
                              filter);
    }
  g_string_append_printf (text, "Printers:    %s\n",
                          plan->printers != NULL ? "this computer's, through a gate" : "none");
  g_string_append_printf (text, "Graphics:    %s%s\n",
                          plan->render_node != NULL ? "3D by the graphics card; the wall is weaker: "
                                                    : "computed by the processor",
                          plan->render_node != NULL ? plan->render_node : "");
  g_string_append_printf (text, "Base:        %s of %s\n", plan->base_digest, plan->base_root);
  g_string_append_printf (text, "Kernel:      %s  (%s)\n", plan->kernel_release, plan->kernel);
  g_string_append_printf (text,
                          "Disk:        %" G_GUINT64_FORMAT
                          " GiB at most, in a file without a name, "
                          "encrypted with a key that nobody keeps%s%s%s\n",
                          plan->disk_cap >> 30, plan->disk_why != NULL ? "  (" : "",
                          plan->disk_why != NULL ? plan->disk_why : "",
                          plan->disk_why != NULL ? ")" : "");
}

char *
sg_plan_text (const SgPlan *plan)
{
  g_auto (GStrv) qemu = sg_plan_qemu (plan, ANY_ID);
  g_auto (GStrv) nbdkit = sg_plan_nbdkit (plan);
  g_auto (GStrv) relay = sg_plan_relay (plan);
  GString *text = g_string_new (NULL);

  append_facts (text, plan);
  append_doors (text, "The machine (QEMU)", plan->confine_qemu);
  append_doors (text, "The server of the base (nbdkit)", plan->confine_nbdkit);
  append_doors (text, "The relay of commands", plan->confine_relay);
  append_command (text, "The machine's command line", qemu);
  append_command (text, "The server's command line", nbdkit);
  append_command (text, "The relay's command line", relay);
  if (has_network (plan))
    {
      g_auto (GStrv) netgate = sg_plan_netgate (plan, ANY_MAC);
      g_auto (GStrv) passt = sg_plan_passt (plan, &any_passt);

      append_doors (text, "The network gate", plan->confine_netgate);
      append_doors (text, "passt, where the host's network is,", plan->confine_passt);
      append_command (text, "The network gate's command line", netgate);
      append_command (text, "passt's command line", passt);
    }
  if (plan->printers != NULL)
    {
      g_auto (GStrv) printgate = sg_plan_printgate (plan, ANY_USER);

      append_doors (text, "The gate to the printers", plan->confine_printgate);
      append_command (text, "The command line of the gate to the printers", printgate);
    }
  if (plan->usbgate != NULL)
    {
      g_auto (GStrv) usbgate = sg_plan_usbgate (plan);

      append_doors (text, "The gate of a USB device that you hand over", plan->confine_usbgate);
      append_command (text, "The command line of the gate of a USB device", usbgate);
    }
  return g_string_free (text, FALSE);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void
set_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
}

static void
set_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)value);
}

static void
set_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_doors (JsonBuilder *builder, const SgConfinement *confinement)
{
  static const char *const kinds[] = { [SG_DOOR_READ] = "read",
                                       [SG_DOOR_READ_IF_THERE] = "read-if-there",
                                       [SG_DOOR_WRITE] = "write",
                                       [SG_DOOR_DEVICE] = "device",
                                       [SG_DOOR_FOLLOW] = "follow" };

  json_builder_set_member_name (builder, "sees");
  json_builder_begin_array (builder);
  for (guint i = 0; i < confinement->doors->len; i++)
    {
      const SgDoor *door = g_ptr_array_index (confinement->doors, i);
      json_builder_begin_object (builder);
      set_string (builder, "kind", kinds[door->kind]);
      set_string (builder, "path", door->outside);
      set_string (builder, "inside", door->inside);
      set_string (builder, "why", door->why);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* Takes ARGV. */
static void
add_process (JsonBuilder *builder, const char *name, const SgConfinement *confinement, char **argv)
{
  json_builder_begin_object (builder);
  set_string (builder, "name", name);
  add_doors (builder, confinement);
  json_builder_set_member_name (builder, "command");
  json_builder_begin_array (builder);
  for (char **word = argv; *word != NULL; word++)
    {
      g_autofree char *valid = g_utf8_make_valid (*word, -1);
      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_strfreev (argv);
}

static void
add_facts (JsonBuilder *builder, const SgPlan *plan)
{
  set_string (builder, "title", plan->title);
  set_string (builder, "start",
              plan->start == SG_START_CLONE     ? "template"
              : plan->start == SG_START_PREPARE ? "prepare"
                                                : "cold");
  set_string (builder, "start-reason", plan->start_why);
  set_bool (builder, "desktop", !plan->text);
  set_int (builder, "memory-mb", plan->memory_mb);
  set_string (builder, "memory-reason", plan->memory_why);
  set_int (builder, "cpus", plan->cpus);
  set_string (builder, "cpus-reason", plan->cpus_why);
  set_string (builder, "accelerator", plan->accel_known ? sg_accel_name (plan->accel) : "unknown");
  set_string (builder, "accelerator-reason", plan->accel_why);
  g_autofree char *network
      = sg_setting_words (sg_setting_info (SG_SETTING_NETWORK), plan->network, NULL);

  set_string (builder, "network",
              plan->network == SG_NETWORK_NONE || plan->netgate == NULL ? "off" : network);
  set_string (builder, "network-reason", plan->network_why);
  set_bool (builder, "microphone", plan->microphone);
  set_bool (builder, "usb", plan->usb);
  set_bool (builder, "camera", plan->camera);
  set_bool (builder, "nested-virtualization", plan->nested);
  set_bool (builder, "printers", plan->printers != NULL);
  set_bool (builder, "vgpu", plan->render_node != NULL);
  set_string (builder, "clipboard", plan->clipboard ? "window" : "off");
  set_string (builder, "base", plan->base_digest);
  set_string (builder, "base-root", plan->base_root);
  set_string (builder, "kernel", plan->kernel);
  set_string (builder, "kernel-release", plan->kernel_release);
  set_int (builder, "disk-bytes", plan->disk_cap);
}

char *
sg_plan_json (const SgPlan *plan)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_facts (builder, plan);
  json_builder_set_member_name (builder, "processes");
  json_builder_begin_array (builder);
  add_process (builder, "qemu", plan->confine_qemu, sg_plan_qemu (plan, ANY_ID));
  add_process (builder, "nbdkit", plan->confine_nbdkit, sg_plan_nbdkit (plan));
  add_process (builder, "relay", plan->confine_relay, sg_plan_relay (plan));
  if (has_network (plan))
    {
      add_process (builder, "netgate", plan->confine_netgate, sg_plan_netgate (plan, ANY_MAC));
      add_process (builder, "passt", plan->confine_passt, sg_plan_passt (plan, &any_passt));
    }
  if (plan->printers != NULL)
    add_process (builder, "printgate", plan->confine_printgate,
                 sg_plan_printgate (plan, ANY_USER));
  if (plan->usbgate != NULL)
    add_process (builder, "usbgate", plan->confine_usbgate, sg_plan_usbgate (plan));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}
