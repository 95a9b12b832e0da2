/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/standby.h"

#include "common/fd.h"
#include "common/memory.h"
#include "common/paths.h"
#include "launcher/session-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A session answers within milliseconds or not at all. */
#define ANSWER_MSEC 1500
#define MEMORY_LEAST (2ull << 30)

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

/* Calls FUNC for each until it returns TRUE. */
static gboolean
for_each (gboolean (*func) (int fd, gpointer data), gpointer data)
{
  g_autofree char *runtime = sg_paths_runtime (NULL);
  g_autoptr (GDir) dir = runtime != NULL ? g_dir_open (runtime, 0, NULL) : NULL;
  const char *id;

  while (dir != NULL && (id = g_dir_read_name (dir)) != NULL)
    {
      sg_fd int fd = reach (runtime, id);
      if (fd >= 0 && func (fd, data))
        return TRUE;
    }
  return FALSE;
}

static gboolean
count (int fd, gpointer data)
{
  (*(guint *)data)++;
  return FALSE;
}

guint
sg_standby_count (void)
{
  guint n = 0;

  for_each (count, &n);
  return n;
}

/* Who listens is the supervisor. */
static gboolean
measure (int fd, gpointer data)
{
  struct ucred peer;
  socklen_t length = sizeof peer;
  SgMemory memory;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0
      && sg_memory_of_descendants (peer.pid, &memory, NULL))
    *(guint64 *)data += memory.proportional_bytes;
  return FALSE;
}

guint64
sg_standby_memory (void)
{
  guint64 bytes = 0;

  for_each (measure, &bytes);
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

typedef struct
{
  GVariant *request;
  int owner; /* result */
} Take;

static gboolean
take (int fd, gpointer data)
{
  Take *wanted = data;
  struct pollfd answer = { fd, POLLIN, 0 };
  sg_fd int ours = -1, theirs = -1;
  char c = 'n';

  if (!sg_socketpair (&ours, &theirs, NULL) || !send_request (fd, wanted->request, theirs)
      || poll (&answer, 1, ANSWER_MSEC) <= 0 || recv (fd, &c, 1, 0) != 1 || c != 'y')
    return FALSE;
  wanted->owner = sg_fd_steal (&ours);
  return TRUE;
}

int
sg_standby_take (guint memory_mb, guint cpus, const char *network, const char *const *allow)
{
  Take wanted = { .owner = -1 };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "memory", "u", memory_mb);
  g_variant_dict_insert (&dict, "cpus", "u", cpus);
  if (network != NULL)
    g_variant_dict_insert (&dict, "network", "s", network);
  if (allow != NULL)
    g_variant_dict_insert (&dict, "allow", "^as", allow);
  wanted.request = g_variant_ref_sink (g_variant_dict_end (&dict));
  for_each (take, &wanted);
  g_variant_unref (wanted.request);
  return wanted.owner;
}

typedef struct
{
  GVariant *request;
  guint told;
} Tell;

static gboolean
tell (int fd, gpointer data)
{
  Tell *what = data;

  what->told += send_request (fd, what->request, -1);
  return FALSE;
}

/* To all; VALUE is consumed.  To how many. */
static guint
tell_all (const char *name, GVariant *value)
{
  GVariantDict dict;
  g_autoptr (GVariant) request = NULL;
  Tell what = { 0 };

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, name, value);
  request = g_variant_ref_sink (g_variant_dict_end (&dict));
  what.request = request;
  for_each (tell, &what);
  return what.told;
}

guint
sg_standby_stay (guint seconds)
{
  return tell_all ("stay", g_variant_new_uint32 (seconds));
}

void
sg_standby_end_all (void)
{
  tell_all ("end", g_variant_new_boolean (TRUE));
}

/* --- one more -----------------------------------------------------------------------------------
 */

static gboolean
has_line (const char *path, const char *line)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && g_str_equal (g_strchomp (text), line);
}

/* A battery that gives power is one that a person wants to last. */
static gboolean
is_on_battery (const char *root)
{
  g_autofree char *supplies = g_build_filename (root, "sys/class/power_supply", NULL);
  g_autoptr (GDir) dir = g_dir_open (supplies, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *type = g_build_filename (supplies, name, "type", NULL);
      g_autofree char *status = g_build_filename (supplies, name, "status", NULL);
      g_autofree char *scope = g_build_filename (supplies, name, "scope", NULL);

      if (has_line (type, "Battery") && has_line (status, "Discharging")
          && !has_line (scope, "Device")) /* a mouse's */
        return TRUE;
    }
  return FALSE;
}

const char *
sg_standby_why_not_at (const char *root)
{
  guint64 available = sg_memory_available_at (root);

  if (is_on_battery (root))
    return "this computer runs on battery";
  if (available != 0 && available < MEMORY_LEAST)
    return "less than 2 GB of memory are free";
  return NULL;
}

const char *
sg_standby_why_not (void)
{
  return sg_standby_why_not_at ("/");
}

/* Twice forked, so that it is nobody's child: neither reaped nor killed with who started it. */
gboolean
sg_standby_start (guint seconds, GError **error)
{
  g_autofree char *program = sg_paths_program ("sandglass-session", error);
  g_autofree char *standby = g_strdup_printf ("--standby=%u", seconds);
  const char *argv[] = { program, standby, NULL };
  sg_fd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  int status = 0;
  pid_t pid;

  if (program == NULL)
    return FALSE;
  pid = fork ();
  if (pid == 0)
    {
      setsid ();
      if (fork () != 0)
        _exit (0);
      dup2 (null, STDIN_FILENO);
      dup2 (null, STDOUT_FILENO);
      dup2 (null, STDERR_FILENO);
      execv (program, (char **)argv);
      _exit (127);
    }
  if (pid < 0 || waitpid (pid, &status, 0) != pid)
    return sg_errno (error, "A waiting sandbox could not be started");
  return TRUE;
}
