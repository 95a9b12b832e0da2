/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's client before a QEMU that keeps to the protocol, and before one that was taken
 * over. */
#include "common/fd.h"
#include "launcher/qmp.h"
#include "tests/unit/qmp-kit.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"

static SgQmp *qmp;
static int peer; /* QEMU's end of the socket */
static struct
{
  char *closed;
  guint times_closed;
  GString *events;
} seen;

static void
on_closed (SgQmp *source, const char *why, gpointer data)
{
  g_free (seen.closed);
  seen.closed = g_strdup (why);
  seen.times_closed++;
}

static void
on_event (SgQmp *source, const char *name, JsonObject *data, gpointer unused)
{
  ck_assert_ptr_nonnull (data);
  g_string_append_printf (seen.events, "%s/%u ", name, json_object_get_size (data));
}

static void
set_up (void)
{
  int ours;

  memset (&seen, 0, sizeof seen);
  seen.events = g_string_new (NULL);
  ck_assert (sg_socketpair (&ours, &peer, NULL));
  qmp = sg_qmp_new (ours);
  g_signal_connect (qmp, "closed", G_CALLBACK (on_closed), NULL);
  g_signal_connect (qmp, "event", G_CALLBACK (on_event), NULL);
}

static void
tear_down (void)
{
  sg_fd_clear (&peer);
  if (seen.closed == NULL)
    QMP_KIT_SPIN (seen.closed);
  ck_assert_uint_eq (seen.times_closed, 1);
  g_object_add_weak_pointer (G_OBJECT (qmp), (gpointer *)&qmp);
  g_object_unref (qmp);
  ck_assert_ptr_null (qmp); /* nothing pending holds it */
  g_string_free (seen.events, TRUE);
  g_free (seen.closed);
}

static void
say (const char *text)
{
  ck_assert (sg_write_all (peer, text, strlen (text), NULL));
}

/* One line of what the client sent, as an object; *ret_fd the descriptor with it, or -1. */
static JsonNode *
hear_fd (int *ret_fd)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  JsonNode *node;
  char text[65536], *end = NULL;

  *ret_fd = -1;
  while (end == NULL && g_get_monotonic_time () < deadline)
    {
      char space[CMSG_SPACE (sizeof (int))];
      gssize there = recv (peer, text, sizeof text, MSG_PEEK | MSG_DONTWAIT);
      struct iovec part = { text, (gsize)MAX (there, 0) };
      struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space
      };
      struct cmsghdr *control;
      gssize n;

      if (there < 0)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (1000);
          continue;
        }
      end = memchr (text, '\n', part.iov_len);
      if (end != NULL)
        part.iov_len = (gsize)(end + 1 - text);
      n = recvmsg (peer, &message, MSG_DONTWAIT);
      ck_assert_int_gt (n, 0);
      end = text[n - 1] == '\n' ? text : NULL; /* what comes before a descriptor comes alone */
      if ((control = CMSG_FIRSTHDR (&message)) != NULL)
        memcpy (ret_fd, CMSG_DATA (control), sizeof (int));
      g_string_append_len (line, text, n);
    }
  node = json_from_string (line->str, &error);
  ck_assert_msg (node != NULL, "%s in: %.200s", error != NULL ? error->message : "?", line->str);
  return node;
}

static gint64
hear (const char *command)
{
  int fd;
  g_autoptr (JsonNode) node = hear_fd (&fd);
  JsonObject *object = json_node_get_object (node);

  ck_assert_int_eq (fd, -1);
  ck_assert_str_eq (json_object_get_string_member (object, "execute"), command);
  return json_object_get_int_member (object, "id");
}

static gboolean
silent (void)
{
  char c;

  for (int i = 0; i < 20; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  return recv (peer, &c, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
}

static void
answer (gint64 id, const char *member, const char *json)
{
  g_autofree char *line
      = g_strdup_printf ("{\"%s\": %s, \"id\": %" G_GINT64_FORMAT "}\r\n", member, json, id);

  say (line);
}

static void
greet (void)
{
  say (GREETING);
  answer (hear ("qmp_capabilities"), "return", "{}");
}

static void
start (const char *command, GAsyncResult **result)
{
  sg_qmp_call_async (qmp, command, NULL, -1, NULL, qmp_kit_keep, result);
}

static char *
failure (GAsyncResult **result, int code)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  QMP_KIT_SPIN (*result);
  node = sg_qmp_call_finish (qmp, *result, &error);
  ck_assert_ptr_null (node);
  g_clear_object (result);
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, code), "%s", error->message);
  return g_strdup (error->message);
}

