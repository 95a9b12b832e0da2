/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants in words: exact ones for the command line, everyday ones for the app. */
#include "common/report.h"
#include "policies/grants-internal.h"

#include <glib/gi18n.h>
#include <string.h>

/* ---- reasons */

static const char *
decider_word (SgDecider who)
{
  static const char *const words[]
      = { "default", "profile", "policy", "this computer", "your answer", "Sandglass" };

  return words[who];
}

char *
sg_reason_text (const SgReason *reason)
{
  GString *out = g_string_new (decider_word (reason->who));

  if (reason->file != NULL)
    g_string_append_printf (out, ": %s", reason->file);
  if (reason->file != NULL && reason->line > 0)
    g_string_append_printf (out, ":%u", reason->line);
  if (reason->rule != NULL)
    g_string_append_printf (out, "%s %s", reason->file != NULL ? "," : ":", reason->rule);
  if (reason->asked != NULL)
    g_string_append_printf (out, "; asked: %s", reason->asked);
  if (reason->note != NULL)
    g_string_append_printf (out, "; %s", reason->note);
  return g_string_free (out, FALSE);
}

static char *
short_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return sg_printable_line (base);
}

char *
sg_reason_sentence (const SgReason *reason)
{
  g_autofree char *file = reason->file != NULL ? short_name (reason->file) : NULL;
  g_autofree char *note = reason->note != NULL ? sg_printable_line (reason->note) : NULL;

  switch (reason->who)
    {
    case SG_BY_POLICY:
      if (file != NULL && reason->line > 0)
        return g_strdup_printf (_ ("Set by your administrator (%s, line %u)."), file, reason->line);
      return file != NULL ? g_strdup_printf (_ ("Set by your administrator (%s)."), file)
                          : g_strdup (_ ("Set by your administrator."));
    case SG_BY_PROFILE:
      return file != NULL && reason->line > 0
                 ? g_strdup_printf (_ ("As %s asks (line %u)."), file, reason->line)
                 : g_strdup (_ ("As was asked."));
    case SG_BY_COMPUTER:
      return note != NULL ? g_strdup_printf (_ ("Because of this computer: %s."), note)
                          : g_strdup (_ ("Because of this computer."));
    case SG_BY_PERSON:
      return g_strdup (_ ("As you have answered."));
    case SG_BY_PRODUCT:
      return g_strdup (_ ("Always so."));
    case SG_BY_DEFAULT:
      break;
    }
  return g_strdup (_ ("As usual."));
}

/* ---- the report */

static void
line (GString *out, const char *name, const char *value, const SgReason *reason)
{
  g_autofree char *why = sg_reason_text (reason);
  g_autofree char *shown = g_strdup_printf ("%s: %s  (%s)", name, value, why);
  g_autofree char *safe = sg_printable_line (shown);

  g_string_append_printf (out, "%s\n", safe);
}

static void
folder_line (GString *out, const SgGrantedFolder *folder)
{
  const char *access = !folder->granted   ? "not given"
                       : folder->writable ? "may change"
                                          : "read-only";
  g_autofree char *value = folder->granted ? g_strdup_printf ("%s -> %s, %s", folder->host_path,
                                                              folder->sandbox_path, access)
                                           : g_strdup_printf ("%s, %s", folder->host_path, access);

  line (out, "folder", value, &folder->reason);
}

static void
company_lines (GString *out, const SgGrants *grants)
{
  g_autofree char *networks = g_strjoinv (", ", grants->company_networks);
  g_autofree char *domains = g_strjoinv (", ", grants->company_domains);

  line (out, "company-networks", *networks != '\0' ? networks : "none", &grants->company_reason);
  if (*domains != '\0')
    line (out, "company-domains", domains, &grants->company_reason);
}

char *
sg_grants_text_report (const SgGrants *grants)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (SgSetting i = 0; i < SG_SETTING_MAX; i++)
    {
      const SgSettingInfo *info = sg_setting_info (i);
      const SgGrant *grant = &grants->settings[i];
      g_autofree char *value = sg_setting_words (info, grant->value, grant->text);

      line (out, info->name, value, &grant->reason);
      if (i == SG_SETTING_NETWORK && grants->hosts[0] != NULL)
        {
          g_autofree char *hosts = g_strjoinv (", ", grants->hosts);
          line (out, "allowed-hosts", hosts, &grants->hosts_reason);
        }
      if (i == SG_SETTING_NETWORK && grants->company_asked)
        company_lines (out, grants);
    }
  for (guint i = 0; i < grants->folders->len; i++)
    folder_line (out, grants->folders->pdata[i]);
  for (guint i = 0; i < grants->commands->len; i++)
    {
      const SgGrantedCommand *command = grants->commands->pdata[i];
      g_autofree char *value
          = g_strdup_printf ("%s%s%s", command->command, command->root ? ", as root" : "",
                             command->granted ? "" : ", not run");
      line (out, "command", value, &command->reason);
    }
  g_string_append_printf (out, "may-run: %s\n", grants->may_run ? "yes" : "no");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* ---- sentences */

