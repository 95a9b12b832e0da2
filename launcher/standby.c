/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/standby.h"

#include "common/fd.h"
#include "common/paths.h"
#include "launcher/session-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A session answers within milliseconds or not at all. */
#define ANSWER_MSEC 1500

/* --- who waits ----------------------------------------------------------------------------------
 */

/* A connected socket, or -1. */
static int
reach (const char *runtime, const char *id)
{
  g_autofree char *dir = g_build_filename (runtime, id, NULL);
  sg_fd int at = open (dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  sg_fd int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct ucred peer;
  socklen_t length = sizeof peer;

  if (at < 0 || fd < 0)
    return -1;
  /* By the directory's descriptor: a socket's path has 107 bytes at most. */
  g_snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" SG_STANDBY_SOCKET, at);
  if (connect (fd, (struct sockaddr *)&address, sizeof address) < 0
      || getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != geteuid ())
    return -1;
  return sg_fd_steal (&fd);
}

typedef gboolean (*Func) (const char *id, int fd, gpointer data);

static gboolean
for_one (const char *runtime, const char *id, Func func, gpointer data)
{
  sg_fd int fd = reach (runtime, id);

  return fd >= 0 && func (id, fd, data);
}

/* Calls FUNC for each until it returns TRUE; for FIRST (may be NULL) before all others. */
static gboolean
for_each (const char *first, Func func, gpointer data)
{
  g_autofree char *runtime = sg_paths_runtime (NULL);
  g_autoptr (GDir) dir = runtime != NULL ? g_dir_open (runtime, 0, NULL) : NULL;
  const char *id;

  if (dir != NULL && first != NULL && for_one (runtime, first, func, data))
    return TRUE;
  while (dir != NULL && (id = g_dir_read_name (dir)) != NULL)
    if (g_strcmp0 (id, first) != 0 && for_one (runtime, id, func, data))
      return TRUE;
  return FALSE;
}

static gboolean
count (const char *id, int fd, gpointer data)
{
  (*(guint *)data)++;
  return FALSE;
}

guint
sg_standby_count (void)
{
  guint n = 0;

  for_each (NULL, count, &n);
  return n;
}

static void
one_free (gpointer data)
{
  g_free (((SgStandbyOne *)data)->id);
  g_free (data);
}

/* Who listens is the supervisor. */
static gboolean
measure (const char *id, int fd, gpointer data)
{
  SgStandbyOne *one = g_new0 (SgStandbyOne, 1);
  struct ucred peer;
  socklen_t length = sizeof peer;
  SgMemory memory;

  one->id = g_strdup (id);
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0
      && sg_memory_of_descendants (peer.pid, &memory, NULL))
    one->bytes = memory.proportional_bytes;
  g_ptr_array_add (data, one);
  return FALSE;
}

GPtrArray *
sg_standby_list (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (one_free);

  for_each (NULL, measure, all);
  return all;
}

guint64
sg_standby_memory (void)
{
  g_autoptr (GPtrArray) all = sg_standby_list ();
  guint64 bytes = 0;

  for (guint i = 0; i < all->len; i++)
    bytes += ((const SgStandbyOne *)all->pdata[i])->bytes;
  return bytes;
}

/* --- taking one ---------------------------------------------------------------------------------
 */

static gboolean
send_request (int fd, GVariant *request, int passed)
{
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct iovec part = { (void *)g_variant_get_data (request), g_variant_get_size (request) };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (passed >= 0)
    {
      message.msg_control = &control;
      message.msg_controllen = sizeof control.space;
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (&control.header), &passed, sizeof (int));
    }
  return sendmsg (fd, &message, MSG_NOSIGNAL) == (ssize_t)part.iov_len;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
add (GChecksum *sum, const char *text, gssize length)
{
  gsize size = length < 0 ? strlen (text) : (gsize)length;

  g_checksum_update (sum, (const guchar *)&size, sizeof size);
  g_checksum_update (sum, (const guchar *)text, (gssize)size);
}

/* What a shell keeps for itself, and changes with each cd, is nothing to a profile that does not
 * name it. */
static gboolean
counts (const char *variable, const char *text)
{
  static const char *const own[] = { "PWD", "OLDPWD", "SHLVL", NULL };
  g_autofree char *name = g_strndup (variable, strcspn (variable, "="));

  return !g_str_equal (name, "_") && (!g_strv_contains (own, name) || strstr (text, name) != NULL);
}

char *
sg_standby_mark (const char *profile, char **ret_sha256)
{
  g_autoptr (GChecksum) sum = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) environment = NULL;
  gsize length;

  if (profile == NULL)
    return g_strdup ("");
  if (!g_file_test (profile, G_FILE_TEST_IS_REGULAR) /* not one that never ends */
      || !g_file_get_contents (profile, &text, &length, NULL))
    return NULL;
  if (ret_sha256 != NULL)
    *ret_sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)text, length);
  environment = g_get_environ ();
  qsort (environment, g_strv_length (environment), sizeof *environment, compare);
  sum = g_checksum_new (G_CHECKSUM_SHA256);
  add (sum, profile, -1);
  add (sum, text, (gssize)length);
  for (char **variable = environment; *variable != NULL; variable++)
    if (counts (*variable, text))
      add (sum, *variable, -1);
  return g_strdup (g_checksum_get_string (sum));
}

