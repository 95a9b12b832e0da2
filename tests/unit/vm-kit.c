/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/vm-kit.h"

#include "common/fd.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BUSYBOX "/bin/busybox"
#define PATIENCE_MSEC 120000

/* In the order they are loaded. */
static const char *const modules[] = {
  "virtio/virtio_ring.ko",
  "virtio/virtio.ko",
  "virtio/virtio_pci_modern_dev.ko",
  "virtio/virtio_pci_legacy_dev.ko",
  "virtio/virtio_pci.ko",
  "block/virtio_blk.ko",
  "virtio/virtio_mem.ko",
};

/* The shell echoes nothing and ends each answer with a line of its own. */
static const char init_script[]
    = "#!/bin/sh\n"
      "/bin/busybox mkdir -p /proc /sys /dev /tmp\n"
      "/bin/busybox --install -s /bin\n"
      "mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev\n"
      "mount -t tmpfs tmp /tmp\n"
      "for m in 0 1 2 3 4 5 6; do [ -s /m$m.ko ] && insmod /m$m.ko; done\n"
      "exec </dev/ttyS0 >/dev/ttyS0 2>&1\n"
      "stty -echo -onlcr\n"
      "echo; echo %READY\n"
      "while read -r line; do eval \"$line\"; echo; echo %DONE; done\n";

static char *kernel_version;

static char *
module_path (guint i)
{
  return g_strdup_printf ("/usr/lib/modules/%s/kernel/drivers/%s", kernel_version, modules[i]);
}

/* The newest /boot/vmlinuz-V with plain modules. */
const char *
vm_kit_missing (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/boot", 0, NULL);
  const char *name;

  if (qmp_kit_qemu () == NULL)
    return "qemu-system-x86_64 is not installed";
  if (!g_file_test (BUSYBOX, G_FILE_TEST_IS_EXECUTABLE))
    return "busybox is not installed";
  if (!g_file_test ("/usr/bin/bwrap", G_FILE_TEST_IS_EXECUTABLE))
    return "bubblewrap is not installed";
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "vmlinuz-"))
      {
        g_autofree char *kernel = g_build_filename ("/boot", name, NULL);
        g_autofree char *module = NULL;

        g_free (kernel_version);
        kernel_version = g_strdup (name + strlen ("vmlinuz-"));
        module = module_path (0);
        if (access (kernel, R_OK) == 0 && access (module, R_OK) == 0)
          return NULL;
      }
  return "no readable kernel with modules that are not packed is in /boot";
}

/* --- the initramfs ------------------------------------------------------------------------------
 */

static void
cpio_add (FILE *archive, const char *name, guint mode, const void *data, gsize length)
{
  static const char padding[4];
  gsize head = 110 + strlen (name) + 1;

  fprintf (archive, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s", 0, mode, 0, 0,
           1, 0, (guint)length, 0, 0, 0, 0, (guint)strlen (name) + 1, 0, name);
  fwrite (padding, 1, 1 + (4 - head % 4) % 4, archive);
  fwrite (data, 1, length, archive);
  fwrite (padding, 1, (4 - length % 4) % 4, archive);
}

static void
cpio_add_file (FILE *archive, const char *name, guint mode, const char *path)
{
  g_autofree char *data = NULL;
  gsize length;

  if (g_file_get_contents (path, &data, &length, NULL)) /* a module may be built in */
    cpio_add (archive, name, mode, data, length);
}

void
vm_kit_prepare (const char *dir)
{
  g_autofree char *initrd = g_build_filename (dir, "initrd", NULL);
  g_autofree char *base = g_build_filename (dir, "base", NULL);
  FILE *archive = fopen (initrd, "we");
  sg_fd int fd = open (base, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  ck_assert (archive != NULL && fd >= 0);
  ck_assert_int_eq (ftruncate (fd, VM_KIT_DISK_BYTES), 0);
  cpio_add (archive, "bin", 0040755, "", 0);
  cpio_add_file (archive, "bin/busybox", 0100755, BUSYBOX);
  cpio_add (archive, "bin/sh", 0120777, "busybox", 7);
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u.ko", i);
      g_autofree char *path = module_path (i);
      cpio_add_file (archive, name, 0100644, path);
    }
  cpio_add (archive, "init", 0100755, init_script, strlen (init_script));
  cpio_add (archive, "TRAILER!!!", 0, "", 0);
  ck_assert_int_eq (fclose (archive), 0);
}

/* --- the machine --------------------------------------------------------------------------------
 */

