/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine is the session's in what matters (q35, `-cpu host`, two CPUs) and nothing else: no
 * disk, no network, no display.  Its initramfs holds /init and the device that it speaks through,
 * and lives in a memfd. */
#include "launcher/accel-boot.h"

#include "common/fd.h"
#include "common/report.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define INITRD_FD 3
#define SAID_MAX 4096

/* accel-init.c, built on its own. */
extern const char sg_accel_init_start[], sg_accel_init_end[];
__asm__(".section .rodata\n"
        ".global sg_accel_init_start, sg_accel_init_end\n"
        "sg_accel_init_start: .incbin \"" SG_ACCEL_INIT "\"\n"
        "sg_accel_init_end: .byte 0\n"
        ".previous\n");

typedef struct
{
  GSubprocess *qemu;
  GSource *deadline;
  int said; /* memfd: what QEMU wrote */
  gboolean late;
} Boot;

static void
boot_free (gpointer data)
{
  Boot *boot = data;

  if (boot->deadline != NULL)
    {
      g_source_destroy (boot->deadline);
      g_source_unref (boot->deadline);
    }
  g_clear_object (&boot->qemu);
  sg_fd_clear (&boot->said);
  g_free (boot);
}

char **
sg_accel_boot_arguments (const char *qemu, const char *kernel, const char *accel, int initrd_fd)
{
  GPtrArray *argv = g_ptr_array_new ();
  const char *fixed[]
      = { "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
          /* the probe has no business outside itself */
          "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
          "-smp", "2", "-m", "256",
          /* how userspace says that it is there */
          "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
          /* a panic stays, and runs into the deadline, instead of looking like an end */
          "-append", "quiet no_timer_check panic=0 selinux=0 apparmor=0 rdinit=/init" };

  g_ptr_array_add (argv, g_strdup (qemu));
  g_ptr_array_add (argv, g_strdup ("-machine"));
  g_ptr_array_add (argv, g_strdup ("q35"));
  g_ptr_array_add (argv, g_strdup ("-accel"));
  g_ptr_array_add (argv, g_strdup (g_str_equal (accel, "kvm") ? "kvm,kernel-irqchip=split" : accel));
  g_ptr_array_add (argv, g_strdup ("-cpu"));
  g_ptr_array_add (argv, g_strdup (g_str_equal (accel, "kvm") ? "host" : "max"));
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (argv, g_strdup (fixed[i]));
  g_ptr_array_add (argv, g_strdup ("-kernel"));
  g_ptr_array_add (argv, g_strdup (kernel));
  g_ptr_array_add (argv, g_strdup ("-initrd"));
  g_ptr_array_add (argv, g_strdup_printf ("/proc/self/fd/%d", initrd_fd));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (argv, FALSE);
}

/* One entry of a "newc" cpio archive (Documentation/driver-api/early-userspace/buffer-format).
 * MAJOR, MINOR: of a device. */
static void
cpio_add (GByteArray *archive, const char *name, guint mode, guint major, guint minor,
          const void *data, gsize len)
{
  static const guint8 padding[4] = { 0 };
  char header[111];

  g_snprintf (header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
              0, mode, 0, 0, 1, 0, (guint)len, 0, 0, major, minor, (guint)strlen (name) + 1, 0);
  g_byte_array_append (archive, (const guint8 *)header, 110);
  g_byte_array_append (archive, (const guint8 *)name, (guint)strlen (name) + 1);
  g_byte_array_append (archive, padding, (4 - archive->len % 4) % 4);
  g_byte_array_append (archive, data, (guint)len);
  g_byte_array_append (archive, padding, (4 - archive->len % 4) % 4);
}

static int
make_initrd (GError **error)
{
  g_autoptr (GByteArray) archive = g_byte_array_new ();
  sg_fd int fd = memfd_create ("probe-initrd", MFD_CLOEXEC);

  cpio_add (archive, "port", 0020600, 1, 4, NULL, 0); /* the x86 ports: mem(4) */
  cpio_add (archive, "init", 0100755, 0, 0, sg_accel_init_start,
            (gsize)(sg_accel_init_end - sg_accel_init_start));
  cpio_add (archive, "TRAILER!!!", 0, 0, 0, NULL, 0);
  if (fd < 0)
    {
      sg_errno (error, "Cannot get memory for the probe");
      return -1;
    }
  if (!sg_write_all (fd, archive->data, archive->len, error))
    return -1;
  return sg_fd_steal (&fd);
}

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static gboolean
too_late (gpointer data)
{
  Boot *boot = data;

  boot->late = TRUE;
  g_subprocess_force_exit (boot->qemu);
  return G_SOURCE_REMOVE;
}

/* The first line of what QEMU wrote, fit for a terminal. */
static char *
first_words (int fd)
{
  char said[SAID_MAX + 1];
  gssize n = sg_pread_all (fd, said, SAID_MAX, 0, NULL);
  g_autofree char *printable = NULL;
  char *line;

  said[MAX (n, 0)] = '\0';
  printable = sg_printable (said);
  line = strstr (printable, ": "); /* without the program's path */
  line = line != NULL ? line + 2 : printable;
  line[strcspn (line, "\n")] = '\0';
  return g_strdup (*g_strstrip (line) != '\0' ? line : "it stopped without a word");
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Boot *boot = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_subprocess_wait_finish (boot->qemu, result, &error))
    {
      g_subprocess_force_exit (boot->qemu); /* cancelled; GLib reaps it */
      g_task_return_error (task, error);
    }
  else if (g_subprocess_get_if_exited (boot->qemu)
           && g_subprocess_get_exit_status (boot->qemu) == SG_ACCEL_BOOT_ALIVE)
    g_task_return_boolean (task, TRUE);
  else if (boot->late)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                             "the test machine did not start in time");
  else
    {
      g_autofree char *words = first_words (boot->said);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", words);
    }
}

static gboolean
spawn (Boot *boot, const char *qemu, const char *kernel, const char *accel, GError **error)
{
  g_auto (GStrv) argv = sg_accel_boot_arguments (qemu, kernel, accel, INITRD_FD);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  int initrd = make_initrd (error);

  if (initrd < 0)
    return FALSE;
  g_subprocess_launcher_take_fd (launcher, initrd, INITRD_FD);
  boot->said = memfd_create ("probe-said", MFD_CLOEXEC);
  if (boot->said >= 0)
    g_subprocess_launcher_take_stderr_fd (launcher, dup (boot->said));
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  boot->qemu = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, error);
  return boot->qemu != NULL;
}

void
sg_accel_boot_async (const char *qemu, const char *kernel, const char *accel, guint deadline_msec,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Boot *boot = g_new0 (Boot, 1);
  GError *error = NULL;

  boot->said = -1;
  g_task_set_source_tag (task, sg_accel_boot_async);
  g_task_set_task_data (task, boot, boot_free);
  if (!spawn (boot, qemu, kernel, accel, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  boot->deadline = g_timeout_source_new (deadline_msec);
  g_source_set_callback (boot->deadline, too_late, boot, NULL);
  g_source_attach (boot->deadline, g_task_get_context (task));
  g_subprocess_wait_async (boot->qemu, cancellable, ended, task);
}

gboolean
sg_accel_boot_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
