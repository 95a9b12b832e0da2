/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A template from a real (small) machine, and clones of it.  It is made once, before the tests.
 *
 * san: no-leaks (a thread of GLib that is just ending cannot be stopped by the leak check, and what
 * it holds is taken for lost). */
#include "common/fd.h"
#include "launcher/clone-shrink.h"
#include "launcher/clone.h"
#include "launcher/template-files.h"
#include "tests/unit/vm-kit.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

static char *dir; /* the machine's files, and "templates" */

static char *
file_of (const char *key, const char *name)
{
  return g_build_filename (dir, "templates", key, name, NULL);
}

static void
remove_all (void)
{
  static const char *const names[] = { "initrd",
                                       "base",
                                       "templates/lock",
                                       "templates",
                                       "modules/kvm_amd/parameters/npt",
                                       "modules/kvm_amd/parameters",
                                       "modules/kvm_amd",
                                       "modules" };

  sg_template_prune (dir, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      g_remove (path);
    }
  ck_assert_int_eq (g_rmdir (dir), 0);
  g_free (dir);
}

/* Boots a machine and makes it the template KEY. */
static void
boot_and_save (void)
{
  g_autofree char *base = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (SgTemplateDraft) draft = NULL;
  g_autofree char *out = NULL;
  sg_fd int below = -1;
  VmKit vm;

  base = g_build_filename (dir, "base", NULL);
  below = open (base, O_RDONLY | O_CLOEXEC);
  draft = sg_template_draft_new (dir, KEY, VM_KIT_RAM_BYTES, &error);
  ck_assert_msg (draft != NULL, "%s", error != NULL ? error->message : "");
  vm_kit_start_template (&vm, dir, sg_template_draft_ram (draft));
  vm_kit_steps (&vm, sg_template_draft_disk (draft, below, VM_KIT_DISK_BYTES));
  json_node_unref (qmp_kit_call (vm.qmp.qmp, "cont", NULL, NULL));
  vm_kit_wait (&vm);
  out = vm_kit_run (&vm, "echo remembered >/tmp/x; [ -b /dev/vda ] || exit; printf on-disk | dd "
                         "of=/dev/vda bs=512 seek=8 "
                         "conv=sync 2>/dev/null; sync; echo ok");
  ck_assert_str_eq (out, "ok");
  sg_template_draft_save_async (draft, vm.qmp.qmp, NULL, qmp_kit_keep, &saved);
  QMP_KIT_SPIN (saved);
  ck_assert_msg (sg_template_draft_save_finish (draft, saved, &error), "%s",
                 error != NULL ? error->message : "");
  vm_kit_stop (&vm);
  ck_assert_msg (sg_template_draft_publish (draft, &error), "%s",
                 error != NULL ? error->message : "");
}

