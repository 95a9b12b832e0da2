/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs: there, new enough, and able to do what a session asks of them (found out by trying). */
#include "launcher/doctor-internal.h"

#include "baseimage/kernel.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define QEMU "qemu-system-x86_64"

static void
missing (SgFinding *finding)
{
  finding->found = g_strdup (_ ("not installed"));
}

/* The first two numbers of the first word of TEXT that looks like a version. */
static gboolean
parse_version (const char *text, guint *ret_major, guint *ret_minor)
{
  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_isdigit (*at) && (at == text || at[-1] == ' ')
        && sscanf (at, "%u.%u", ret_major, ret_minor) == 2)
      return TRUE;
  return FALSE;
}

static void
look_at_version (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable,
                 const char *program, guint major, guint minor)
{
  g_autofree char *path = sg_host_program (host, program), *output = NULL;
  const char *argv[] = { path, "--version", NULL };
  guint has_major, has_minor;

  if (path == NULL)
    {
      missing (finding);
      return;
    }
  if (sg_host_run (argv, cancellable, &output) != 0)
    finding->found = g_strdup_printf (_ ("%s does not run"), path);
  else if (!parse_version (output, &has_major, &has_minor))
    finding->found = g_strdup_printf (_ ("%s does not tell its version"), path);
  else
    {
      finding->met = has_major > major || (has_major == major && has_minor >= minor);
      finding->found = finding->met
                           ? g_strdup_printf (_ ("version %u.%u"), has_major, has_minor)
                           : g_strdup_printf (_ ("version %u.%u is too old; "
                                                 "%u.%u or newer is needed"),
                                              has_major, has_minor, major, minor);
    }
}

void
sg_look_qemu (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  look_at_version (host, finding, cancellable, QEMU, 7, 2);
}

void
sg_look_nbdkit (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  look_at_version (host, finding, cancellable, "nbdkit", 1, 32);
}

/* Asks QEMU for help about a part that may be a module of its own; it answers without a machine.
 * Only the words count: `-spice help` ends with status 1 after having helped. */
static void
look_at_module (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable,
                const char *option, const char *value, const char *expected)
{
  g_autofree char *path = sg_host_program (host, QEMU), *output = NULL;
  const char *argv[]
      = { path, "-nodefaults", "-display", "none", "-machine", "none", option, value, NULL };

  if (path == NULL)
    {
      finding->found = g_strdup (_ ("QEMU is not installed"));
      return;
    }
  sg_host_run (argv, cancellable, &output);
  finding->met = strstr (output, expected) != NULL;
  g_free (finding->found);
  finding->found = g_strdup (finding->met ? _ ("there") : _ ("not installed"));
}

void
sg_look_qemu_spice (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  look_at_module (host, finding, cancellable, "-spice", "help", "disable-ticketing");
  if (finding->met) /* each machine has a sound card, whose sound goes the same way */
    look_at_module (host, finding, cancellable, "-audiodev", "help", "\nspice\n");
}

void
sg_look_qemu_display (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  look_at_module (host, finding, cancellable, "-device", "virtio-vga,help", "virtio-vga options");
}

void
sg_look_bubblewrap (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *path = sg_host_program (host, "bwrap");
  struct stat st;

  if (path == NULL || stat (path, &st) < 0)
    {
      missing (finding);
      return;
    }
  if ((st.st_mode & S_ISUID) != 0)
    {
      finding->found = g_strdup_printf (_ ("%s is setuid"), path);
      finding->means
          = g_strdup (_ ("A setuid bubblewrap has been a way to become root; Sandglass does "
                      "not start with one."));
      finding->mend = g_strdup_printf ("sudo chmod u-s %s", path);
      return;
    }
  look_at_version (host, finding, cancellable, "bwrap", 0, 8); /* --disable-userns */
}

