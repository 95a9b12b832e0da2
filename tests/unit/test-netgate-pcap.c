/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording, read by a program that is not ours (tcpdump, where this computer has it). */
#include "launcher/netgate/pcap.h"
#include "tests/unit/netgate-kit.h"

#include "common/fd.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NET4 "93.184.216.34"
#define NET6 "2606:2800:220:1::1"
#define G4 SG_GATE_GUEST4
#define G6 SG_GATE_GUEST6
#define SEVERAL 200
/* 2001-09-09 01:46:40.25 */
#define WHEN (1000000000LL * G_USEC_PER_SEC + 250000)

/* A handshake, a segment as large as can be, and many packets more. */
static int
record (gsize *ret_frames)
{
  static const guint8 data[65495];
  int file = memfd_create ("capture", MFD_CLOEXEC);
  SgPcap *pcap = sg_pcap_new (fcntl (file, F_DUPFD_CLOEXEC, 0), 0);
  g_autofree KitFrame *frame = g_new0 (KitFrame, 1);

  kit_tcp (frame, KIT_OUT, G4, 1025, NET4, 443, SG_TCP_SYN, 7, 0, NULL, 0);
  kit_checksum (frame);
  sg_pcap_add (pcap, frame->bytes, frame->len, WHEN);
  kit_tcp (frame, KIT_IN, NET4, 443, G4, 1025, SG_TCP_SYN | SG_TCP_ACK, 70, 8, NULL, 0);
  kit_checksum (frame);
  sg_pcap_add (pcap, frame->bytes, frame->len, WHEN + 1);
  kit_tcp (frame, KIT_OUT, G4, 1025, NET4, 443, SG_TCP_ACK, 8, 71, data, sizeof data);
  kit_checksum (frame);
  sg_pcap_add (pcap, frame->bytes, frame->len, WHEN + 2);
  for (guint i = 0; i < SEVERAL; i++)
    {
      kit_udp (frame, KIT_OUT, G6, (guint16)(2000 + i), NET6, 443, data, 1000 + i);
      kit_checksum (frame);
      sg_pcap_add (pcap, frame->bytes, frame->len, WHEN + G_USEC_PER_SEC);
    }
  sg_pcap_free (pcap);
  *ret_frames = 3 + SEVERAL;
  return file;
}

/* What tcpdump says of FILE (taken over); it must have nothing to complain about. */
static char *
read_by_tcpdump (int file)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) tcpdump = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *complaints = NULL;
  char *said = NULL;

  lseek (file, 0, SEEK_SET);
  g_subprocess_launcher_setenv (launcher, "TZ", "UTC", TRUE);
  g_subprocess_launcher_take_stdin_fd (launcher, file);
  tcpdump = g_subprocess_launcher_spawn (launcher, &error, "tcpdump", "-nn", "-tttt", "-vv", "-r",
                                         "-", NULL);
  ck_assert_msg (tcpdump != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (g_subprocess_communicate_utf8 (tcpdump, NULL, NULL, &said, &complaints, &error));
  ck_assert_msg (g_subprocess_get_successful (tcpdump), "%s", complaints);
  ck_assert_msg (strstr (complaints, "truncated") == NULL, "%s", complaints);
  return said;
}

static void
expect_words (const char *said, const char *words)
{
  ck_assert_msg (strstr (said, words) != NULL, "'%s' is not in: %.3000s", words, said);
}

START_TEST (tcpdump_reads_a_recording)
{
  g_autofree char *program = g_find_program_in_path ("tcpdump"), *said = NULL;
  gsize frames, lines = 0;
  int file = record (&frames);

  if (program == NULL)
    {
      printf ("no tcpdump on this computer: nobody else has read a recording\n");
      close (file);
      return;
    }
  said = read_by_tcpdump (file);
  for (const char *at = said; (at = strstr (at, "2001-09-09 01:46:4")) != NULL; at++)
    lines++;
  ck_assert_uint_eq (lines, frames);
  expect_words (said, "2001-09-09 01:46:40.250000 IP");
  expect_words (said, "2001-09-09 01:46:40.250002 IP");
  expect_words (said, "192.0.0.2.1025 > 93.184.216.34.443: Flags [S]");
  expect_words (said, "93.184.216.34.443 > 192.0.0.2.1025: Flags [S.]");
  expect_words (said, "length 65495");
  expect_words (said, "2606:2800:220:1::1.443");
  /* Every frame is what was sent, so its checksum holds. */
  expect_words (said, "(correct)");
  ck_assert (strstr (said, "incorrect") == NULL && strstr (said, "bad cksum") == NULL
             && strstr (said, "bad udp cksum") == NULL);
}
END_TEST

START_TEST (its_frames_follow_each_other_to_the_end)
{
  g_autofree guint8 *bytes = g_malloc (1024 * 1024);
  gsize frames, found = 0, at = 24;
  int file = record (&frames);
  gssize len;

  lseek (file, 0, SEEK_SET);
  len = sg_read_all (file, bytes, 1024 * 1024, NULL);
  ck_assert_int_gt (len, 24);
  for (guint32 header[4]; at < (gsize)len; at += sizeof header + header[2], found++)
    {
      ck_assert_uint_le (at + sizeof header, (gsize)len);
      memcpy (header, bytes + at, sizeof header);
      ck_assert_uint_lt (header[1], G_USEC_PER_SEC);
      ck_assert_uint_eq (header[2], header[3]);
      ck_assert_uint_le (header[2], SG_PACKET_MAX);
    }
  ck_assert_uint_eq (at, (gsize)len);
  ck_assert_uint_eq (found, frames);
  close (file);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("netgate-pcap");
  TCase *all = tcase_create ("all");
  SRunner *runner;
  int failed;

  tcase_add_test (all, tcpdump_reads_a_recording);
  tcase_add_test (all, its_frames_follow_each_other_to_the_end);
  suite_add_tcase (suite, all);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