#define NAMED_MOST 5 /* further folders and commands are counted */

static void
say (GPtrArray *out, const char *sentence)
{
  g_ptr_array_add (out, g_strdup (sentence));
}

static void G_GNUC_PRINTF (2, 3) sayf (GPtrArray *out, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (out, sg_printable_line (text));
}

static void
say_network (GPtrArray *out, const SgGrants *grants)
{
  g_autofree char *hosts = NULL;

  switch ((SgNetwork)sg_grants_number (grants, SG_SETTING_NETWORK))
    {
    case SG_NETWORK_NONE:
      say (out, _ ("It has no network."));
      break;
    case SG_NETWORK_PRIVATE:
      say (out, _ ("It can reach your other sandboxes, and nothing else."));
      break;
    case SG_NETWORK_ALLOWLIST:
      if (g_strv_length (grants->hosts) <= NAMED_MOST)
        {
          hosts = g_strjoinv (", ", grants->hosts);
          sayf (out, _ ("It can reach only these on the internet: %s."), hosts);
        }
      else
        sayf (out, _ ("It can reach only %u listed places on the internet."),
              g_strv_length (grants->hosts));
      break;
    case SG_NETWORK_INTERNET:
      say (out, _ ("It can reach the internet, not your local network."));
      break;
    case SG_NETWORK_LAN:
      say (out, _ ("It can reach the internet and your local network: printers, other computers, "
                   "your router."));
      break;
    }
}

static void
say_company (GPtrArray *out, const SgGrants *grants)
{
  guint n = g_strv_length (grants->company_networks);
  g_autofree char *networks = g_strjoinv (", ", grants->company_networks);

  if (n > NAMED_MOST)
    sayf (out, _ ("It can reach %u local networks besides."), n);
  else if (n > 0)
    sayf (out, _ ("It can reach these local networks besides: %s."), networks);
}

static char *
shown_path (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize len = strlen (home);

  if (len > 1 && strncmp (path, home, len) == 0 && (path[len] == '/' || path[len] == '\0'))
    return g_strconcat ("~", path + len, NULL);
  return g_strdup (path);
}

static void
say_folders (GPtrArray *out, const SgGrants *grants)
{
  guint given = 0, changeable = 0, refused = 0;

  for (guint i = 0; i < grants->folders->len; i++)
    {
      const SgGrantedFolder *folder = grants->folders->pdata[i];
      g_autofree char *path = shown_path (folder->host_path);

      refused += !folder->granted;
      if (!folder->granted)
        continue;
      changeable += folder->writable && given >= NAMED_MOST;
      if (given++ >= NAMED_MOST)
        continue;
      if (folder->ask_write)
        sayf (out, _ ("It can read %s; whether it may change it is for you to say."), path);
      else
        sayf (out, folder->writable ? _ ("It can read and change %s.") : _ ("It can read %s."),
              path);
    }
  if (given > NAMED_MOST)
    sayf (out, _ ("It can read %u more folders, and change %u of them."), given - NAMED_MOST,
          changeable);
  if (given == 0)
    say (out, _ ("It cannot see your files."));
  if (refused > 0)
    sayf (out, _ ("%u of the folders asked for are not given."), refused);
}

static void
say_commands (GPtrArray *out, const SgGrants *grants)
{
  guint said = 0, more = 0;

  for (guint i = 0; i < grants->commands->len; i++)
    {
      const SgGrantedCommand *command = grants->commands->pdata[i];

      if (!command->granted)
        continue;
      if (said++ < NAMED_MOST)
        sayf (out,
              command->root ? _ ("At its start it runs, as administrator inside: %s")
                            : _ ("At its start it runs: %s"),
              command->command);
      else
        more++;
    }
  if (more > 0)
    sayf (out, _ ("It runs %u more commands at its start."), more);
}

static void
say_clipboard (GPtrArray *out, const SgGrants *grants)
{
  gboolean in = sg_grants_number (grants, SG_SETTING_CLIPBOARD_IN) != SG_CLIPBOARD_OFF;
  gint64 back = sg_grants_number (grants, SG_SETTING_CLIPBOARD_OUT);

  say (out, in ? _ ("What you paste into it, it gets.") : _ ("Nothing can be pasted into it."));
  say (out, back == SG_CLIPBOARD_ALLOW ? _ ("It can put things on your clipboard without asking.")
            : back == SG_CLIPBOARD_ASK ? _ ("It can put things on your clipboard when you agree.")
                                       : _ ("Nothing can be copied out of it."));
}

