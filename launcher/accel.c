/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asked in this order, cheapest first: is there a /dev/kvm that this user may open; is the outcome
 * of an earlier boot still about the same computer; and only then a boot.
 *
 * The remembered outcome is a key file, without words, which are in the language of whoever asks:
 * what QEMU "said" about it, empty when it said nothing.  "key" is a digest of everything the outcome
 * depends on, so a changed computer simply does not match.  "works not" carries the host's boot id in its key. */
#include "launcher/accel.h"

#include "baseimage/kernel.h"
#include "common/fd.h"
#include "common/paths.h"
#include "common/patience.h"
#include "launcher/accel-boot.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CACHE_NAME "accelerator"
#define CACHE_GROUP "accelerator"
#define QEMU_NAME "qemu-system-x86_64"
/* A working machine needs about one second; a busy one gets patience. */
#define DEADLINE_MSEC SG_PATIENCE (10000)

typedef struct
{
  char *qemu, *kernel, *cache, *device;
  gboolean fresh;
  guint deadline_msec;
  gint64 started;
} Probe;

const char *
sg_accel_name (SgAccelKind kind)
{
  return kind == SG_ACCEL_KVM ? "kvm" : "tcg";
}

void
sg_accel_free (SgAccel *accel)
{
  if (accel == NULL)
    return;
  g_free (accel->reason);
  g_free (accel->fix);
  g_free (accel);
}

static void
probe_free (gpointer data)
{
  Probe *probe = data;

  g_free (probe->qemu);
  g_free (probe->kernel);
  g_free (probe->cache);
  g_free (probe->device);
  g_free (probe);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probe, probe_free)

static Probe *
probe_new (const SgAccelOptions *options)
{
  static const SgAccelOptions defaults = { 0 };
  const SgAccelOptions *o = options != NULL ? options : &defaults;
  Probe *probe = g_new0 (Probe, 1);

  probe->qemu = o->qemu != NULL ? g_strdup (o->qemu) : g_find_program_in_path (QEMU_NAME);
  probe->kernel = g_strdup (o->kernel);
  probe->cache = o->cache != NULL ? g_strdup (o->cache) : sg_paths_cache ();
  probe->device = g_strdup (o->device != NULL ? o->device : "/dev/kvm");
  probe->fresh = o->fresh;
  probe->deadline_msec = o->deadline_msec != 0 ? o->deadline_msec : DEADLINE_MSEC;
  return probe;
}

static SgAccel *
outcome (SgAccelKind kind, char *reason, char *fix)
{
  SgAccel *accel = g_new0 (SgAccel, 1);

  accel->kind = kind;
  accel->reason = reason;
  accel->fix = fix;
  return accel;
}

/* WHY: a clause, owned by us from here on. */
static SgAccel *
emulated (char *why, char *fix)
{
  g_autofree char *clause = why;

  return outcome (SG_ACCEL_TCG,
                  /* TRANSLATORS: %s is a reason, as "Hardware virtualization is not available". */
                  g_strdup_printf (_ ("%s, so this sandbox runs on software emulation: slower, and "
                                      "less strongly separated (QEMU makes no security promise "
                                      "for it)."),
                                   clause),
                  fix);
}

/* What a boot showed.  SAID: QEMU's last words where it could not; "": none. */
static SgAccel *
judge (gboolean alive, const char *said)
{
  if (alive)
    return outcome (SG_ACCEL_KVM,
                    g_strdup (_ ("This sandbox runs on hardware virtualization (KVM): fast, and "
                                 "strongly separated.")),
                    NULL);
  if (*said == '\0')
    return emulated (g_strdup (_ ("Hardware virtualization is there but does not work (a test "
                                  "machine did not start)")),
                     NULL);
  return emulated (
      g_strdup_printf (
          _ ("Hardware virtualization is there but does not work (QEMU says: %s)"), said),
      NULL);
}

/* --- what needs no boot
 * --------------------------------------------------------------------------- */

