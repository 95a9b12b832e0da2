/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A saved machine holds what its QEMU, its processor and its kernel had agreed upon when it booted:
 * the layout of device state, CPUID bits, errata that the guest's kernel patched itself for.  Under
 * anything else it may wake wrong in ways that nobody would understand; so all of that is its name.
 */
#include "launcher/template.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

static void
add (GChecksum *sum, const char *what, const char *value)
{
  g_checksum_update (sum, (const guchar *)what, (gssize)strlen (what) + 1);
  g_checksum_update (sum, (const guchar *)value, (gssize)strlen (value) + 1);
}

static void
add_file (GChecksum *sum, const char *what, const char *path)
{
  g_autofree char *value = NULL;
  struct stat st = { 0 };

  if (stat (path, &st) == 0)
    value = g_strdup_printf ("%s %lld %lld.%09ld", path, (long long)st.st_size,
                             (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  add (sum, what, value != NULL ? value : path);
}

/* The first processor's lines that a guest can see the effect of ("model": the name as well). */
static void
add_processor (GChecksum *sum)
{
  static const char *const wanted[] = { "vendor_id", "cpu family", "model",         "stepping",
                                        "microcode", "flags",      "address sizes", "bugs" };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", 0);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    for (guint j = 0; j < G_N_ELEMENTS (wanted); j++)
      if (g_str_has_prefix (lines[i], wanted[j]))
        add (sum, "processor", lines[i]);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* "-cpu host" is what the processor can, less what KVM keeps back; its modules' parameters say what
 * that is ("ept", "enable_pmu").  One that this user may not read counts by its name. */
static void
add_module (GChecksum *sum, const char *modules, const char *module)
{
  g_autofree char *path = g_build_filename (modules, module, "parameters", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_name);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (path, g_ptr_array_index (names, i), NULL);
      g_autofree char *value = NULL;

      g_file_get_contents (file, &value, NULL, NULL);
      add (sum, file, value != NULL ? value : "");
    }
}

static void
add_kvm (GChecksum *sum, const char *modules)
{
  static const char *const names[] = { "kvm", "kvm_amd", "kvm_intel" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_module (sum, modules != NULL ? modules : "/sys/module", names[i]);
}

char *
sg_template_key (const SgTemplateInputs *inputs)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  struct utsname host;

  add (sum, "version", SG_VERSION);
  add (sum, "base", inputs->base_digest);
  add_file (sum, "qemu", inputs->qemu);
  add_file (sum, "kernel", inputs->kernel);
  if (uname (&host) == 0)
    {
      add (sum, "host", host.release);
      add (sum, "host", host.version);
    }
  add_processor (sum);
  add_kvm (sum, inputs->modules);
  for (guint i = 0; inputs->argv[i] != NULL; i++)
    add (sum, "argument", inputs->argv[i]);
  return g_strndup (g_checksum_get_string (sum), 32);
}
