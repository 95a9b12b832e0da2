/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nameless disk, under a real QEMU's block layer (no guest: -M none), looked at through NBD as
 * the guest would see it and through its descriptor as a thief would. */
#include "common/fd.h"
#include "launcher/overlay-place.h"
#include "launcher/overlay.h"
#include "tests/unit/qmp-kit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libnbd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1024 * 1024)
#define DISK_BYTES (256ull * MIB)
#define CAP_BYTES (64ull * MIB)
#define MARKER "a sentence that only this sandbox knows"

static char *dir;
static char *base_path;
static QmpKit kit;
static SgOverlay *overlay;
static struct nbd_handle *nbd;

static void
make_base (void)
{
  g_autofree char *block = g_malloc (MIB);
  sg_fd int fd = open (base_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (ftruncate (fd, DISK_BYTES), 0);
  memset (block, 'b', MIB);
  ck_assert_int_eq (pwrite (fd, block, MIB, 8 * MIB), MIB);
}

static void
start_qemu (void)
{
  static const char *const argv[]
      = { "-M",
          "none",
          "-S",
          "-blockdev",
          "driver=null-co,node-name=sg-null,size=268435456,read-zeroes=on",
          "-blockdev",
          "driver=raw,node-name=sg-disk,file=sg-null,"
          "discard=unmap",
          NULL };

  qmp_kit_start (&kit, argv);
}

static gboolean
run_steps (SgQmpSteps *steps, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sg_qmp_steps_run_async (steps, kit.qmp, NULL, NULL, NULL, qmp_kit_keep, &result);
  QMP_KIT_SPIN (result);
  return sg_qmp_steps_run_finish (kit.qmp, result, error);
}

static void
attach (void)
{
  sg_fd int base = open (base_path, O_RDONLY | O_CLOEXEC);
  SgOverlayLayer layer = { base, "raw" };
  g_autoptr (GError) error = NULL;
  gboolean ok = run_steps (sg_overlay_attach (overlay, &layer, 1, DISK_BYTES), &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "");
  sg_overlay_forget_key (overlay);
}

/* The guest's view. */
static void
connect_nbd (void)
{
  g_autofree char *path = g_build_filename (dir, "nbd", NULL);

  json_node_unref (qmp_kit_call (kit.qmp, "nbd-server-start",
                                 sg_qmp_args ("{'addr': <{'type': <'unix'>, "
                                              "'data': <{'path': <%s>}>}>}",
                                              path),
                                 NULL));
  json_node_unref (qmp_kit_call (
      kit.qmp, "block-export-add",
      sg_qmp_args ("{'type': <'nbd'>, 'id': <'x'>, 'node-name': <'sg-disk'>, 'name': <'x'>, "
                   "'writable': <true>}"),
      NULL));
  nbd = nbd_create ();
  nbd_set_export_name (nbd, "x");
  ck_assert_msg (nbd_connect_unix (nbd, path) == 0, "%s", nbd_get_error ());
}

static void
set_up (void)
{
  g_autoptr (GError) error = NULL;

  dir = g_dir_make_tmp ("sandglass-overlay-XXXXXX", NULL);
  base_path = g_build_filename (dir, "base", NULL);
  make_base ();
  overlay = sg_overlay_new (CAP_BYTES, &error);
  ck_assert_msg (overlay != NULL, "%s", error != NULL ? error->message : "");
  start_qemu ();
}

static void
tear_down (void)
{
  g_autofree char *socket = g_build_filename (dir, "nbd", NULL);

  g_clear_pointer (&nbd, nbd_close);
  qmp_kit_stop (&kit);
  sg_overlay_free (overlay);
  g_unlink (base_path);
  g_unlink (socket);
  ck_assert_int_eq (g_rmdir (dir), 0);
  g_free (base_path);
  g_free (dir);
}

/* Is TEXT anywhere in the file's allocated bytes? */
static gboolean
file_has (int fd, const char *text)
{
  enum
  {
    STEP = 1 << 20
  };
  g_autofree char *block = g_malloc (STEP + 256);
  off_t end = lseek (fd, 0, SEEK_END);

  for (off_t at = 0; (at = lseek (fd, at, SEEK_DATA)) >= 0 && at < end; at += STEP)
    {
      gssize n = sg_pread_all (fd, block, STEP + 256, at, NULL);
      if (n > 0 && memmem (block, (gsize)n, text, strlen (text)) != NULL)
        return TRUE;
    }
  return FALSE;
}

START_TEST (it_reads_what_is_below_and_keeps_what_is_written)
{
  static char block[65536], other[65536];
  g_autofree char *before = NULL, *after = NULL;
  gsize length;

  ck_assert (g_file_get_contents (base_path, &before, &length, NULL));
  attach ();
  connect_nbd ();
  ck_assert_int_eq (nbd_get_size (nbd), DISK_BYTES);
  ck_assert_int_eq (nbd_pread (nbd, block, sizeof block, 8 * MIB, 0), 0);
  ck_assert (block[0] == 'b' && block[65535] == 'b');
  memset (block, 'w', 5000);
  ck_assert_int_eq (nbd_pwrite (nbd, block, 4096, 8 * MIB + 4096, 0), 0);
  ck_assert_int_eq (nbd_flush (nbd, 0), 0);
  ck_assert_int_eq (nbd_pread (nbd, other, sizeof other, 8 * MIB, 0), 0);
  ck_assert (other[4095] == 'b' && other[4096] == 'w' && other[8191] == 'w' && other[8192] == 'b');
  ck_assert (g_file_get_contents (base_path, &after, NULL, NULL));
  ck_assert (memcmp (before, after, length) == 0);
}
END_TEST

START_TEST (the_file_has_no_name_and_gets_none)
{
  g_autofree char *from = g_strdup_printf ("/proc/self/fd/%d", sg_overlay_fd (overlay));
  g_autofree char *to = g_build_filename (dir, "name", NULL);
  struct stat st;

  ck_assert_ptr_null (sg_overlay_memory_notice (overlay));
  attach ();
  ck_assert_int_eq (fstat (sg_overlay_fd (overlay), &st), 0);
  ck_assert_uint_eq (st.st_nlink, 0);
  ck_assert_int_lt (linkat (AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW), 0);
}
END_TEST

START_TEST (nothing_in_it_can_be_read_without_the_key)
{
  static char block[65536];

  for (gsize i = 0; i + sizeof MARKER < sizeof block; i += sizeof MARKER)
    memcpy (block + i, MARKER, sizeof MARKER);
  attach ();
  connect_nbd ();
  ck_assert (!file_has (sg_overlay_fd (overlay), MARKER));
  for (guint i = 0; i < 32; i++)
    ck_assert_int_eq (nbd_pwrite (nbd, block, sizeof block, i * MIB, 0), 0);
  ck_assert_int_eq (nbd_flush (nbd, 0), 0);
  ck_assert_uint_gt (sg_overlay_used (overlay), 32 * sizeof block); /* they are in there */
  ck_assert (!file_has (sg_overlay_fd (overlay), MARKER));
  ck_assert (!file_has (sg_overlay_fd (overlay), "QFI\xfb")); /* nor is the qcow2 header */
  ck_assert (file_has (sg_overlay_fd (overlay), "LUKS"));     /* the search does find things */
}
END_TEST

/* The last bytes of the cap can be had, and not one more; discarding makes room again. */
START_TEST (the_cap_is_exact)
{
  g_autofree char *block = g_malloc (MIB);
  guint64 written = 0;

  memset (block, 'x', MIB);
  attach ();
  connect_nbd ();
  while (written < DISK_BYTES && nbd_pwrite (nbd, block, MIB, written, 0) == 0)
    written += MIB;
  ck_assert_int_eq (nbd_get_errno (), ENOSPC);
  ck_assert_uint_ge (written, CAP_BYTES - 2 * MIB); /* qcow2's own tables */
  ck_assert_uint_le (written, CAP_BYTES);
  ck_assert_uint_le (sg_overlay_used (overlay), CAP_BYTES + 4 * MIB); /* the LUKS header */
  ck_assert_int_eq (nbd_trim (nbd, 8 * MIB, 0, 0), 0);
  for (guint i = 0; i < 8; i++)
    ck_assert_msg (nbd_pwrite (nbd, block, MIB, i * MIB, 0) == 0, "%s", nbd_get_error ());
  ck_assert_int_eq (nbd_pwrite (nbd, block, MIB, written + 8 * MIB, 0), -1);
}
END_TEST

/* QEMU is killed; another one has all that was flushed, and can write on. */
START_TEST (what_was_written_outlives_its_machine)
{
  static char block[65536], other[65536];
  sg_fd int base = open (base_path, O_RDONLY | O_CLOEXEC);
  SgOverlayLayer layer = { base, "raw" };
  g_autofree char *socket = g_build_filename (dir, "nbd", NULL);
  g_autoptr (GError) error = NULL;
  gboolean ok = run_steps (sg_overlay_attach (overlay, &layer, 1, DISK_BYTES), &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "");
  connect_nbd ();
  memset (block, 'w', sizeof block);
  ck_assert_int_eq (nbd_pwrite (nbd, block, sizeof block, 20 * MIB, 0), 0);
  ck_assert_int_eq (nbd_flush (nbd, 0), 0);
  kill (kit.pid, SIGKILL);
  g_clear_pointer (&nbd, nbd_close);
  qmp_kit_stop (&kit);
  g_unlink (socket);
  start_qemu ();
  ok = run_steps (sg_overlay_attach_again (overlay, &layer, 1), &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "");
  connect_nbd ();
  ck_assert_int_eq (nbd_pread (nbd, other, sizeof other, 20 * MIB, 0), 0);
  ck_assert (memcmp (block, other, sizeof other) == 0);
  ck_assert_int_eq (nbd_pread (nbd, other, sizeof other, 8 * MIB, 0), 0);
  ck_assert (other[0] == 'b'); /* from below */
  ck_assert_int_eq (nbd_pwrite (nbd, block, sizeof block, 30 * MIB, 0), 0);
  ck_assert_int_eq (nbd_flush (nbd, 0), 0);
}
END_TEST

START_TEST (without_its_key_it_is_not_attached_again)
{
  sg_fd int base = open (base_path, O_RDONLY | O_CLOEXEC);
  SgOverlayLayer layer = { base, "raw" };
  g_autoptr (GError) error = NULL;

  attach (); /* forgets it */
  qmp_kit_stop (&kit);
  start_qemu ();
  ck_assert (!run_steps (sg_overlay_attach_again (overlay, &layer, 1), &error));
}
END_TEST

START_TEST (a_broken_chain_says_which_step)
{
  sg_fd int empty = memfd_create ("empty", MFD_CLOEXEC);
  SgOverlayLayer layers[] = { { empty, "raw" }, { empty, "qcow2" } };
  g_autoptr (GError) error = NULL;

  ck_assert (!run_steps (sg_overlay_attach (overlay, layers, 2, DISK_BYTES), &error));
  ck_assert_msg (strstr (error->message, "blockdev-add: ") == error->message, "%s", error->message);
}
END_TEST

START_TEST (a_job_that_fails_fails_the_run)
{
  g_autoptr (GError) error = NULL;
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_create (steps, sg_qmp_args ("{'driver': <'qcow2'>, 'file': <'sg-null'>, "
                                           "'size': <1>}"));
  ck_assert (!run_steps (steps, &error));
  ck_assert_msg (strstr (error->message, "query-jobs: ") == error->message, "%s", error->message);
}
END_TEST

START_TEST (a_wait_ends_with_qemu_or_by_cancelling)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  SgQmpSteps *steps = sg_qmp_steps_new ();

  sg_qmp_steps_await (steps, "NEVER", "a", "b", NULL);
  sg_qmp_steps_run_async (steps, kit.qmp, NULL, NULL, cancellable, qmp_kit_keep, &first);
  g_cancellable_cancel (cancellable);
  QMP_KIT_SPIN (first);
  ck_assert (!sg_qmp_steps_run_finish (kit.qmp, first, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  steps = sg_qmp_steps_new ();
  sg_qmp_steps_await (steps, "NEVER", "a", "b", NULL);
  sg_qmp_steps_run_async (steps, kit.qmp, NULL, NULL, NULL, qmp_kit_keep, &second);
  kill (kit.pid, SIGKILL);
  QMP_KIT_SPIN (second);
  ck_assert (!sg_qmp_steps_run_finish (kit.qmp, second, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED));
}
END_TEST

START_TEST (a_disk_that_stops_the_machine_is_told_apart)
{
  static const struct
  {
    const char *event, *data;
    SgOverlayTrouble expected;
  } rows[] = {
    { "BLOCK_IO_ERROR", "{\"action\": \"stop\", \"nospace\": true}", SG_OVERLAY_CAP_REACHED },
    { "BLOCK_IO_ERROR", "{\"action\": \"stop\", \"nospace\": false}", SG_OVERLAY_BROKEN },
    { "BLOCK_IO_ERROR", "{\"action\": \"report\", \"nospace\": true}", SG_OVERLAY_NO_TROUBLE },
    { "BLOCK_IO_ERROR", "{\"action\": [5]}", SG_OVERLAY_NO_TROUBLE },
    { "STOP", "{}", SG_OVERLAY_NO_TROUBLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (rows[i].data, NULL);
      ck_assert_int_eq (sg_overlay_trouble (overlay, rows[i].event, json_node_get_object (node)),
                        rows[i].expected);
    }
}
END_TEST

START_TEST (the_first_place_that_fits_is_taken)
{
  const char *places[] = { "/nonexistent", "/dev/shm", "/var/tmp", NULL };
  const char *memory_only[] = { "/dev/shm", "/proc", NULL };
  SgOverlayPlace place;
  g_autoptr (GError) error = NULL;

  ck_assert (sg_overlay_place_find (places, MIB, &place, NULL));
  ck_assert (!place.memory && place.notice == NULL && place.room > MIB);
  sg_overlay_place_clear (&place);
  ck_assert (sg_overlay_place_find (memory_only, MIB, &place, NULL));
  ck_assert (place.memory && place.fd >= 0);
  ck_assert_msg (strstr (place.notice, "/dev/shm: it is memory") != NULL, "%s", place.notice);
  sg_overlay_place_clear (&place);
  ck_assert (!sg_overlay_place_find (places, G_MAXUINT64 / 2, &place, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
}
END_TEST

START_TEST (an_ordinary_user_can_make_one)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    {
      g_setenv ("XDG_CACHE_HOME", "/nonexistent", TRUE);
      if (getuid () == 0 && (setgid (65534) < 0 || setuid (65534) < 0))
        _exit (2);
      _exit (sg_overlay_new (CAP_BYTES, NULL) != NULL ? 0 : 1);
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert_int_eq (status, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("overlay");
  TCase *qemu = tcase_create ("qemu"), *place = tcase_create ("place");
  SRunner *runner;
  int failed;

  if (qmp_kit_qemu () == NULL)
    {
      puts ("skipped: qemu-system-x86_64 is not installed");
      return 77;
    }
  tcase_set_timeout (qemu, 60);
  tcase_add_checked_fixture (qemu, set_up, tear_down);
  tcase_add_test (qemu, it_reads_what_is_below_and_keeps_what_is_written);
  tcase_add_test (qemu, the_file_has_no_name_and_gets_none);
  tcase_add_test (qemu, nothing_in_it_can_be_read_without_the_key);
  tcase_add_test (qemu, the_cap_is_exact);
  tcase_add_test (qemu, what_was_written_outlives_its_machine);
  tcase_add_test (qemu, without_its_key_it_is_not_attached_again);
  tcase_add_test (qemu, a_broken_chain_says_which_step);
  tcase_add_test (qemu, a_job_that_fails_fails_the_run);
  tcase_add_test (qemu, a_wait_ends_with_qemu_or_by_cancelling);
  tcase_add_test (qemu, a_disk_that_stops_the_machine_is_told_apart);
  tcase_add_test (place, the_first_place_that_fits_is_taken);
  tcase_add_test (place, an_ordinary_user_can_make_one);
  suite_add_tcase (suite, qemu);
  suite_add_tcase (suite, place);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