/* In a process of its own: the tests are forked from this one, which must have no threads. */
static void
make_template (void)
{
  int status;
  pid_t pid;

  dir = g_dir_make_tmp ("sandglass-clone-XXXXXX", NULL);
  vm_kit_prepare (dir);
  pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    {
      boot_and_save ();
      _exit (0);
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert_int_eq (status, 0);
}

static SgTemplate *
open_template (void)
{
  g_autoptr (GError) error = NULL;
  SgTemplate *template = sg_template_open (dir, KEY, &error);

  ck_assert_msg (template != NULL, "%s", error != NULL ? error->message : "");
  return template;
}

/* --- clones -------------------------------------------------------------------------------------
 */

typedef struct
{
  VmKit vm;
  SgTemplate *template;
  SgOverlay *overlay;
} CloneKit;

static void
trace (const char *step, gint64 usec, gpointer data)
{
  if (g_getenv ("SG_TEST_TIMES") != NULL)
    fprintf (stderr, "%8.1f ms  %s\n", (double)usec / 1000, step);
}

static void
clone_start (CloneKit *clone, guint cpus, guint64 memory)
{
  g_autofree char *base = g_build_filename (dir, "base", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) woken = NULL;
  sg_fd int below = open (base, O_RDONLY | O_CLOEXEC);
  gint64 begun = g_get_monotonic_time ();
  SgCloneWish wish;

  clone->template = open_template ();
  clone->overlay = sg_overlay_new (256ull << 20, &error);
  ck_assert_msg (clone->overlay != NULL, "%s", error != NULL ? error->message : "");
  trace ("(before QEMU)", g_get_monotonic_time () - begun, NULL);
  wish = (SgCloneWish){ clone->template, clone->overlay, below, VM_KIT_DISK_BYTES, cpus, memory };
  vm_kit_start_clone (&clone->vm, dir, sg_template_ram_path (clone->template), TRUE);
  sg_clone_wake_async (clone->vm.qmp.qmp, &wish, trace, NULL, NULL, qmp_kit_keep, &woken);
  QMP_KIT_SPIN (woken);
  ck_assert_msg (sg_clone_finish (clone->vm.qmp.qmp, woken, &error), "%s",
                 error != NULL ? error->message : "");
  json_node_unref (qmp_kit_call (clone->vm.qmp.qmp, "cont", NULL, NULL));
  trace ("(all)", g_get_monotonic_time () - begun, NULL);
}

static void
clone_stop (CloneKit *clone)
{
  vm_kit_stop (&clone->vm);
  sg_overlay_free (clone->overlay);
  sg_template_unref (clone->template);
}

static void
check_says (CloneKit *clone, const char *command, const char *expected)
{
  g_autofree char *out = vm_kit_run (&clone->vm, command);

  ck_assert_str_eq (out, expected);
}

#define READ_DISK "dd if=/dev/vda bs=512 skip=8 count=1 2>/dev/null | tr -d '\\000'"

START_TEST (a_clone_goes_on_where_the_template_stopped)
{
  CloneKit clone;

  clone_start (&clone, 0, 0);
  ck_assert_ptr_null (sg_template_take_state (clone.template)); /* no megabytes for nothing */
  check_says (&clone, "cat /tmp/x", "remembered");
  check_says (&clone, READ_DISK, "on-disk");
  clone_stop (&clone);
}
END_TEST

/* Memory and disk of one are nobody else's, and the template's files stay what they are. */
START_TEST (clones_are_apart_and_the_template_never_changes)
{
  static const char scribble[]
      = "echo mine >/tmp/x; dd if=/dev/urandom of=/tmp/fill bs=1M count=100 2>/dev/null; "
        "printf changed | dd of=/dev/vda bs=512 seek=8 conv=sync 2>/dev/null; "
        "dd if=/dev/zero of=/dev/vda bs=1M seek=1 count=20 2>/dev/null; rm /tmp/fill; sync; "
        "echo 3 >/proc/sys/vm/drop_caches; " READ_DISK;
  CloneKit one, two;

  clone_start (&one, 0, 0);
  check_says (&one, scribble, "changed");
  clone_start (&two, 0, 0);
  check_says (&two, "cat /tmp/x", "remembered");
  check_says (&two, READ_DISK, "on-disk");
  check_says (&one, "cat /tmp/x", "mine");
  clone_stop (&one);
  clone_stop (&two);
  g_autoptr (SgTemplate) template = open_template (); /* sizes, times, the state's sum */
  ck_assert (sg_template_verify (template, NULL, NULL));
}
END_TEST

START_TEST (clones_draw_different_numbers)
{
  g_autoptr (GHashTable) drawn = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 3; i++)
    {
      CloneKit clone;
      char *out;

      clone_start (&clone, 0, 0);
      out = vm_kit_run (&clone.vm, "cat /proc/sys/kernel/random/uuid");
      ck_assert_uint_eq (strlen (out), 36);
      ck_assert_msg (g_hash_table_add (drawn, out), "twice: %s", out);
      clone_stop (&clone);
    }
}
END_TEST