static void
say_devices (GPtrArray *out, const SgGrants *grants)
{
  const struct
  {
    SgSetting setting;
    const char *yes;
  } devices[] = {
    { SG_SETTING_AUDIO_INPUT, _ ("It can listen to your microphone.") },
    { SG_SETTING_VIDEO_INPUT, _ ("It can use your camera.") },
    { SG_SETTING_USB, _ ("You can hand USB devices over to it.") },
    { SG_SETTING_PRINTERS, _ ("It can print on your printers.") },
    { SG_SETTING_VGPU, _ ("It can use your graphics card: faster, and the wall around it is "
                          "weaker.") },
    { SG_SETTING_NESTED_VIRTUALIZATION,
      _ ("It can run virtual machines of its own: the wall around it is weaker.") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    if (sg_grants_number (grants, devices[i].setting))
      say (out, devices[i].yes);
  if (!sg_grants_number (grants, SG_SETTING_AUDIO_INPUT)
      && !sg_grants_number (grants, SG_SETTING_VIDEO_INPUT))
    say (out, _ ("It can neither hear nor see you."));
}

static void
say_rest (GPtrArray *out, const SgGrants *grants)
{
  const char *open = sg_grants_text (grants, SG_SETTING_OPEN);
  const char *program = sg_grants_text (grants, SG_SETTING_PROGRAM);
  const char *base = sg_grants_text (grants, SG_SETTING_BASE);

  if (open != NULL)
    {
      g_autofree char *path = shown_path (open);
      sayf (out, _ ("It opens %s."), path);
    }
  if (program != NULL)
    sayf (out, _ ("One program has its whole window: %s"), program);
  if (base != NULL)
    sayf (out, _ ("It starts from \"%s\", not from a copy of this computer."), base);
  if (!sg_grants_number (grants, SG_SETTING_RESCUE))
    say (out, _ ("No files can be saved out of it."));
  if (sg_grants_number (grants, SG_SETTING_LIFETIME) == SG_LIFETIME_IDLE)
    sayf (out, _ ("It ends when nobody has used it for %d minutes."),
          (int)sg_grants_number (grants, SG_SETTING_IDLE_MINUTES));
}

/* What was asked for and this computer cannot do. */
static void
say_impossible (GPtrArray *out, const SgGrants *grants)
{
  const SgReason *vgpu = &grants->settings[SG_SETTING_VGPU].reason;
  const SgReason *printers = &grants->settings[SG_SETTING_PRINTERS].reason;
  const SgGrant *locale = &grants->settings[SG_SETTING_LOCALE];

  if (vgpu->who == SG_BY_COMPUTER)
    sayf (out, _ ("Your graphics card: %s."), vgpu->note);
  if (printers->who == SG_BY_COMPUTER)
    sayf (out, _ ("Your printers: %s."), printers->note);
  if (locale->text != NULL && locale->reason.note != NULL)
    sayf (out, _ ("The language %s: %s."), locale->text, locale->reason.note);
}

static char **
sentences (const SgGrants *grants, gboolean what_is_not_too)
{
  GPtrArray *out = g_ptr_array_new ();

  say_network (out, grants);
  say_company (out, grants);
  say_folders (out, grants);
  say_commands (out, grants);
  say_clipboard (out, grants);
  say_devices (out, grants);
  say_rest (out, grants);
  if (what_is_not_too)
    say_impossible (out, grants);
  g_ptr_array_add (out, NULL);
  return (char **)g_ptr_array_free (out, FALSE);
}

char **
sg_grants_sentences (const SgGrants *grants)
{
  return sentences (grants, TRUE);
}

/* What is said with the wishes and not without them. */
char **
sg_grants_wishes (const SgDefaults *defaults, const SgProfile *profile, const SgPolicy *policy)
{
  SgDefaults without = *defaults;
  g_autoptr (SgGrants) with_all = sg_grants_new (defaults, profile, policy);
  g_auto (GStrv) all = sentences (with_all, FALSE);
  GPtrArray *out = g_ptr_array_new ();

  without.without_asks = TRUE;
  g_autoptr (SgGrants) less = sg_grants_new (&without, profile, policy);
  g_auto (GStrv) usual = sentences (less, FALSE);
  for (char **one = all; *one != NULL; one++)
    if (!g_strv_contains ((const char *const *)usual, *one))
      g_ptr_array_add (out, g_strdup (*one));
  g_ptr_array_add (out, NULL);
  return (char **)g_ptr_array_free (out, FALSE);
}