/* The value of NAME in the first processor's block of /proc/cpuinfo; NULL: not there. */
static char *
cpu_field (const char *name)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", 64);
  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      char *colon = strchr (*line, ':');
      if (colon == NULL)
        continue;
      *colon = '\0';
      if (g_str_equal (g_strchomp (*line), name))
        return g_strdup (g_strchug (colon + 1));
    }
  return NULL;
}

/* The module that would bring /dev/kvm, when the CPU has what it needs; else NULL. */
static const char *
kvm_module (void)
{
  g_autofree char *flags = cpu_field ("flags");
  g_auto (GStrv) words = g_strsplit (flags != NULL ? flags : "", " ", -1);

  if (g_strv_contains ((const char *const *)words, "vmx"))
    return "kvm_intel";
  if (g_strv_contains ((const char *const *)words, "svm"))
    return "kvm_amd";
  return NULL;
}

static SgAccel *
without_device (const char *device)
{
  const char *module = kvm_module ();

  return emulated (
      g_strdup_printf (module != NULL
                           ? _ ("Hardware virtualization is not available (%s is missing)")
                           : _ ("Hardware virtualization is not available (%s is missing; it may be "
                                "switched off in the computer's firmware setup)"),
                       device),
      module != NULL ? g_strdup_printf ("sudo modprobe %s", module) : NULL);
}

static SgAccel *
without_permission (const char *device)
{
  const char *user = g_get_user_name ();
  struct stat st;
  struct group *group = stat (device, &st) == 0 ? getgrgid (st.st_gid) : NULL;
  gboolean by_group = group != NULL && (st.st_mode & 0060) == 0060 && st.st_gid != 0;

  return emulated (
      g_strdup_printf (
          _ ("This user may not use hardware virtualization (no permission on %s)"), device),
      by_group ? g_strdup_printf (_ ("sudo usermod -aG %s %s, then log in again"), group->gr_name,
                                  user)
               : g_strdup_printf ("sudo setfacl -m u:%s:rw %s", user, device));
}

/* The answer where the device itself gives one; NULL where only a boot can tell. */
static SgAccel *
look_at_device (const char *device)
{
  sg_fd int fd = open (device, O_RDWR | O_CLOEXEC);

  if (fd >= 0)
    return NULL;
  if (errno == EACCES || errno == EPERM)
    return without_permission (device);
  if (errno == ENOENT || errno == ENODEV || errno == ENXIO || errno == ENOTDIR)
    return without_device (device);
  return emulated (g_strdup_printf (_ ("Hardware virtualization cannot be used (opening %s: %s)"),
                                    device, g_strerror (errno)),
                   NULL);
}

/* --- the remembered outcome
 * ------------------------------------------------------------------------ */

static void
add_stat (GString *text, const char *path)
{
  struct stat st;

  if (stat (path, &st) == 0)
    g_string_append_printf (text, "%s|%" G_GUINT64_FORMAT "|%" G_GINT64_FORMAT ".%ld|", path,
                            (guint64)st.st_size, (gint64)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

/* Not whose the device is: who is in a user namespace, as the session, sees other numbers than the
 * command line, and whether it opens is looked at each time. */
static char *
make_key (const Probe *probe, SgAccelKind kind)
{
  g_autoptr (GString) text = g_string_new ("2|");
  g_autofree char *model = cpu_field ("model name"), *microcode = cpu_field ("microcode");
  g_autofree char *boot_id = NULL;
  struct utsname host = { 0 };
  struct stat st = { 0 };

  uname (&host);
  stat (probe->device, &st);
  g_string_append_printf (text, "%s|%s|%s|%s|%lx|", host.release, host.version,
                          model != NULL ? model : "", microcode != NULL ? microcode : "",
                          (gulong)st.st_rdev);
  add_stat (text, probe->qemu);
  if (kind == SG_ACCEL_TCG
      && g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot_id, NULL, NULL))
    g_string_append (text, boot_id);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize)text->len);
}