START_TEST (a_clone_grows_to_the_wish)
{
  CloneKit clone;
  guint64 kib;

  clone_start (&clone, 3, VM_KIT_RAM_BYTES + (512ull << 20));
  check_says (&clone,
              "sleep 2; for c in /sys/devices/system/cpu/cpu[1-9]/online; do echo 1 >$c; done; "
              "nproc",
              "3");
  g_autofree char *total = vm_kit_run (&clone.vm, "sed -n 's/MemTotal: *//p' /proc/meminfo");
  kib = g_ascii_strtoull (total, NULL, 10);
  ck_assert_msg (kib > 650 * 1024 && kib < 768 * 1024, "%s", total);
  check_says (&clone, "cat /tmp/x", "remembered");
  clone_stop (&clone);
}
END_TEST

/* For good: the system inside cannot have it back, and QEMU has no thread for it. */
START_TEST (a_clone_shrinks_to_one_processor)
{
  g_autoptr (GAsyncResult) shrunk = NULL;
  g_autoptr (GError) error = NULL;
  CloneKit clone;
  SgQmp *qmp;

  clone_start (&clone, 0, 0);
  qmp = clone.vm.qmp.qmp;
  check_says (&clone, "nproc", "2");
  sg_clone_shrink_async (qmp, 1, trace, NULL, NULL, qmp_kit_keep, &shrunk);
  QMP_KIT_SPIN (shrunk);
  ck_assert_msg (sg_clone_shrink_finish (qmp, shrunk, &error), "%s",
                 error != NULL ? error->message : "");
  check_says (&clone, "nproc; ls -d /sys/devices/system/cpu/cpu[0-9]*",
              "1\n/sys/devices/system/cpu/cpu0");
  g_autoptr (JsonNode) left = qmp_kit_call (qmp, "query-cpus-fast", NULL, NULL);
  ck_assert_uint_eq (json_array_get_length (json_node_get_array (left)), 1);
  check_says (&clone, "cat /tmp/x", "remembered");
  clone_stop (&clone);
}
END_TEST

/* The file is bound read-only: a QEMU before 8.2 that is not helped refuses it, so it was
 * read-only. */
START_TEST (the_memory_file_cannot_be_written)
{
  g_autoptr (SgTemplate) template = open_template ();
  VmKit vm;

  vm_kit_start_clone (&vm, dir, sg_template_ram_path (template), FALSE);
  QMP_KIT_SPIN (vm.qmp.closed);
  vm_kit_stop (&vm);
  vm_kit_start_clone (&vm, dir, sg_template_ram_path (template), TRUE);
  json_node_unref (qmp_kit_call (vm.qmp.qmp, "query-status", NULL, NULL));
  vm_kit_stop (&vm);
}
END_TEST

/* --- damage -------------------------------------------------------------------------------------
 */

