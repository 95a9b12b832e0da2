/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is plugged into a clone, by a QEMU whose machine stands still: nothing runs inside. */
#include "launcher/clone.h"

#include "baseimage/crc32c.h"
#include "common/fd.h"
#include "launcher/template-files.h"
#include "tests/unit/qmp-kit.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define MIB (1ull << 20)
#define HAVE (64 * MIB) /* what the template has */

static char *dir;
static SgTemplate *template;
static QmpKit kit;

/* A template in all but its contents. */
static void
make_template (void)
{
  g_autofree char *at = g_build_filename (dir, "templates", KEY, NULL);
  g_autofree char *info = g_build_filename (at, SG_TEMPLATE_INFO, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  ck_assert_int_eq (g_mkdir_with_parents (at, 0700), 0);
  g_key_file_set_integer (file, "template", "format", SG_TEMPLATE_FORMAT);
  g_key_file_set_string (file, "template", "key", KEY);
  for (guint i = 0; i < SG_TEMPLATE_N_FILES; i++)
    {
      const char *name = sg_template_file_names[i];
      g_autofree char *path = g_build_filename (at, name, NULL);
      sg_fd int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      SgTemplateFile now;

      ck_assert (sg_write_all (fd, "x", 1, NULL));
      ck_assert (i != SG_TEMPLATE_RAM || ftruncate (fd, (off_t)HAVE) == 0);
      ck_assert (sg_template_file_look (fd, &now, NULL));
      g_key_file_set_int64 (file, name, "size", now.size);
      g_key_file_set_int64 (file, name, "mtime", now.mtime);
      g_key_file_set_int64 (file, name, "ctime", now.ctime);
      g_key_file_set_uint64 (file, name, "checksum", sg_crc32c (SG_CRC32C_INIT, "x", 1));
    }
  ck_assert (g_key_file_save_to_file (file, info, NULL));
}

static void
set_up (void)
{
  static const char *const machine[] = { "-S",
                                         "-machine",
                                         "q35",
                                         "-accel",
                                         "tcg",
                                         "-smp",
                                         "cpus=1,maxcpus=2",
                                         "-m",
                                         "size=64M,maxmem=2G",
                                         "-device",
                                         "pcie-root-port,id=spare0,chassis=1,slot=1",
                                         NULL };

  dir = g_dir_make_tmp ("sandglass-test-XXXXXX", NULL);
  make_template ();
  template = sg_template_open (dir, KEY, NULL);
  ck_assert_ptr_nonnull (template);
  qmp_kit_start (&kit, machine);
}

static void
tear_down (void)
{
  const char *argv[] = { "rm", "-rf", dir, NULL };

  qmp_kit_stop (&kit);
  sg_template_unref (template);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_clear_pointer (&dir, g_free);
}

/* What the guest is asked to take into use. */
static guint64
requested (void)
{
  g_autoptr (JsonNode) answer = qmp_kit_call (
      kit.qmp, "qom-get",
      sg_qmp_args ("{'path': <'/machine/peripheral/memory'>, 'property': <'requested-size'>}"),
      NULL);

  return (guint64)json_node_get_int (answer);
}

static void
ask (guint64 bytes)
{
  SgCloneWish wish = { .template = template, .memory_bytes = bytes };
  g_autoptr (GAsyncResult) result = NULL;

  sg_clone_memory_async (kit.qmp, &wish, NULL, qmp_kit_keep, &result);
  QMP_KIT_SPIN (result);
  ck_assert (sg_clone_finish (kit.qmp, result, NULL));
}

/* A clone that has not grown gets its place when memory is first needed; and what was given comes
 * back to the last byte, although its template has all that it had at first. */
START_TEST (memory_is_given_when_it_is_needed_and_taken_back_whole)
{
  SgCloneWish wish = { .template = template,
                       .memory_bytes = HAVE + 512 * MIB,
                       .memory_first = HAVE + 128 * MIB };
  g_autoptr (GAsyncResult) result = NULL;

  sg_clone_grow_async (kit.qmp, &wish, NULL, NULL, NULL, qmp_kit_keep, &result);
  QMP_KIT_SPIN (result);
  ck_assert (sg_clone_finish (kit.qmp, result, NULL));
  ck_assert_uint_eq (requested (), 128 * MIB);
  ask (HAVE + 256 * MIB);
  ck_assert_uint_eq (requested (), 256 * MIB);
  ask (HAVE);
  ck_assert_uint_eq (requested (), 0);
}
END_TEST

/* Megabytes that one wake needs are not held by each sandbox to its end. */
START_TEST (the_state_is_given_once)
{
  g_autoptr (GBytes) state = sg_template_take_state (template);

  ck_assert_ptr_nonnull (state);
  ck_assert_uint_eq (g_bytes_get_size (state), 1);
  ck_assert_ptr_null (sg_template_take_state (template));
}
END_TEST

/* Who wakes a second one from it must open it again, and is told so: there is nothing to feed. */
START_TEST (one_that_was_opened_wakes_one)
{
  SgCloneWish wish = { .template = template };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_bytes_unref (sg_template_take_state (template));
  sg_clone_wake_async (kit.qmp, &wish, NULL, NULL, NULL, qmp_kit_keep, &result);
  QMP_KIT_SPIN (result);
  ck_assert (!sg_clone_finish (kit.qmp, result, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clone-memory");
  TCase *tcase = tcase_create ("clone-memory");
  SRunner *runner;
  int failed;

  if (qmp_kit_qemu () == NULL)
    {
      puts ("skipped: QEMU is not installed");
      return 77;
    }
  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, memory_is_given_when_it_is_needed_and_taken_back_whole);
  tcase_add_test (tcase, the_state_is_given_once);
  tcase_add_test (tcase, one_that_was_opened_wakes_one);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