/* FALSE: there is no such profile, or it is not the one of SHA256 (NULL: any). */
static gboolean
insert_mark (GVariantDict *dict, const char *profile, const char *sha256)
{
  g_autofree char *found = NULL;
  g_autofree char *mark = sg_standby_mark (profile, &found);

  if (mark == NULL || (sha256 != NULL && g_strcmp0 (found, sha256) != 0))
    return FALSE;
  g_variant_dict_insert (dict, "for", "s", mark);
  return TRUE;
}

typedef struct
{
  GVariant *request;
  SgStandbyAnswer answer; /* results */
  int fd;
  char *id;
} Exchange;

/* One end of a fresh connection goes along with the request, the other one is ours if it is taken. */
static gboolean
exchange (const char *id, int fd, gpointer data)
{
  Exchange *exchange = data;
  struct pollfd answer = { fd, POLLIN, 0 };
  sg_fd int ours = -1, theirs = -1;
  char c = SG_STANDBY_NO;

  if (!sg_socketpair (&ours, &theirs, NULL) || !send_request (fd, exchange->request, theirs)
      || poll (&answer, 1, ANSWER_MSEC) <= 0 || recv (fd, &c, 1, 0) != 1
      || (c != SG_STANDBY_JOINED && c != SG_STANDBY_TAKEN && c != SG_STANDBY_TAKEN_WITH_WINDOW))
    return FALSE;
  exchange->answer = (SgStandbyAnswer)c;
  exchange->fd = sg_fd_steal (&ours);
  exchange->id = g_strdup (id);
  return TRUE;
}

static void
insert_text (GVariantDict *dict, const char *key, const char *text)
{
  if (text != NULL)
    g_variant_dict_insert (dict, key, "s", text);
}

static void
insert_wish (GVariantDict *dict, const SgStandbyWish *wish)
{
  g_variant_dict_insert (dict, "memory", "u", wish->memory_mb);
  g_variant_dict_insert (dict, "cpus", "u", wish->cpus);
  g_variant_dict_insert (dict, "look", "b", wish->look);
  g_variant_dict_insert (dict, "without", "b", wish->without_asks);
  insert_text (dict, "network", wish->network);
  insert_text (dict, "program", wish->program);
  insert_text (dict, "purpose", wish->purpose);
  insert_text (dict, "config", wish->config);
  insert_text (dict, "window", wish->window);
  if (wish->allow != NULL)
    g_variant_dict_insert (dict, "allow", "^as", wish->allow);
  if (wish->writable != NULL)
    g_variant_dict_insert (dict, "writable", "^aay", wish->writable);
}

/* ALONE: not one that a window waits with. */
static void
take (const SgStandbyWish *wish, gboolean alone, Exchange *wanted)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "alone", "b", alone);
  if (!insert_mark (&dict, wish->profile, wish->sha256))
    {
      g_variant_dict_clear (&dict);
      return;
    }
  insert_wish (&dict, wish);
  wanted->request = g_variant_ref_sink (g_variant_dict_end (&dict));
  for_each (wish->id, exchange, wanted);
  g_clear_pointer (&wanted->request, g_variant_unref);
}

int
sg_standby_take (const SgStandbyWish *wish, gboolean *ret_window)
{
  Exchange wanted = { .answer = SG_STANDBY_NO, .fd = -1 };

  if (wish->window == NULL)
    take (wish, TRUE, &wanted);
  if (wanted.fd < 0)
    take (wish, FALSE, &wanted);
  g_free (wanted.id);
  if (ret_window != NULL)
    *ret_window = wanted.answer == SG_STANDBY_TAKEN_WITH_WINDOW;
  return wanted.fd;
}

int
sg_standby_join (const char *word, const char *profile, char **ret_id)
{
  Exchange wanted = { .answer = SG_STANDBY_NO, .fd = -1 };
  GVariantDict dict;

  *ret_id = NULL;
  g_variant_dict_init (&dict, NULL);
  if (!insert_mark (&dict, profile, NULL))
    {
      g_variant_dict_clear (&dict);
      return -1;
    }
  g_variant_dict_insert (&dict, "join", "s", word);
  wanted.request = g_variant_ref_sink (g_variant_dict_end (&dict));
  for_each (NULL, exchange, &wanted);
  g_variant_unref (wanted.request);
  *ret_id = wanted.id;
  return wanted.fd;
}

static gboolean
tell (const char *id, int fd, gpointer data)
{
  send_request (fd, data, -1);
  return FALSE;
}

void
sg_standby_end_all (void)
{
  GVariantDict dict;
  g_autoptr (GVariant) request = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "end", "b", TRUE);
  request = g_variant_ref_sink (g_variant_dict_end (&dict));
  for_each (NULL, tell, request);
}

typedef struct
{
  GVariant *request;
  guint kept;
} Stay;

static gboolean
stay (const char *id, int fd, gpointer data)
{
  Stay *wanted = data;
  struct pollfd answer = { fd, POLLIN, 0 };
  char c = SG_STANDBY_NO;

  if (send_request (fd, wanted->request, -1) && poll (&answer, 1, ANSWER_MSEC) > 0
      && recv (fd, &c, 1, 0) == 1 && c == SG_STANDBY_KEPT)
    wanted->kept++;
  return FALSE;
}

guint
sg_standby_stay (guint seconds, const char *profile)
{
  Stay wanted = { 0 };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "stay", "u", seconds);
  if (!insert_mark (&dict, profile, NULL))
    g_variant_dict_insert (&dict, "for", "s", "none"); /* those of a profile that went */
  wanted.request = g_variant_ref_sink (g_variant_dict_end (&dict));
  for_each (NULL, stay, &wanted);
  g_variant_unref (wanted.request);
  return wanted.kept;
}