/* Why the kernel refuses, as far as its switches tell. */
static void
explain_refusal (const SgDoctorHost *host, SgFinding *finding, const char *said)
{
  g_autofree char *apparmor
      = sg_host_read (host, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  g_autofree char *clone = sg_host_read (host, "/proc/sys/kernel/unprivileged_userns_clone");
  g_autofree char *most = sg_host_read (host, "/proc/sys/user/max_user_namespaces");

  if (clone != NULL && g_str_equal (clone, "0"))
    {
      finding->found = g_strdup (_ ("switched off by kernel.unprivileged_userns_clone"));
      finding->mend = g_strdup ("sudo sysctl -w kernel.unprivileged_userns_clone=1");
    }
  else if (most != NULL && g_str_equal (most, "0"))
    {
      finding->found = g_strdup (_ ("switched off by user.max_user_namespaces"));
      finding->mend = g_strdup ("sudo sysctl -w user.max_user_namespaces=15000");
    }
  else if (apparmor != NULL && !g_str_equal (apparmor, "0"))
    {
      finding->found = g_strdup (_ ("restricted by AppArmor (as Ubuntu does)"));
      finding->means = g_strdup (
          _ ("bubblewrap may not lock the parts of a sandbox in, so none is started. The installed "
          "package brings an AppArmor profile that allows it for Sandglass alone; the command "
          "here allows it for every program, until the next boot."));
      finding->mend = g_strdup ("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    }
  else
    finding->found = g_strdup_printf (_ ("refused: %s"),
                                      *said != '\0' ? said : _ ("no reason was given"));
}

void
sg_look_namespaces (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autofree char *path = sg_host_program (host, "bwrap"), *output = NULL;
  const char *argv[] = { path,
                         "--unshare-all",
                         "--unshare-user",
                         "--die-with-parent",
                         "--ro-bind",
                         "/",
                         "/",
                         "--proc",
                         "/proc",
                         "--dev",
                         "/dev",
                         "true",
                         NULL };

  if (path == NULL)
    {
      finding->found = g_strdup (_ ("cannot be tried: bubblewrap is not installed"));
      return;
    }
  finding->met = sg_host_run (argv, cancellable, &output) == 0;
  if (finding->met)
    finding->found = g_strdup (_ ("can be made"));
  else
    explain_refusal (host, finding, output);
}

void
sg_look_kernel (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgKernel) kernel = sg_kernel_find (host->root != NULL ? host->root : "/", &error);

  finding->met = kernel != NULL;
  finding->found = kernel != NULL ? g_strdup (kernel->release) : g_strdup (error->message);
}

static void
look_for (const SgDoctorHost *host, SgFinding *finding, const char *const *names,
          const char *const *places)
{
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = sg_host_program (host, names[i]);
      if (path != NULL)
        {
          finding->met = TRUE;
          finding->found = g_steal_pointer (&path);
          return;
        }
    }
  for (int i = 0; places != NULL && places[i] != NULL; i++)
    {
      g_autofree char *path = sg_host_path (host, places[i]);
      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        {
          finding->met = TRUE;
          finding->found = g_steal_pointer (&path);
          return;
        }
    }
  missing (finding);
}

void
sg_look_xorg (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  static const char *const names[] = { "Xorg", NULL };
  static const char *const places[] = { "/usr/lib/xorg/Xorg", "/usr/libexec/Xorg", NULL };

  look_for (host, finding, names, places);
}

void
sg_look_window_manager (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  static const char *const names[] = { "openbox", NULL };

  look_for (host, finding, names, NULL);
}

void
sg_look_vdagent (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  static const char *const names[] = { "spice-vdagentd", NULL };
  static const char *const places[] = { "/usr/sbin/spice-vdagentd", NULL };

  look_for (host, finding, names, places);
}

void
sg_look_mke2fs (const SgDoctorHost *host, SgFinding *finding, GCancellable *cancellable)
{
  static const char *const names[] = { "mke2fs", NULL };
  static const char *const places[] = { "/usr/sbin/mke2fs", "/sbin/mke2fs", NULL };

  look_for (host, finding, names, places);
}