/* A copy of the template under another name, whose description matches its times. */
static void
copy_template (void)
{
  g_autofree char *from = g_build_filename (dir, "templates", KEY, NULL);
  g_autofree char *to = g_build_filename (dir, "templates", OTHER, NULL);
  g_autofree char *info = file_of (OTHER, "info");
  const char *const argv[] = { "/bin/cp", "-r", "--sparse=always", from, to, NULL };
  g_autoptr (GKeyFile) file = g_key_file_new ();
  int status;

  sg_template_prune (dir, KEY); /* of another test */
  ck_assert (g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
  ck_assert_int_eq (status, 0);
  ck_assert (g_key_file_load_from_file (file, info, 0, NULL));
  g_key_file_set_string (file, "template", "key", OTHER);
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    {
      const char *name = sg_template_file_names[i];
      g_autofree char *path = file_of (OTHER, name);
      sg_fd int fd = open (path, O_RDONLY | O_CLOEXEC);
      SgTemplateFile now;

      ck_assert (sg_template_file_look (fd, &now, NULL));
      g_key_file_set_int64 (file, name, "mtime", now.mtime);
      g_key_file_set_int64 (file, name, "ctime", now.ctime);
    }
  ck_assert (g_key_file_save_to_file (file, info, NULL));
}

/* Takes note of the times as they are now: so only a checksum can tell. */
static void
forge_times (const char *name)
{
  g_autofree char *info = file_of (OTHER, "info");
  g_autofree char *path = file_of (OTHER, name);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  sg_fd int fd = open (path, O_RDONLY | O_CLOEXEC);
  SgTemplateFile now;

  ck_assert (sg_template_file_look (fd, &now, NULL));
  ck_assert (g_key_file_load_from_file (file, info, 0, NULL));
  g_key_file_set_int64 (file, name, "mtime", now.mtime);
  g_key_file_set_int64 (file, name, "ctime", now.ctime);
  ck_assert (g_key_file_save_to_file (file, info, NULL));
}

static void
flip (const char *name, off_t at)
{
  g_autofree char *path = file_of (OTHER, name);
  sg_fd int fd = -1;
  char c;

  ck_assert_int_eq (chmod (path, 0600), 0);
  fd = open (path, O_RDWR | O_CLOEXEC);
  ck_assert_int_eq (pread (fd, &c, 1, at), 1);
  c ^= 1;
  ck_assert_int_eq (pwrite (fd, &c, 1, at), 1);
}

static void
cut (const char *name)
{
  g_autofree char *path = file_of (OTHER, name);

  ck_assert_int_eq (chmod (path, 0600), 0);
  ck_assert_int_eq (truncate (path, 4096), 0);
  forge_times (name);
}

static void
check_refused (void)
{
  g_autofree char *path = g_build_filename (dir, "templates", OTHER, NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (sg_template_open (dir, OTHER, &error));
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA), "%s",
                 error->message);
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS)); /* and it is gone */
}

START_TEST (a_copy_is_as_good)
{
  g_autoptr (SgTemplate) template = NULL;

  copy_template ();
  template = sg_template_open (dir, OTHER, NULL);
  ck_assert_ptr_nonnull (template);
  ck_assert (sg_template_verify (template, NULL, NULL));
}
END_TEST

START_TEST (a_file_cut_short_is_refused)
{
  copy_template ();
  cut (sg_template_file_names[_i]);
  check_refused ();
}
END_TEST

START_TEST (a_file_that_was_touched_is_refused)
{
  copy_template ();
  flip (sg_template_file_names[_i], 0);
  check_refused ();
}
END_TEST

START_TEST (a_flipped_bit_in_the_state_is_found_at_once)
{
  copy_template ();
  flip ("state", 5000);
  forge_times ("state");
  check_refused ();
}
END_TEST

