/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/computer.h"

#include "launcher/vgpu.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
asks (const SgProfile *profile, SgSetting setting)
{
  return profile != NULL && profile->settings[setting].asked
         && profile->settings[setting].value != 0;
}

static const char *
why_no_vgpu (void)
{
  g_autofree char *qemu = g_find_program_in_path ("qemu-system-x86_64");
  const char *why_not;
  g_autoptr (SgVgpu) vgpu = sg_vgpu_find ("/", qemu, NULL, &why_not);

  return vgpu != NULL ? NULL : why_not;
}

char *
sg_computer_printers (const char **ret_why_not)
{
  const char *server = g_getenv ("CUPS_SERVER");
  const char *path = server != NULL && *server != '\0' ? server : "/run/cups/cups.sock";
  struct stat st;

  *ret_why_not = NULL;
  if (*path != '/')
    *ret_why_not = _ ("your printers are on another computer (CUPS_SERVER), and only this one's own "
                      "print service is passed on");
  else if (stat (path, &st) < 0 || !S_ISSOCK (st.st_mode))
    *ret_why_not = _ ("this computer's print service (CUPS) does not run");
  else if (access (path, W_OK) < 0)
    *ret_why_not = _ ("this user may not use this computer's print service (CUPS)");
  return *ret_why_not == NULL ? g_strdup (path) : NULL;
}

/* What programs inside load is what programs here load. */
static const char *
why_no_locale (const char *name)
{
  locale_t locale = newlocale (LC_ALL_MASK, name, (locale_t)0);

  if (locale == (locale_t)0)
    return _ ("this computer has not set it up (`locale -a` lists those that it has), so programs "
              "speak English");
  freelocale (locale);
  return NULL;
}

static void
look_at_size (SgDefaults *defaults)
{
  gint64 pages = sysconf (_SC_PHYS_PAGES), page = sysconf (_SC_PAGESIZE);

  defaults->memory_mb = (guint)(MAX (pages, 0) * page >> 20);
  defaults->cpus = g_get_num_processors ();
}

void
sg_computer_look_locale (SgDefaults *defaults, const SgProfile *profile)
{
  const char *name = profile != NULL ? profile->settings[SG_SETTING_LOCALE].text : NULL;

  defaults->no_locale = name != NULL ? why_no_locale (name) : NULL;
}

void
sg_computer_look (SgDefaults *defaults, const SgProfile *profile)
{
  look_at_size (defaults);
  if (asks (profile, SG_SETTING_VGPU))
    defaults->no_vgpu = why_no_vgpu ();
  sg_computer_look_locale (defaults, profile);
  if (asks (profile, SG_SETTING_PRINTERS))
    g_free (sg_computer_printers (&defaults->no_printers));
}

void
sg_computer_look_all (SgDefaults *defaults)
{
  look_at_size (defaults);
  defaults->no_vgpu = why_no_vgpu ();
  g_free (sg_computer_printers (&defaults->no_printers));
}
