/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What USB devices say that they are, what may be handed over, and this computer's list of them
 * (from a made-up tree). */
#include "launcher/usb-list.h"
#include "launcher/usb-open.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A device of class CLASS with interfaces of these classes. */
static GByteArray *
descriptors (guint8 class, const guint8 *interfaces, gsize n)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 device[18] = { 18, 1, 0, 2, class, 0, 0, 64, 0x6d, 0x04, 0x2d, 0x08, 0, 1, 1, 2, 3, 1 };
  guint8 configuration[9] = { 9, 2, 0, 0, (guint8)n, 1, 0, 0x80, 50 };

  g_byte_array_append (bytes, device, sizeof device);
  g_byte_array_append (bytes, configuration, sizeof configuration);
  for (gsize i = 0; i < n; i++)
    {
      guint8 interface[9] = { 9, 4, (guint8)i, 0, 1, interfaces[i], 1, 0, 0 };
      guint8 endpoint[7] = { 7, 5, 0x81, 2, 64, 0, 0 };

      g_byte_array_append (bytes, interface, sizeof interface);
      g_byte_array_append (bytes, endpoint, sizeof endpoint);
    }
  return bytes;
}

START_TEST (what_may_be_handed_over)
{
  static const struct
  {
    guint8 class, interfaces[3];
    gsize n;
    gboolean usb, camera, microphone, may;
  } cases[] = {
    /* nothing granted */
    { 0, { 0x08 }, 1, FALSE, FALSE, FALSE, FALSE },
    { 0, { 0x0e }, 1, FALSE, FALSE, TRUE, FALSE },
    /* only cameras: a camera, and nothing that is more */
    { 0, { 0x0e, 0x0e }, 2, FALSE, TRUE, FALSE, TRUE },
    { 0xef, { 0x0e, 0x0e }, 2, FALSE, TRUE, FALSE, TRUE },
    { 0, { 0x0e, 0x01 }, 2, FALSE, TRUE, FALSE, FALSE },
    { 0, { 0x0e, 0x01 }, 2, FALSE, TRUE, TRUE, TRUE },
    { 0, { 0x0e, 0x08 }, 2, FALSE, TRUE, TRUE, FALSE },
    { 0, { 0x08 }, 1, FALSE, TRUE, TRUE, FALSE },
    { 0, { 0x01 }, 1, FALSE, TRUE, TRUE, FALSE },
    { 0xff, { 0x0e }, 1, FALSE, TRUE, TRUE, FALSE }, /* its own class counts, too */
    /* USB: everything but cameras and what listens */
    { 0, { 0x08 }, 1, TRUE, FALSE, FALSE, TRUE },
    { 0, { 0x03 }, 1, TRUE, FALSE, FALSE, TRUE },
    { 0, { 0xff }, 1, TRUE, FALSE, FALSE, TRUE },
    { 0, { 0x0e }, 1, TRUE, FALSE, TRUE, FALSE },
    { 0, { 0x01 }, 1, TRUE, TRUE, FALSE, FALSE },
    { 0, { 0x01, 0x03 }, 2, TRUE, TRUE, TRUE, TRUE },
    { 0, { 0x0e, 0x08 }, 2, TRUE, TRUE, FALSE, TRUE },
    /* a hub never */
    { 0x09, { 0x09 }, 1, TRUE, TRUE, TRUE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes
          = descriptors (cases[i].class, cases[i].interfaces, cases[i].n);
      const SgUsbGrants grants = { cases[i].usb, cases[i].camera, cases[i].microphone };
      SgUsbDevice device;
      const char *why;

      ck_assert (sg_usb_device_parse (&device, bytes->data, bytes->len, NULL));
      ck_assert_uint_eq (device.vendor, 0x046d);
      ck_assert_uint_eq (device.product, 0x082d);
      why = sg_usb_device_why_not (&device, &grants);
      ck_assert_msg ((why == NULL) == cases[i].may, "case %zu: %s", i, why);
    }
}
END_TEST

START_TEST (the_machine_is_told_the_same)
{
  static const struct
  {
    SgUsbGrants grants;
    const char *filter;
  } cases[] = {
    { { TRUE, FALSE, FALSE }, "0x09:-1:-1:-1:0|0x01:-1:-1:-1:0|0x0e:-1:-1:-1:0|-1:-1:-1:-1:1" },
    { { FALSE, TRUE, FALSE }, "0x09:-1:-1:-1:0|0x01:-1:-1:-1:0|0x0e:-1:-1:-1:1|-1:-1:-1:-1:0" },
    { { FALSE, TRUE, TRUE }, "0x09:-1:-1:-1:0|0x01:-1:-1:-1:1|0x0e:-1:-1:-1:1|-1:-1:-1:-1:0" },
    { { FALSE, FALSE, TRUE }, "0x09:-1:-1:-1:0|0x01:-1:-1:-1:0|0x0e:-1:-1:-1:0|-1:-1:-1:-1:0" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *filter = sg_usb_filter (&cases[i].grants, NULL);
      ck_assert_str_eq (filter, cases[i].filter);
    }
}
END_TEST

/* What was looked at, and nothing else that would be granted. */
START_TEST (a_device_stays_what_it_was)
{
  static const struct
  {
    SgUsbGrants grants;
    guint8 class, interfaces[2];
    const char *filter;
  } cases[] = {
    { { TRUE, TRUE, TRUE }, 0, { 0x08, 0x08 }, "0x08:0x046d:0x082d:-1:1|-1:-1:-1:-1:0" },
    { { TRUE, FALSE, FALSE }, 0xff, { 0x02, 0x0a },
      "0x02:0x046d:0x082d:-1:1|0x0a:0x046d:0x082d:-1:1|0xff:0x046d:0x082d:-1:1|-1:-1:-1:-1:0" },
    { { FALSE, TRUE, TRUE }, 0xef, { 0x0e, 0x01 },
      "0x01:0x046d:0x082d:-1:1|0x0e:0x046d:0x082d:-1:1|-1:-1:-1:-1:0" },
    /* which is not handed over at all */
    { { FALSE, TRUE, FALSE }, 0xef, { 0x0e, 0x01 }, "0x0e:0x046d:0x082d:-1:1|-1:-1:-1:-1:0" },
    { { TRUE, TRUE, TRUE }, 0x09, { 0x09, 0x09 }, "-1:-1:-1:-1:0" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = descriptors (cases[i].class, cases[i].interfaces, 2);
      g_autofree char *filter = NULL;
      SgUsbDevice device;

      ck_assert (sg_usb_device_parse (&device, bytes->data, bytes->len, NULL));
      filter = sg_usb_filter (&cases[i].grants, &device);
      ck_assert_str_eq (filter, cases[i].filter);
    }
}
END_TEST

/* A camera could hide what it also is behind an end that comes too early. */
START_TEST (half_a_description_is_none)
{
  static const guint8 both[] = { 0x0e, 0x08 };
  g_autoptr (GByteArray) bytes = descriptors (0, both, 2);
  const gsize whole[] = { 18 + 9 + 9, 18 + 9 + 9 + 7, 18 + 9 + 9 + 7 + 9 };
  SgUsbDevice device;

  ck_assert (sg_usb_device_parse (&device, bytes->data, bytes->len, NULL));
  for (gsize length = 0; length < bytes->len; length++)
    {
      /* an allocation of exactly that size: the sanitizers see every byte beyond */
      g_autofree guint8 *cut = g_memdup2 (bytes->data, length);
      g_autoptr (GError) error = NULL;
      gboolean at_a_border = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (whole); i++)
        at_a_border |= length == whole[i];
      ck_assert_msg (sg_usb_device_parse (&device, cut, length, &error) == at_a_border, "%zu",
                     length);
      ck_assert ((error == NULL) == at_a_border);
    }
  for (gsize i = 0; i < bytes->len; i++)
    for (guint value = 0; value < 256; value += 5)
      {
        g_autofree guint8 *spoilt = g_memdup2 (bytes->data, bytes->len);

        spoilt[i] = (guint8)value;
        sg_usb_device_parse (&device, spoilt, bytes->len, NULL);
      }
}
END_TEST

/* --- the list -----------------------------------------------------------------------------------
 */

static void
put (const char *root, const char *file, const void *bytes, gssize length)
{
  g_autofree char *path = g_build_filename (root, file, NULL), *dir = g_path_get_dirname (path);

  ck_assert_int_eq (g_mkdir_with_parents (dir, 0700), 0);
  ck_assert (g_file_set_contents (path, bytes, length, NULL));
}

static void
plug (const char *root, const char *port, const char *number, const char *maker,
      const char *product, guint8 class)
{
  g_autofree char *dir = g_build_filename ("sys/devices/pci0", port, NULL);
  g_autofree char *link = g_build_filename (root, "sys/bus/usb/devices", port, NULL);
  g_autofree char *target = g_build_filename ("../../../devices/pci0", port, NULL);
  g_autofree char *links = g_path_get_dirname (link);
  g_autoptr (GByteArray) bytes = descriptors (0, &class, 1);
  const struct
  {
    const char *file, *text;
  } facts[] = { { "busnum", "1\n" },      { "devnum", number },      { "manufacturer", maker },
                { "product", product },   { "idVendor", "046d\n" }, { "idProduct", "082d\n" } };

  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      g_autofree char *file = g_build_filename (dir, facts[i].file, NULL);
      put (root, file, facts[i].text, -1);
    }
  g_autofree char *file = g_build_filename (dir, "descriptors", NULL);
  put (root, file, bytes->data, bytes->len);
  ck_assert_int_eq (g_mkdir_with_parents (links, 0700), 0);
  ck_assert_int_eq (symlink (target, link), 0);
}

static void
remove_all (const char *root)
{
  g_autofree char *quoted = g_shell_quote (root);
  g_autofree char *command = g_strdup_printf ("rm -rf %s", quoted);

  ck_assert (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

START_TEST (this_computers_devices_are_listed)
{
  g_autofree char *root = g_dir_make_tmp ("sandglass-usb-XXXXXX", NULL);
  g_autofree char *endless = g_strnfill (500, 'x');
  g_autoptr (GPtrArray) none = sg_usb_list (root), list = NULL;
  g_autoptr (GError) error = NULL;
  const SgUsbFound *found;

  ck_assert_uint_eq (none->len, 0);
  plug (root, "usb1", "1\n", "Linux", "xHCI", 0x09);
  plug (root, "1-2", "4\n", "Logitech\n", "HD Pro \033[31mWebcam\n", 0x0e);
  plug (root, "1-3.1", "17\n", "SanDisk\n", "SanDisk Ultra\n", 0x08);
  plug (root, "1-4", "5\n", "", "", 0xff);
  plug (root, "1-5", "6\n", "", endless, 0x03);
  plug (root, "1-1", "2\n", "Generic", "Hub", 0x09);
  list = sg_usb_list (root);
  ck_assert_uint_eq (list->len, 4);
  found = sg_usb_find (list, "1-2", NULL);
  ck_assert_str_eq (found->name, "Logitech HD Pro ?[31mWebcam");
  ck_assert_str_eq (found->at, "001/004");
  ck_assert (g_str_has_suffix (found->node, "/dev/bus/usb/001/004"));
  ck_assert (found->known);
  ck_assert_str_eq (sg_usb_device_kind (&found->device), "Camera");
  ck_assert_ptr_eq (sg_usb_find (list, "001/004", NULL), found);
  ck_assert_str_eq (sg_usb_find (list, "1-3.1", NULL)->name, "SanDisk Ultra");
  ck_assert_str_eq (sg_usb_find (list, "1-4", NULL)->name, "046d:082d");
  ck_assert_int_eq (g_utf8_strlen (sg_usb_find (list, "1-5", NULL)->name, -1), 80);
  ck_assert_ptr_null (sg_usb_find (list, "1-1", &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  remove_all (root);
}
END_TEST

START_TEST (a_disk_in_use_is_seen)
{
  g_autofree char *root = g_dir_make_tmp ("sandglass-usb-XXXXXX", NULL);
  g_autofree char *blocks = g_build_filename (root, "sys/class/block", NULL);
  g_autofree char *link = g_build_filename (blocks, "sdb1", NULL);

  plug (root, "1-3", "17\n", "SanDisk\n", "Ultra\n", 0x08);
  put (root, "sys/devices/pci0/1-3/1-3:1.0/block/sdb/sdb1/dev", "8:17\n", -1);
  ck_assert_int_eq (g_mkdir_with_parents (blocks, 0700), 0);
  ck_assert_int_eq (symlink ("../../devices/pci0/1-3/1-3:1.0/block/sdb/sdb1", link), 0);
  for (gsize i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) list = NULL;
      const SgUsbFound *found;

      put (root, "proc/self/mountinfo",
           i == 0 ? "36 35 8:1 / / rw - ext4 /dev/sda1 rw\n"
                  : "36 35 8:17 / /media/stick rw - vfat /dev/sdb1 rw\n",
           -1);
      list = sg_usb_list (root);
      ck_assert_uint_eq (list->len, 1);
      found = list->pdata[0];
      ck_assert_int_eq (found->mounted != NULL, i == 1);
      if (i == 1)
        ck_assert_str_eq (found->mounted, "sdb1");
    }
  remove_all (root);
}
END_TEST

START_TEST (numbers_are_the_kernels)
{
  g_autofree char *first = sg_usb_at (makedev (189, 0)), *other = sg_usb_at (makedev (189, 131));
  g_autofree char *disk = sg_usb_at (makedev (8, 1));

  ck_assert_str_eq (first, "001/001");
  ck_assert_str_eq (other, "002/004");
  ck_assert_ptr_null (disk);
}
END_TEST

/* What a helper says comes to a device, or to words. */
START_TEST (who_must_ask_does_not_wait_for_ever)
{
  static const struct
  {
    const char *says, *words; /* NULL: it is opened */
  } cases[] = {
    { "echo SUCCESS; read -r line", NULL },
    { "printf SUCC; sleep 0.1; echo ESS; read -r line", NULL },
    { "echo CANCELED", "it was not allowed" },
    { "printf 'ERROR: \\033[1m no\\n'", "ERROR: " },
    { "exit 1", "this user may not use it" },
    { "head -c 100000 /dev/zero; read -r line", "this user may not use it" },
    { "exec sleep 100", "whether this user may was not answered in 1 seconds" },
    { "printf SUCCESS; exec sleep 100", "whether this user may was not answered in 1 seconds" },
  };
  g_autofree char *root = g_dir_make_tmp ("sandglass-usb-XXXXXX", NULL);
  g_autofree char *node = g_build_filename (root, "node", NULL);
  g_autofree char *helper = g_build_filename (root, "helper", NULL);
  SgUsbFound found = { .name = (char *)"Ultra", .node = node, .at = (char *)"001/004" };

  ck_assert (g_file_set_contents (node, "", 0, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *script
          = g_strdup_printf ("#!/bin/sh\n[ \"$1 $2\" = '1 4' ] || exit 9\n%s\n", cases[i].says);
      g_autoptr (GError) error = NULL;
      int fd;

      ck_assert (g_file_set_contents (helper, script, -1, NULL));
      ck_assert_int_eq (chmod (helper, 0755), 0);
      fd = sg_usb_open_by (&found, helper, 1000, &error);
      ck_assert_msg ((fd >= 0) == (cases[i].words == NULL), "case %zu", i);
      if (fd >= 0)
        close (fd);
      else
        ck_assert_msg (g_str_has_prefix (error->message, "Ultra cannot be opened: ")
                           && strstr (error->message, cases[i].words) != NULL
                           && strchr (error->message, '\033') == NULL,
                       "case %zu: %s", i, error->message);
    }
  remove_all (root);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("usb");
  TCase *all = tcase_create ("all");
  SRunner *runner;
  int failed;

  tcase_add_test (all, what_may_be_handed_over);
  tcase_add_test (all, the_machine_is_told_the_same);
  tcase_add_test (all, a_device_stays_what_it_was);
  tcase_add_test (all, half_a_description_is_none);
  tcase_add_test (all, this_computers_devices_are_listed);
  tcase_add_test (all, a_disk_in_use_is_seen);
  tcase_add_test (all, numbers_are_the_kernels);
  tcase_add_test (all, who_must_ask_does_not_wait_for_ever);
  suite_add_tcase (suite, all);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
