/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB devices that come and go in a real QEMU (without a guest), by gates that play a device. */
#include "common/fd.h"
#include "launcher/session-usb.h"
#include "tests/unit/loop-kit.h"
#include "tests/unit/qmp-kit.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CAMERA 0x0e
#define STORAGE 0x08
#define KEYBOARD 0x03

static QmpKit kit;
static SgPlan plan;
static SgUsbs *usbs;
static guint changes, numbers;
static char *lost;

static void
on_changed (gpointer data)
{
  changes++;
}

static void
on_lost (const char *words, gpointer data)
{
  g_free (lost);
  lost = g_strdup (words);
}

/* No test's file is a USB device: each is another one. */
static char *
where (int fd)
{
  return g_strdup_printf ("001/%03u", ++numbers);
}

/* Says that it is CLASS, and is PLAYED. */
static int
device (guint8 class, guint8 played)
{
  const guint8 bytes[] = { 18, 1, 0, 2, 0, 0, 0, 64, 0x6d, 4, 0x2d, 8, 0, 1, 1, 2, 3, 1,
                           9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, class, 1, 0, 0 };
  int fd = memfd_create ("device", MFD_CLOEXEC);

  ck_assert (sg_write_all (fd, bytes, sizeof bytes, NULL));
  ck_assert_int_eq (lseek (fd, played, SEEK_SET), played);
  return fd;
}

/* In the build that is tested; else beside this program.  Absolute: bubblewrap binds it. */
static char *
made_up_gate (void)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *beside = g_path_get_dirname (self);
  const char *built = g_getenv ("SG_BUILD");

  return built != NULL ? g_build_filename (here, built, "tests/made-up-usbgate", NULL)
                       : g_build_filename (beside, "made-up-usbgate", NULL);
}

static void
start (gboolean usb, gboolean camera)
{
  static const SgUsbsFuncs funcs = { on_changed, on_lost };
  static const char *const more[]
      = { "-machine", "q35,usb=off", "-accel", "tcg", "-m", "64", "-device",
          SG_USB_CONTROLLER, NULL };
  g_autofree char *gate = made_up_gate ();
  SgUsbMachine machine = { .plan = &plan, .where = where };

  plan.usb = usb;
  plan.camera = camera;
  plan.bwrap = g_find_program_in_path ("bwrap");
  plan.confine_usbgate = sg_confine_usbgate (gate);
  plan.confine_usbgate->proc = TRUE; /* for the sanitizers */
  qmp_kit_start (&kit, more);
  machine.qmp = kit.qmp;
  machine.cancellable = g_cancellable_new ();
  usbs = sg_usbs_new (&machine, &funcs, NULL);
}

static void
stop (void)
{
  sg_usbs_free (usbs);
  qmp_kit_stop (&kit);
  g_free (lost);
}

static char *
give (guint8 class, guint8 played, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  sg_usbs_give_async (usbs, device (class, played), "HD \033Webcam", keep, &result);
  SPIN_UNTIL (result);
  return sg_usbs_give_finish (result, error);
}

static gboolean
take (const char *at)
{
  g_autoptr (GAsyncResult) result = NULL;

  sg_usbs_take_async (usbs, at, keep, &result);
  SPIN_UNTIL (result);
  return sg_usbs_take_finish (result, NULL);
}

static guint
count (void)
{
  g_autoptr (GVariant) list = g_variant_ref_sink (sg_usbs_list (usbs));

  return (guint)g_variant_n_children (list);
}

/* QEMU's own words. */
static char *
info (const char *command)
{
  JsonNode *answer = qmp_kit_call (kit.qmp, "human-monitor-command",
                                   sg_qmp_args ("{'command-line': <%s>}", command), NULL);
  char *text = g_strdup (json_node_get_string (answer));

  json_node_unref (answer);
  return text;
}

static gboolean
attached (const char *plug)
{
  g_autofree char *text = info ("info usb"), *id = g_strdup_printf ("ID: %s", plug);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (strstr (*line, id) != NULL && strstr (*line, "Speed 480 Mb/s") != NULL)
      return TRUE; /* as the gate says that it is */
  return FALSE;
}

static void
wait_until (gboolean (*what) (const char *), const char *plug)
{
  for (guint i = 0; i < 300 && !what (plug); i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (20000);
    }
  if (!what (plug))
    {
      g_autofree char *text = info ("info usb");
      ck_abort_msg ("%s; %s", plug != NULL ? plug : lost, text);
    }
}

