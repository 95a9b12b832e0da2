/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves a sandbox is text that is text, and a picture that is a picture. */
#include "ui/clipboard-content.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST (test_text)
{
  static const struct
  {
    const char *from;
    gsize length;
    const char *to;
  } cases[] = {
    { "plain", 5, "plain" },
    { "two\nlines\r\n\tand a tab", 21, "two\nlines\r\n\tand a tab" },
    { "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac", 11, "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac" },
    /* Malformed: cut in the middle, overlong, a surrogate, beyond Unicode. */
    { "a\xe2\x82", 3, "a\xef\xbf\xbd\xef\xbf\xbd" },
    { "a\xff" "b", 3, "a\xef\xbf\xbd" "b" },
    { "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
    /* The NUL that a C program sends along; one that hides what is behind it. */
    { "end\0", 4, "end" },
    { "rm\0 -rf", 7, "rm\xef\xbf\xbd -rf" },
    /* A terminal obeys these. */
    { "\x1b[201~rm -rf ~\n", 15, "[201~rm -rf ~\n" },
    { "a\x07\x08\x7f\xc2\x9b" "31mb", 10, "a31mb" },
    { "", 0, "" },
    { "\0\0\0", 3, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = sg_clip_clean_text (cases[i].from, cases[i].length);
      ck_assert_msg (g_str_equal (clean, cases[i].to), "case %zu: '%s'", i, clean);
      ck_assert (g_utf8_validate (clean, -1, NULL));
    }
}
END_TEST

START_TEST (test_any_bytes)
{
  GRand *random = g_rand_new_with_seed (7);

  for (int i = 0; i < 20000; i++)
    {
      guchar bytes[64];
      gsize length = (gsize)g_rand_int_range (random, 0, sizeof bytes);
      g_autofree char *clean = NULL, *preview = NULL;

      for (gsize j = 0; j < length; j++)
        bytes[j] = (guchar)g_rand_int_range (random, 0, 256);
      clean = sg_clip_clean_text (bytes, length);
      preview = sg_clip_preview (clean);
      for (const char *p = clean; *p != '\0'; p = g_utf8_next_char (p))
        ck_assert (g_unichar_type (g_utf8_get_char (p)) != G_UNICODE_CONTROL || *p == '\n' || *p == '\t'
                   || *p == '\r');
      ck_assert (g_utf8_validate (clean, -1, NULL) && g_utf8_validate (preview, -1, NULL));
      ck_assert (strpbrk (clean, "\x1b\x07\x7f") == NULL && strpbrk (preview, "\n\r\t") == NULL);
    }
  g_rand_free (random);
}
END_TEST

START_TEST (test_preview)
{
  g_autofree char *lines = sg_clip_preview ("curl x | sh\nrm -rf ~");
  g_autofree char *turned = sg_clip_preview ("a\xe2\x80\xae" "b\xe2\x80\x8b" "c");
  g_autofree char *words = g_strnfill (5000, 'x');
  g_autofree char *cut = sg_clip_preview (words);

  ck_assert_str_eq (lines, "curl x | sh↵rm -rf ~");
  ck_assert_str_eq (turned, "a·b·c");
  ck_assert_int_eq (g_utf8_strlen (cut, -1), 101);
  ck_assert (g_str_has_suffix (cut, "…"));
}
END_TEST

START_TEST (test_picture)
{
  g_autoptr (GdkPixbuf) one = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 3, 2);
  g_autoptr (GdkPixbuf) back = NULL;
  g_autofree char *png = NULL, *tagged = NULL;
  gsize length, tagged_length;

  gdk_pixbuf_fill (one, 0x336699ff);
  ck_assert (gdk_pixbuf_save_to_buffer (one, &tagged, &tagged_length, "png", NULL,
                                        "tEXt::Author", "somebody", NULL));
  ck_assert (memmem (tagged, tagged_length, "somebody", 8) != NULL);
  back = sg_clip_read_png (tagged, tagged_length, NULL);
  ck_assert_ptr_nonnull (back);
  ck_assert_int_eq (gdk_pixbuf_get_width (back), 3);
  png = sg_clip_write_png (back, &length, NULL);
  ck_assert_ptr_nonnull (png);
  ck_assert (memmem (png, length, "somebody", 8) == NULL);
}
END_TEST

static void
put_number (guchar *at, guint32 number)
{
  number = GUINT32_TO_BE (number);
  memcpy (at, &number, 4);
}

static guint32
crc (const guchar *bytes, gsize length)
{
  guint32 sum = 0xffffffff;

  for (gsize i = 0; i < length; i++)
    {
      sum ^= bytes[i];
      for (int j = 0; j < 8; j++)
        sum = sum & 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
    }
  return ~sum;
}

/* 100,000 x 100,000 pixels in 64 bytes; and what is no PNG, or is one that is cut. */
START_TEST (test_pictures_that_lie)
{
  guchar huge[64] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
  g_autoptr (GdkPixbuf) one = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 64, 64);
  g_autoptr (GError) error = NULL;
  g_autofree char *png = NULL;
  gsize length;

  put_number (huge + 16, 100000);
  put_number (huge + 20, 100000);
  huge[24] = 8;
  huge[25] = 2;
  put_number (huge + 29, crc (huge + 12, 17));
  put_number (huge + 33, 1000000);
  memcpy (huge + 37, "IDAT\x78\x9c", 6);
  ck_assert_ptr_null (sg_clip_read_png (huge, sizeof huge, &error));
  ck_assert_str_eq (error->message, "The picture is too large");
  g_clear_error (&error);
  ck_assert_ptr_null (sg_clip_read_png ("GIF89a,,,,,,,,,,,", 16, &error));
  ck_assert_ptr_nonnull (error);
  g_clear_error (&error);
  ck_assert_ptr_null (sg_clip_read_png ("<svg/>", 6, NULL));
  ck_assert_ptr_null (sg_clip_read_png (NULL, 0, &error));
  ck_assert_ptr_nonnull (error);
  g_clear_error (&error);
  ck_assert (gdk_pixbuf_save_to_buffer (one, &png, &length, "png", NULL, NULL));
  for (gsize cut = 0; cut < length - 13; cut++)
    {
      g_autoptr (GdkPixbuf) read = sg_clip_read_png (png, cut, NULL);
      (void)read; /* never a crash; libpng may show what it has of the rows */
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clipboard-content");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, test_text);
  tcase_add_test (tests, test_any_bytes);
  tcase_add_test (tests, test_preview);
  tcase_add_test (tests, test_picture);
  tcase_add_test (tests, test_pictures_that_lie);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
