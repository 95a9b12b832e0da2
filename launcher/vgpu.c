/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/vgpu.h"

#include <gio/gio.h>

#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST 128 /* the kernel counts render nodes from here */
#define LAST 191
#define RUN_SEC 10
#define OUTPUT_MOST (64 * 1024)

static const char *const no_card
    = N_ ("this computer has no graphics card that could be shared (there is no "
          "/dev/dri/renderD128)");
static const char *const not_allowed
    = N_ ("this user may not use the graphics card (/dev/dri/renderD128)");
static const char *const other_driver
    = N_ ("the graphics card's driver is one that cannot be shared (NVIDIA's own)");
static const char *const no_module
    = N_ ("QEMU's module for it (virtio-vga-gl) is not installed; `sandglass doctor` names the "
          "command that installs it");
static const char *const no_display
    = N_ ("QEMU's module for it (egl-headless) is not installed; `sandglass doctor` names the "
          "command that installs it");

/* --- asking QEMU --------------------------------------------------------------------------------
 */

static gboolean
give_up (gpointer process)
{
  g_subprocess_force_exit (process);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  GMainLoop *loop;
  GBytes *out;
} Asked;

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  Asked *asked = data;

  g_subprocess_communicate_finish (G_SUBPROCESS (source), result, &asked->out, NULL, NULL);
  g_main_loop_quit (asked->loop);
}

static int
run_usual (const char *const *argv, char **ret_output)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GSource) deadline = g_timeout_source_new_seconds (RUN_SEC);
  Asked asked = { .loop = g_main_loop_new (context, FALSE) };
  gsize size = 0;
  const char *text;

  *ret_output = NULL;
  g_main_context_push_thread_default (context);
  process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, NULL);
  if (process != NULL)
    {
      g_source_set_callback (deadline, give_up, process, NULL);
      g_source_attach (deadline, context);
      g_subprocess_communicate_async (process, NULL, NULL, answered, &asked);
      g_main_loop_run (asked.loop);
      g_source_destroy (deadline);
    }
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (asked.loop);
  text = asked.out != NULL ? g_bytes_get_data (asked.out, &size) : NULL;
  *ret_output = g_strndup (text != NULL ? text : "", MIN (size, OUTPUT_MOST));
  g_clear_pointer (&asked.out, g_bytes_unref);
  return process != NULL && g_subprocess_get_if_exited (process)
             ? g_subprocess_get_exit_status (process)
             : -1;
}

/* It answers without a machine.  What only its name is known of (a module that needs another one)
 * has no options. */
static gboolean
qemu_has (const char *qemu, SgVgpuRun run, const char *option, const char *value,
          const char *expected)
{
  const char *argv[] = { qemu, "-nodefaults", "-machine", "none", option, value, NULL };
  g_autofree char *output = NULL;

  run (argv, &output);
  return output != NULL && strstr (output, expected) != NULL;
}

/* --- the card -----------------------------------------------------------------------------------
 */

static char *
real_device (const char *root, guint number)
{
  g_autofree char *link = g_strdup_printf ("%s/sys/class/drm/renderD%u/device", root, number);

  return realpath (link, NULL);
}

static const char *
driver_of (const char *device)
{
  g_autofree char *link = device != NULL ? g_build_filename (device, "driver", NULL) : NULL;
  g_autofree char *target = link != NULL ? g_file_read_link (link, NULL) : NULL;
  g_autofree char *name = target != NULL ? g_path_get_basename (target) : NULL;

  return name != NULL ? g_intern_string (name) : NULL;
}

/* NULL, and WHY_NOT says something better than before, or stays. */
static SgVgpu *
look_at (const char *root, guint number, const char **why_not)
{
  g_autofree char *node = g_strdup_printf ("%s/dev/dri/renderD%u", root, number);
  char *device;
  const char *driver;
  SgVgpu *vgpu;

  if (access (node, F_OK) < 0)
    return NULL;
  if (faccessat (AT_FDCWD, node, R_OK | W_OK, AT_EACCESS) < 0)
    {
      *why_not = _ (not_allowed);
      return NULL;
    }
  device = real_device (root, number);
  driver = driver_of (device);
  if (g_strcmp0 (driver, "nvidia") == 0) /* needs device nodes and libraries of its own */
    {
      *why_not = _ (other_driver);
      free (device);
      return NULL;
    }
  vgpu = g_new0 (SgVgpu, 1);
  vgpu->node = g_strdup (node + (*root == '\0' ? 0 : strlen (root)));
  vgpu->device = g_strdup (device);
  vgpu->driver = driver;
  free (device);
  return vgpu;
}

SgVgpu *
sg_vgpu_find (const char *root, const char *qemu, SgVgpuRun run, const char **ret_why_not)
{
  const char *below = g_str_equal (root, "/") ? "" : root;
  g_autoptr (SgVgpu) vgpu = NULL;

  *ret_why_not = _ (no_card);
  for (guint n = FIRST; n <= LAST && vgpu == NULL; n++)
    vgpu = look_at (below, n, ret_why_not);
  if (vgpu == NULL)
    return NULL;
  run = run != NULL ? run : run_usual;
  *ret_why_not = _ (no_module);
  if (qemu == NULL
      || !qemu_has (qemu, run, "-device", "virtio-vga-gl,help", "virtio-vga-gl options"))
    return NULL;
  *ret_why_not = _ (no_display);
  if (!qemu_has (qemu, run, "-display", "help", "egl-headless"))
    return NULL;
  *ret_why_not = NULL;
  return g_steal_pointer (&vgpu);
}

void
sg_vgpu_free (SgVgpu *vgpu)
{
  if (vgpu == NULL)
    return;
  g_free (vgpu->node);
  g_free (vgpu->device);
  g_free (vgpu);
}