START_TEST (a_device_comes_and_goes)
{
  g_autofree char *at = NULL, *chardevs = NULL;
  g_autoptr (GVariant) list = NULL;
  const char *name;
  gboolean camera;

  start (FALSE, TRUE);
  at = give (CAMERA, CAMERA, NULL);
  ck_assert_str_eq (at, "001/001");
  list = g_variant_ref_sink (sg_usbs_list (usbs));
  ck_assert_uint_eq (g_variant_n_children (list), 1);
  g_variant_get_child (list, 0, "(&s&sb)", NULL, &name, &camera);
  ck_assert_str_eq (name, "HD ?Webcam");
  ck_assert (camera);
  wait_until (attached, "usb0");
  ck_assert (!take ("001/007"));
  ck_assert (take (at));
  ck_assert_uint_eq (count (), 0);
  ck_assert (!attached ("usb0"));
  chardevs = info ("info chardev");
  ck_assert_ptr_null (strstr (chardevs, "usb0"));
  ck_assert_uint_eq (changes, 2);
  ck_assert_ptr_null (lost);
  stop ();
}
END_TEST

START_TEST (what_is_not_granted_reaches_no_machine)
{
  g_autofree char *chardevs = NULL;
  g_autoptr (GError) error = NULL;

  start (FALSE, TRUE);
  ck_assert_ptr_null (give (STORAGE, STORAGE, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  ck_assert_ptr_nonnull (strstr (error->message, "no camera"));
  chardevs = info ("info chardev");
  ck_assert_ptr_null (strstr (chardevs, "usb0"));
  ck_assert_uint_eq (changes, 0);
  stop ();
}
END_TEST

static gboolean
is_lost (const char *plug)
{
  return lost != NULL && count () == 0;
}

/* QEMU holds the rule, too: a gate that was taken over gives it nothing else. */
START_TEST (the_machine_does_not_take_another_class)
{
  g_autofree char *at = NULL;

  start (FALSE, TRUE);
  at = give (CAMERA, STORAGE, NULL);
  ck_assert_ptr_nonnull (at);
  wait_until (is_lost, NULL);
  ck_assert_ptr_nonnull (strstr (lost, "does not take such a device"));
  ck_assert (!attached ("usb0"));
  stop ();
}
END_TEST

/* Nor what is granted, but was not looked at. */
START_TEST (a_stick_does_not_become_a_keyboard)
{
  g_autofree char *at = NULL;

  start (TRUE, FALSE);
  at = give (STORAGE, KEYBOARD, NULL);
  ck_assert_ptr_nonnull (at);
  wait_until (is_lost, NULL);
  ck_assert_ptr_nonnull (strstr (lost, "does not take such a device"));
  ck_assert (!attached ("usb0"));
  stop ();
}
END_TEST

START_TEST (a_plug_is_free_again)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  start (TRUE, FALSE);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *dead = give (STORAGE, 0, NULL); /* its gate ends at once */

      if (dead != NULL)
        wait_until (is_lost, NULL);
      for (guint turn = 0; turn < 100 && count () > 0; turn++)
        g_main_context_iteration (NULL, TRUE);
    }
  for (guint i = 0; i < SG_N_USB; i++)
    {
      g_autofree char *at = NULL, *plug = g_strdup_printf (SG_PLUG_USB, i);

      for (guint tries = 0; tries < 50 && at == NULL; tries++)
        {
          g_clear_error (&error);
          at = give (STORAGE, STORAGE, &error);
          if (at == NULL)
            g_usleep (20000); /* the ones of before are just going */
        }
      ck_assert_msg (at != NULL, "%s", error != NULL ? error->message : "");
    }
  g_clear_error (&error);
  ck_assert_ptr_null (give (STORAGE, STORAGE, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  for (guint i = 0; i < SG_N_USB; i++)
    {
      g_autofree char *plug = g_strdup_printf (SG_PLUG_USB, i);
      wait_until (attached, plug);
    }
  stop ();
}
END_TEST

START_TEST (a_file_is_no_device)
{
  static const SgUsbsFuncs funcs = { on_changed, on_lost };
  const SgUsbMachine machine = { .plan = &plan };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plan.usb = TRUE;
  plan.confine_usbgate = sg_confine_usbgate ("/nonexistent");
  usbs = sg_usbs_new (&machine, &funcs, NULL);
  sg_usbs_give_async (usbs, open ("/dev/null", O_RDWR | O_CLOEXEC), "null", keep, &result);
  SPIN_UNTIL (result);
  ck_assert_ptr_null (sg_usbs_give_finish (result, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  sg_usbs_free (usbs);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-usb");
  TCase *all = tcase_create ("all");
  SRunner *runner;
  int failed;

  tcase_add_test (all, a_file_is_no_device);
  if (qmp_kit_qemu () != NULL)
    {
      tcase_add_test (all, a_device_comes_and_goes);
      tcase_add_test (all, what_is_not_granted_reaches_no_machine);
      tcase_add_test (all, the_machine_does_not_take_another_class);
      tcase_add_test (all, a_stick_does_not_become_a_keyboard);
      tcase_add_test (all, a_plug_is_free_again);
    }
  suite_add_tcase (suite, all);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