START_TEST (a_flipped_bit_in_memory_or_disk_is_found_at_idle)
{
  static const char *const names[] = { "ram", "disk" };
  g_autofree char *path = g_build_filename (dir, "templates", OTHER, NULL);
  g_autoptr (SgTemplate) template = NULL;
  g_autoptr (GError) error = NULL;

  copy_template ();
  flip (names[_i], _i == 0 ? 16 << 20 : 1000);
  forge_times (names[_i]);
  template = sg_template_open (dir, OTHER, NULL);
  ck_assert_ptr_nonnull (template);
  ck_assert (!sg_template_verify (template, NULL, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA));
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (a_missing_or_mad_description_is_refused)
{
  static const char *const texts[] = { NULL,
                                       "",
                                       "[template]\nformat=99\n",
                                       "[template]\nformat=1\nkey=" KEY "\n",
                                       "[template]\nformat=1\nkey=" OTHER "\n[ram]\nsize=-5\n",
                                       "\xff\xfe" };
  g_autofree char *info = NULL;

  copy_template ();
  info = file_of (OTHER, "info");
  if (texts[_i] == NULL)
    ck_assert_int_eq (g_unlink (info), 0);
  else
    ck_assert (g_file_set_contents (info, texts[_i], -1, NULL));
  check_refused ();
}
END_TEST

/* --- making -------------------------------------------------------------------------------------
 */

static guint
count_entries (void)
{
  g_autofree char *root = sg_template_root (dir);
  g_autoptr (GDir) entries = g_dir_open (root, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (entries) != NULL)
    n++;
  return n;
}

START_TEST (one_makes_it_at_a_time_and_giving_up_leaves_nothing)
{
  guint before = count_entries ();
  g_autoptr (SgTemplateDraft) first = sg_template_draft_new (dir, OTHER, 1 << 20, NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_nonnull (first);
  ck_assert_ptr_null (sg_template_draft_new (dir, OTHER, 1 << 20, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  ck_assert_uint_eq (count_entries (), before + 1);
  ck_assert (!sg_template_draft_is_full (first));
  g_clear_pointer (&first, sg_template_draft_free);
  ck_assert_uint_eq (count_entries (), before);
}
END_TEST

START_TEST (a_maker_that_is_killed_leaves_nothing_current)
{
  guint before = count_entries ();
  g_autoptr (SgTemplateDraft) next = NULL;
  g_autoptr (GError) error = NULL;
  pid_t pid = fork ();

  if (pid == 0)
    {
      if (sg_template_draft_new (dir, OTHER, 1 << 20, NULL) != NULL)
        raise (SIGKILL);
      _exit (1);
    }
  waitpid (pid, NULL, 0);
  ck_assert_uint_eq (count_entries (), before + 1);
  ck_assert_ptr_null (sg_template_open (dir, OTHER, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  next = sg_template_draft_new (dir, OTHER, 1 << 20, NULL);
  ck_assert_ptr_nonnull (next);
  ck_assert_uint_eq (count_entries (), before + 1); /* its own: the other is gone */
}
END_TEST

START_TEST (a_disk_too_small_is_told_before_anything_is_made)
{
  guint before = count_entries ();
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (sg_template_draft_new (dir, OTHER, 1ull << 50, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  ck_assert_uint_eq (count_entries (), before);
}
END_TEST

START_TEST (pruning_spares_what_is_used_or_kept)
{
  g_autofree char *other = g_build_filename (dir, "templates", OTHER, NULL);
  g_autofree char *kept = g_build_filename (dir, "templates", KEY, NULL);
  g_autoptr (SgTemplate) used = NULL;

  copy_template ();
  used = sg_template_open (dir, OTHER, NULL);
  sg_template_prune (dir, KEY);
  ck_assert (g_file_test (other, G_FILE_TEST_EXISTS));
  g_clear_pointer (&used, sg_template_unref);
  sg_template_prune (dir, KEY);
  ck_assert (!g_file_test (other, G_FILE_TEST_EXISTS));
  ck_assert (g_file_test (kept, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (an_old_template_goes_with_its_last_user)
{
  g_autofree char *other = g_build_filename (dir, "templates", OTHER, NULL);
  g_autoptr (SgTemplate) used = NULL;

  copy_template ();
  used = sg_template_open (dir, OTHER, NULL);
  ck_assert_str_eq (sg_template_name (used), OTHER);
  sg_template_drop (dir, OTHER);
  ck_assert (g_file_test (other, G_FILE_TEST_EXISTS));
  g_clear_pointer (&used, sg_template_unref);
  sg_template_drop (dir, OTHER);
  ck_assert (!g_file_test (other, G_FILE_TEST_EXISTS));
  sg_template_drop (dir, OTHER); /* twice is once */
}
END_TEST

START_TEST (the_key_names_everything)
{
  const char *argv[] = { "qemu", "-m", "1024", NULL };
  SgTemplateInputs inputs = { "digest", "/bin/true", "/bin/false", argv };
  g_autofree char *key = sg_template_key (&inputs);
  g_autofree char *same = sg_template_key (&inputs);

  ck_assert_str_eq (key, same);
  for (guint i = 0; i < 4; i++)
    {
      const char *more[] = { "qemu", "-m", "1025", NULL };
      SgTemplateInputs other = inputs;
      g_autofree char *changed = NULL;

      if (i == 0)
        other.base_digest = "digest2";
      else if (i == 1)
        other.qemu = "/bin/sh";
      else if (i == 2)
        other.kernel = "/bin/sh";
      else
        other.argv = more;
      changed = sg_template_key (&other);
      ck_assert_str_ne (key, changed);
    }
}
END_TEST

/* KVM that keeps back something else than yesterday would wake another processor. */
START_TEST (the_key_holds_how_kvm_is_set)
{
  const char *argv[] = { "qemu", NULL };
  g_autofree char *modules = g_build_filename (dir, "modules", NULL);
  g_autofree char *parameters = g_build_filename (modules, "kvm_amd", "parameters", NULL);
  g_autofree char *npt = g_build_filename (parameters, "npt", NULL);
  SgTemplateInputs inputs = { "digest", "/bin/true", "/bin/false", argv, modules };
  g_autofree char *without = sg_template_key (&inputs);
  g_autofree char *with = NULL, *same = NULL, *changed = NULL;

  ck_assert_int_eq (g_mkdir_with_parents (parameters, 0700), 0);
  ck_assert (g_file_set_contents (npt, "Y\n", -1, NULL));
  with = sg_template_key (&inputs);
  same = sg_template_key (&inputs);
  ck_assert (g_file_set_contents (npt, "N\n", -1, NULL));
  changed = sg_template_key (&inputs);
  ck_assert_str_ne (without, with);
  ck_assert_str_eq (with, same);
  ck_assert_str_ne (with, changed);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clone");
  TCase *clones = tcase_create ("clones"); /* one, so that the machine boots once */
  const char *missing = vm_kit_missing ();
  SRunner *runner;
  int failed;

  if (missing != NULL)
    {
      printf ("skipped: %s\n", missing);
      return 77;
    }
  tcase_set_timeout (clones, 240);
  tcase_add_test (clones, a_clone_goes_on_where_the_template_stopped);
  tcase_add_test (clones, clones_are_apart_and_the_template_never_changes);
  tcase_add_test (clones, clones_draw_different_numbers);
  tcase_add_test (clones, a_clone_grows_to_the_wish);
  tcase_add_test (clones, a_clone_shrinks_to_one_processor);
  tcase_add_test (clones, the_memory_file_cannot_be_written);
  tcase_add_test (clones, a_copy_is_as_good);
  tcase_add_loop_test (clones, a_file_cut_short_is_refused, 0, SG_TEMPLATE_N_FILES);
  tcase_add_loop_test (clones, a_file_that_was_touched_is_refused, 0, SG_TEMPLATE_N_FILES);
  tcase_add_test (clones, a_flipped_bit_in_the_state_is_found_at_once);
  tcase_add_loop_test (clones, a_flipped_bit_in_memory_or_disk_is_found_at_idle, 0, 2);
  tcase_add_loop_test (clones, a_missing_or_mad_description_is_refused, 0, 6);
  tcase_add_test (clones, one_makes_it_at_a_time_and_giving_up_leaves_nothing);
  tcase_add_test (clones, a_maker_that_is_killed_leaves_nothing_current);
  tcase_add_test (clones, a_disk_too_small_is_told_before_anything_is_made);
  tcase_add_test (clones, pruning_spares_what_is_used_or_kept);
  tcase_add_test (clones, an_old_template_goes_with_its_last_user);
  tcase_add_test (clones, the_key_names_everything);
  tcase_add_test (clones, the_key_holds_how_kvm_is_set);
  tcase_add_unchecked_fixture (clones, make_template, remove_all);
  suite_add_tcase (suite, clones);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