static SgAccel *
recall (const Probe *probe)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (probe->cache, CACHE_NAME, NULL);
  g_autofree char *stored = NULL, *key = NULL, *name = NULL, *said = NULL;
  SgAccelKind kind;
  SgAccel *accel;

  if (probe->qemu == NULL || !g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  name = g_key_file_get_string (file, CACHE_GROUP, "kind", NULL);
  stored = g_key_file_get_string (file, CACHE_GROUP, "key", NULL);
  said = g_key_file_get_string (file, CACHE_GROUP, "said", NULL);
  if (name == NULL || stored == NULL || said == NULL)
    return NULL;
  kind = g_str_equal (name, sg_accel_name (SG_ACCEL_KVM)) ? SG_ACCEL_KVM : SG_ACCEL_TCG;
  key = make_key (probe, kind);
  if (!g_str_equal (key, stored))
    return NULL;
  accel = judge (kind == SG_ACCEL_KVM, said);
  accel->cached = TRUE;
  return accel;
}

/* A cache that cannot be written costs a boot next time, and nothing else. */
static void
remember (const Probe *probe, const SgAccel *accel, const char *said)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (probe->cache, CACHE_NAME, NULL);
  g_autofree char *key = make_key (probe, accel->kind);

  g_key_file_set_string (file, CACHE_GROUP, "kind", sg_accel_name (accel->kind));
  g_key_file_set_string (file, CACHE_GROUP, "key", key);
  g_key_file_set_string (file, CACHE_GROUP, "said", said);
  if (g_mkdir_with_parents (probe->cache, 0700) == 0)
    g_key_file_save_to_file (file, path, NULL);
}

static SgAccel *
peek (const Probe *probe)
{
  SgAccel *accel = look_at_device (probe->device);

  return accel != NULL || probe->fresh ? accel : recall (probe);
}

SgAccel *
sg_accel_peek (const SgAccelOptions *options)
{
  g_autoptr (Probe) probe = probe_new (options);

  return peek (probe);
}

/* --- the boot
 * ------------------------------------------------------------------------------------- */

static void
booted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Probe *probe = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gboolean alive = sg_accel_boot_finish (result, &error);
  const char *said;
  SgAccel *accel;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  said = error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
             ? error->message
             : "";
  accel = judge (alive, said);
  accel->took_usec = g_get_monotonic_time () - probe->started;
  remember (probe, accel, said);
  g_task_return_pointer (task, accel, (GDestroyNotify)sg_accel_free);
}

/* QEMU and a kernel must be there for the boot, as for any sandbox. */
static gboolean
find_parts (Probe *probe, GError **error)
{
  if (probe->qemu == NULL || access (probe->qemu, X_OK) < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "QEMU (" QEMU_NAME ") is not installed; `sandglass doctor` names the command "
                   "that installs it");
      return FALSE;
    }
  if (probe->kernel == NULL)
    {
      g_autoptr (SgKernel) kernel = sg_kernel_find ("/", error);
      if (kernel == NULL)
        return FALSE;
      probe->kernel = g_strdup (kernel->image);
    }
  return TRUE;
}

void
sg_accel_probe_async (const SgAccelOptions *options, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Probe *probe = probe_new (options);
  GError *error = NULL;
  SgAccel *known;

  g_task_set_source_tag (task, sg_accel_probe_async);
  g_task_set_task_data (task, probe, probe_free);
  known = peek (probe);
  if (known != NULL)
    g_task_return_pointer (task, known, (GDestroyNotify)sg_accel_free);
  else if (!find_parts (probe, &error))
    g_task_return_error (task, error);
  else
    {
      probe->started = g_get_monotonic_time ();
      sg_accel_boot_async (probe->qemu, probe->kernel, sg_accel_name (SG_ACCEL_KVM),
                           probe->deadline_msec, cancellable, booted, g_object_ref (task));
    }
}

SgAccel *
sg_accel_probe_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

SgAccel *
sg_accel_probe (const SgAccelOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;

  g_main_context_push_thread_default (context);
  sg_accel_probe_async (options, cancellable, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return sg_accel_probe_finish (result, error);
}