static void
start (VmKit *vm, const char *dir, const char *const *before, const char *memory, gboolean incoming)
{
  g_autofree char *kernel = g_strdup_printf ("/boot/vmlinuz-%s", kernel_version);
  g_autofree char *initrd = g_build_filename (dir, "initrd", NULL);
  g_autofree char *disk
      = g_strdup_printf ("driver=null-co,node-name=sg-null,read-zeroes=on,size=%llu",
                         (unsigned long long)VM_KIT_DISK_BYTES);
  g_autofree char *object = g_strdup_printf ("memory-backend-file,id=ram,size=%llu,%s",
                                             (unsigned long long)VM_KIT_RAM_BYTES, memory);
  g_autofree char *ram = g_strdup_printf ("size=%lluM,maxmem=4G", VM_KIT_RAM_BYTES >> 20);
  g_autofree char *serial = NULL;
  int theirs;

  ck_assert (sg_socketpair (&vm->line, &theirs, NULL));
  fcntl (theirs, F_SETFD, 0);
  serial = g_strdup_printf ("socket,id=line,fd=%d", theirs);
  const char *argv[] = { "-M",
                         "q35,memory-backend=ram",
                         "-accel",
                         "tcg,thread=multi",
                         "-cpu",
                         "max,la57=off",
                         "-smp",
                         "2,maxcpus=4",
                         "-m",
                         ram,
                         "-object",
                         object,
                         "-kernel",
                         kernel,
                         "-initrd",
                         initrd,
                         "-append",
                         "console=ttyS0 quiet memhp_default_state=online_movable no_timer_check "
                         "panic=-1",
                         "-no-reboot",
                         "-chardev",
                         serial,
                         "-serial",
                         "chardev:line",
                         "-blockdev",
                         disk,
                         "-blockdev",
                         "driver=raw,node-name=sg-disk,file=sg-null,discard=unmap",
                         "-device",
                         "virtio-blk-pci,drive=sg-disk,write-cache=on,werror=stop,rerror=stop",
                         "-device",
                         "vmgenid,guid=auto",
                         "-device",
                         "pcie-root-port,id=spare0,chassis=1,slot=1,io-reserve=0",
                         "-S",
                         incoming ? "-incoming" : NULL,
                         "defer",
                         NULL };
  qmp_kit_start_in (&vm->qmp, before, argv);
  close (theirs);
}

void
vm_kit_start_template (VmKit *vm, const char *dir, const char *ram)
{
  g_autofree char *memory = g_strdup_printf ("mem-path=%s,share=on", ram);

  start (vm, dir, NULL, memory, FALSE);
}

void
vm_kit_start_clone (VmKit *vm, const char *dir, const char *ram, gboolean preload)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *tests = g_path_get_dirname (self);
  g_autofree char *ours = g_build_filename (tests, "..", SG_RAM_PRELOAD, NULL);
  const char *const before[] = { "/usr/bin/bwrap",
                                 "--ro-bind",
                                 "/usr",
                                 "/usr",
                                 "--symlink",
                                 "usr/lib",
                                 "/lib",
                                 "--symlink",
                                 "usr/lib64",
                                 "/lib64",
                                 "--symlink",
                                 "usr/bin",
                                 "/bin",
                                 "--ro-bind-try",
                                 "/etc/alternatives",
                                 "/etc/alternatives",
                                 "--ro-bind",
                                 "/boot",
                                 "/boot",
                                 "--dev",
                                 "/dev",
                                 "--proc",
                                 "/proc",
                                 "--ro-bind",
                                 dir,
                                 dir,
                                 "--ro-bind",
                                 ram,
                                 SG_INSIDE_RAM,
                                 "--ro-bind",
                                 ours,
                                 SG_INSIDE_RAM_PRELOAD,
                                 "--setenv",
                                 preload ? "LD_PRELOAD" : "UNUSED",
                                 SG_INSIDE_RAM_PRELOAD,
                                 "--die-with-parent",
                                 "--",
                                 NULL };

  start (vm, dir, before, "mem-path=" SG_INSIDE_RAM ",share=off", TRUE);
}

void
vm_kit_stop (VmKit *vm)
{
  qmp_kit_stop (&vm->qmp);
  sg_fd_clear (&vm->line);
}

/* Reads up to the line MARK; what came before it. */
static char *
read_until (VmKit *vm, const char *mark)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *whole = g_strdup_printf ("\n%s\n", mark);
  gint64 deadline = g_get_monotonic_time () + PATIENCE_MSEC * 1000;
  char *at;

  while ((at = strstr (text->str, whole)) == NULL)
    {
      struct pollfd poll_fd = { vm->line, POLLIN, 0 };
      char buffer[4096];
      ssize_t n;

      while (g_main_context_iteration (NULL, FALSE))
        ;
      ck_assert_msg (g_get_monotonic_time () < deadline, "the machine said only: %.2000s",
                     text->str);
      if (poll (&poll_fd, 1, 100) <= 0)
        continue;
      n = read (vm->line, buffer, sizeof buffer);
      ck_assert_msg (n > 0, "the machine ended, after: %.2000s", text->str);
      for (ssize_t i = 0; i < n; i++)
        if (buffer[i] != '\r' && buffer[i] != '\0')
          g_string_append_c (text, buffer[i]);
    }
  *at = '\0';
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
vm_kit_wait (VmKit *vm)
{
  g_free (read_until (vm, "%READY"));
}

char *
vm_kit_run (VmKit *vm, const char *command)
{
  ck_assert (sg_write_all (vm->line, command, strlen (command), NULL));
  ck_assert (sg_write_all (vm->line, "\n", 1, NULL));
  return g_strstrip (read_until (vm, "%DONE"));
}

void
vm_kit_steps (VmKit *vm, SgQmpSteps *steps)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sg_qmp_steps_run_async (steps, vm->qmp.qmp, NULL, NULL, NULL, qmp_kit_keep, &result);
  QMP_KIT_SPIN (result);
  ck_assert_msg (sg_qmp_steps_run_finish (vm->qmp.qmp, result, &error), "%s",
                 error != NULL ? error->message : "");
}