START_TEST (commands_wait_for_the_greeting_and_keep_their_order)
{
  g_autoptr (GAsyncResult) one = NULL;
  g_autoptr (GAsyncResult) two = NULL;
  g_autoptr (JsonNode) first = NULL;
  gint64 id[2];

  start ("query-status", &one);
  start ("query-name", &two);
  ck_assert (silent ());
  say (GREETING);
  answer (hear ("qmp_capabilities"), "return", "{}");
  id[0] = hear ("query-status");
  id[1] = hear ("query-name");
  say ("{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\r\n");
  answer (id[0], "return", "{\"running\": false}");
  say ("{\"event\": \"JOB\", \"data\": {\"a\": 1, \"b\": [{}]}}\r\n\r\n");
  answer (id[1], "error", "{\"class\": \"GenericError\", \"desc\": \"No \\u001b[31m luck\"}");
  QMP_KIT_SPIN (two);
  first = sg_qmp_call_finish (qmp, one, NULL);
  ck_assert (!json_object_get_boolean_member (json_node_get_object (first), "running"));
  g_autofree char *words = failure (&two, G_IO_ERROR_FAILED);
  ck_assert_str_eq (words, "No ?[31m luck");
  ck_assert_str_eq (seen.events->str, "STOP/0 JOB/2 ");
}
END_TEST

START_TEST (a_descriptor_travels_with_its_command_and_alone)
{
  g_autoptr (GAsyncResult) with = NULL;
  g_autoptr (GAsyncResult) after = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) got = NULL;
  sg_fd int memory = memfd_create ("test", MFD_CLOEXEC), theirs = -1;
  struct stat a, b;

  greet ();
  sg_qmp_call_async (qmp, "getfd", sg_qmp_args ("{'fdname': <%s>}", "x"), memory, NULL,
                     qmp_kit_keep, &with);
  start ("query-status", &after);
  node = hear_fd (&theirs);
  ck_assert_int_ge (theirs, 0);
  ck_assert (fstat (memory, &a) == 0 && fstat (theirs, &b) == 0);
  ck_assert (a.st_ino == b.st_ino);
  ck_assert_str_eq (
      json_object_get_string_member (
          json_object_get_object_member (json_node_get_object (node), "arguments"), "fdname"),
      "x");
  ck_assert (silent ());
  answer (json_object_get_int_member (json_node_get_object (node), "id"), "return", "{}");
  answer (hear ("query-status"), "return", "{}");
  QMP_KIT_SPIN (after);
  got = sg_qmp_call_finish (qmp, with, NULL);
  ck_assert_ptr_nonnull (got);
}
END_TEST

START_TEST (a_secret_takes_its_place)
{
  const char *secret = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) placeless = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *arguments;
  int fd;

  greet ();
  sg_qmp_call_secret_async (qmp, "object-add",
                            sg_qmp_args ("{'id': <'k'>, 'data': <%s>}", SG_QMP_SECRET), secret,
                            NULL, qmp_kit_keep, &result);
  node = hear_fd (&fd);
  arguments = json_object_get_object_member (json_node_get_object (node), "arguments");
  ck_assert_str_eq (json_object_get_string_member (arguments, "data"), secret);
  sg_qmp_call_secret_async (qmp, "object-add", sg_qmp_args ("{'id': <'k'>}"), secret, NULL,
                            qmp_kit_keep, &placeless);
  g_free (failure (&placeless, G_IO_ERROR_INVALID_ARGUMENT));
  sg_fd_clear (&peer);
  g_free (failure (&result, G_IO_ERROR_CLOSED));
}
END_TEST

START_TEST (an_early_close_fails_everything_and_is_told_once)
{
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GAsyncResult) late = NULL;

  if (_i == 1)
    greet ();
  start ("query-status", &sent);
  if (_i == 1)
    hear ("query-status");
  say (_i == 1 ? "{\"return\": {" : "{\"QM"); /* in the middle of a line */
  sg_fd_clear (&peer);
  g_free (failure (&sent, G_IO_ERROR_CLOSED));
  start ("query-status", &late);
  g_free (failure (&late, G_IO_ERROR_CLOSED));
}
END_TEST

START_TEST (closing_it_ourselves_is_the_same)
{
  g_autoptr (GAsyncResult) sent = NULL;
  char c;

  greet ();
  start ("query-status", &sent);
  hear ("query-status");
  sg_qmp_close (qmp);
  sg_qmp_close (qmp);
  g_free (failure (&sent, G_IO_ERROR_CLOSED));
  ck_assert_int_le (recv (peer, &c, 1, 0), 0);
}
END_TEST

START_TEST (a_cancelled_command_answers_at_once_and_its_answer_does_no_harm)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GAsyncResult) unsent = NULL;
  g_autoptr (GAsyncResult) next = NULL;
  gint64 id;

  sg_qmp_call_async (qmp, "never-sent", NULL, -1, cancellable, qmp_kit_keep, &unsent);
  g_cancellable_cancel (cancellable);
  g_free (failure (&unsent, G_IO_ERROR_CANCELLED));
  greet ();
  g_cancellable_reset (cancellable);
  sg_qmp_call_async (qmp, "stop", NULL, -1, cancellable, qmp_kit_keep, &sent);
  id = hear ("stop");
  g_cancellable_cancel (cancellable);
  g_free (failure (&sent, G_IO_ERROR_CANCELLED));
  start ("query-status", &next);
  answer (id, "return", "{}");
  answer (hear ("query-status"), "return", "{}");
  QMP_KIT_SPIN (next);
  g_autoptr (JsonNode) node = sg_qmp_call_finish (qmp, next, NULL);
  ck_assert_ptr_nonnull (node);
}
END_TEST

/* What a taken-over QEMU may send after a proper start, with a command under way (id 2). */
static const char *const lies[] = {
  "garbage\n",
  "\xff\xfe{}\n",
  "[]\n",
  "3\n",
  "{\"return\": {}}\n",                /* without an id */
  "{\"return\": {}, \"id\": 77}\n",    /* to nothing that was asked */
  "{\"return\": {}, \"id\": \"2\"}\n", /* the wrong type */
  "{\"error\": {\"desc\": \"JSON parse error\"}}\n",
  "{\"error\": 5, \"id\": 1}\n",
  "{\"event\": 5}\n",
  "{\"event\": \"STOP\", \"data\": []}\n",
  "{\"hello\": \"there\"}\n",
  "{\"QMP\": {}}\n",
  "{\"event\": \"a\", \"data\": {\"x\": 1}\n", /* not whole */
  "/* \" */ {}\n",
  "{\"a\": 1} # {\n",
};

START_TEST (a_lie_ends_the_connection)
{
  g_autoptr (GAsyncResult) pending = NULL;

  greet ();
  start ("query-status", &pending);
  hear ("query-status");
  say (lies[_i]);
  g_free (failure (&pending, G_IO_ERROR_CLOSED));
  QMP_KIT_SPIN (seen.closed);
  ck_assert_msg (strstr (seen.closed, "protocol") != NULL, "%s", seen.closed);
}
END_TEST

/* Errors of any shape are an error, never a crash. */
START_TEST (an_error_of_the_wrong_shape_is_an_error)
{
  static const char *const errors[] = { "5", "{}", "[]", "null", "{\"desc\": 7}" };

  greet ();
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      start ("query-status", &result);
      answer (hear ("query-status"), "error", errors[i]);
      g_free (failure (&result, G_IO_ERROR_FAILED));
    }
}
END_TEST

/* Writes from a process of its own, as much as the client takes. */
static pid_t
flood (const char *head, const char *body, gsize bytes)
{
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  signal (SIGPIPE, SIG_DFL);
  if (write (peer, head, strlen (head)) < 0)
    _exit (0);
  for (gsize n = 0; n < bytes; n += strlen (body))
    if (write (peer, body, strlen (body)) < 0)
      _exit (0);
  _exit (0);
}

START_TEST (a_line_without_an_end_and_one_without_a_bottom_end_the_connection)
{
  static char part[65536 + 1];
  static const char *const heads[] = { "{\"event\": \"", "", "{\"return\": ", "/*\"*/" };
  static const char fill[] = "x[[[";
  pid_t pid;

  memset (part, fill[_i], sizeof part - 1);
  if (_i == 1)
    part[65535] = '\n'; /* short enough, but 65,535 deep */
  greet ();
  pid = flood (heads[_i], part, 512ul * 1024 * 1024);
  QMP_KIT_SPIN (seen.closed);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  ck_assert_msg (strstr (seen.closed, "protocol") != NULL, "%s", seen.closed);
}
END_TEST

static gboolean
count (gpointer data)
{
  (*(guint *)data)++;
  return G_SOURCE_CONTINUE;
}

/* The supervisor goes on living beside a QEMU that shouts. */
START_TEST (a_flood_of_events_does_not_keep_others_from_working)
{
  guint turns = 0;
  guint timer = g_timeout_add (1, count, &turns);
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  pid_t pid;

  greet ();
  pid = flood ("", "{\"event\": \"A\"}\n", 64ul * 1024 * 1024);
  while ((turns <= 20 || seen.events->len <= 100) && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  ck_assert_uint_gt (turns, 20);
  ck_assert_uint_gt (seen.events->len, 100);
  ck_assert_int_eq (waitpid (pid, NULL, WNOHANG), 0); /* it still shouts */
  sg_qmp_close (qmp);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}
END_TEST

/* More than the socket holds: sending goes on when there is room again. */
START_TEST (a_slow_reader_gets_everything)
{
  g_autofree char *big = g_strnfill (1500 * 1000, 'y');
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *arguments;
  int fd;

  greet ();
  sg_qmp_call_async (qmp, "long", sg_qmp_args ("{'text': <%s>}", big), -1, NULL, qmp_kit_keep,
                     &result);
  node = hear_fd (&fd);
  arguments = json_object_get_object_member (json_node_get_object (node), "arguments");
  ck_assert (g_str_equal (json_object_get_string_member (arguments, "text"), big));
  sg_fd_clear (&peer);
  g_free (failure (&result, G_IO_ERROR_CLOSED));
}
END_TEST

START_TEST (arguments_are_written_as_json)
{
  g_autoptr (JsonNode) node
      = sg_qmp_args ("{'s': <%s>, 'n': <{'on': <true>, 'big': <%t>}>, 'list': <['a', 'b']>}",
                     "a\"b\n", (guint64)1 << 40);
  g_autofree char *text = json_to_string (node, FALSE);

  ck_assert_str_eq (text, "{\"s\":\"a\\\"b\\n\",\"n\":{\"on\":true,\"big\":1099511627776},"
                          "\"list\":[\"a\",\"b\"]}");
}
END_TEST

START_TEST (the_real_qemu)
{
  static const char *const machine[] = { "-M", "none", "-S", NULL };
  sg_fd int memory = memfd_create ("disk", MFD_CLOEXEC);
  g_autoptr (JsonNode) status = NULL;
  g_autoptr (JsonNode) schema = NULL;
  g_autoptr (JsonNode) fdset = NULL;
  g_autoptr (JsonNode) added = NULL;
  g_autoptr (JsonNode) nodes = NULL;
  g_autoptr (JsonNode) none = NULL;
  g_autoptr (GError) error = NULL;
  QmpKit kit;

  if (qmp_kit_qemu () == NULL)
    {
      puts ("skipped: qemu-system-x86_64 is not installed");
      return;
    }
  qmp_kit_start (&kit, machine);
  status = qmp_kit_call (kit.qmp, "query-status", NULL, NULL);
  ck_assert_str_eq (json_object_get_string_member (json_node_get_object (status), "status"),
                    "prelaunch");
  schema = qmp_kit_call (kit.qmp, "query-qmp-schema", NULL, NULL);
  ck_assert_uint_gt (json_array_get_length (json_node_get_array (schema)), 500);
  none = qmp_kit_call (kit.qmp, "no-such-command", NULL, &error);
  ck_assert_ptr_null (none);
  ck_assert_msg (strstr (error->message, "no-such-command") != NULL, "%s", error->message);

  ck_assert_int_eq (ftruncate (memory, 12345 * 512), 0);
  fdset = qmp_kit_call_fd (kit.qmp, "add-fd", sg_qmp_args ("{'fdset-id': <7>}"), memory, NULL);
  added = qmp_kit_call (kit.qmp, "blockdev-add",
                        sg_qmp_args ("{'driver': <'file'>, 'node-name': <'f'>, "
                                     "'filename': <'/dev/fdset/7'>}"),
                        NULL);
  nodes = qmp_kit_call (kit.qmp, "query-named-block-nodes", NULL, NULL);
  JsonObject *node = json_array_get_object_element (json_node_get_array (nodes), 0);
  ck_assert_int_eq (
      json_object_get_int_member (json_object_get_object_member (node, "image"), "virtual-size"),
      12345 * 512);
  qmp_kit_stop (&kit);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("qmp");
  TCase *fake = tcase_create ("fake"), *real = tcase_create ("real");
  SRunner *runner;
  int failed;

  tcase_set_timeout (fake, 60);
  tcase_add_checked_fixture (fake, set_up, tear_down);
  tcase_add_test (fake, commands_wait_for_the_greeting_and_keep_their_order);
  tcase_add_test (fake, a_descriptor_travels_with_its_command_and_alone);
  tcase_add_test (fake, a_secret_takes_its_place);
  tcase_add_loop_test (fake, an_early_close_fails_everything_and_is_told_once, 0, 2);
  tcase_add_test (fake, closing_it_ourselves_is_the_same);
  tcase_add_test (fake, a_cancelled_command_answers_at_once_and_its_answer_does_no_harm);
  tcase_add_loop_test (fake, a_lie_ends_the_connection, 0, G_N_ELEMENTS (lies));
  tcase_add_test (fake, an_error_of_the_wrong_shape_is_an_error);
  tcase_add_loop_test (fake, a_line_without_an_end_and_one_without_a_bottom_end_the_connection, 0,
                       4);
  tcase_add_test (fake, a_flood_of_events_does_not_keep_others_from_working);
  tcase_add_test (fake, a_slow_reader_gets_everything);
  tcase_add_test (fake, arguments_are_written_as_json);
  tcase_set_timeout (real, 60);
  tcase_add_test (real, the_real_qemu);
  suite_add_tcase (suite, fake);
  suite_add_tcase (suite, real);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
