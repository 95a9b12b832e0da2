/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's own calls.  They change what belongs to the whole machine, so an agent that does
 * not run inside one (a test) refuses them all. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/time.h>

#define BOOT_ID_FILE AGENT_RUN_DIR "/boot_id"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define PLAIN_DIR AGENT_RUN_DIR "/plain"
#define PLAIN_PROC PLAIN_DIR "/proc"
#define ENTROPY_MAX 512

static char *
call_clock (Agent *agent, GVariant *argument)
{
  gint64 now = g_variant_get_int64 (argument);
  struct timeval time = { now / G_USEC_PER_SEC, now % G_USEC_PER_SEC };

  if (now < 0 || settimeofday (&time, NULL) < 0)
    return g_strdup ("The clock cannot be set");
  return NULL;
}

/* Counted as entropy in full, then forced into use: nothing that starts afterwards can have the
 * numbers of another clone. */
static char *
call_entropy (Agent *agent, GVariant *argument)
{
  union
  {
    struct rand_pool_info info;
    guint8 room[sizeof (struct rand_pool_info) + ENTROPY_MAX];
  } pool;
  gsize len;
  const void *bytes = g_variant_get_fixed_array (argument, &len, 1);
  int fd;
  gboolean done;

  if (len < 1 || len > ENTROPY_MAX)
    return g_strdup_printf ("Between 1 and %d bytes are taken", ENTROPY_MAX);
  pool.info.entropy_count = (int)len * 8;
  pool.info.buf_size = (int)len;
  memcpy (pool.info.buf, bytes, len);
  fd = open ("/dev/urandom", O_RDWR | O_CLOEXEC);
  done = fd >= 0 && ioctl (fd, RNDADDENTROPY, &pool.info) == 0 && ioctl (fd, RNDRESEEDCRNG) == 0;
  explicit_bzero (&pool, sizeof pool);
  agent_close (&fd);
  return done ? NULL : g_strdup ("The kernel does not take random numbers");
}

static gboolean
is_hex (const char *text, gsize len, const char *also)
{
  return strlen (text) == len && strspn (text, also) == len;
}

static char *
set_machine_id (const char *id)
{
  g_autofree char *line = g_strconcat (id, "\n", NULL);
  struct stat st;
  char *why;

  if (!is_hex (id, 32, "0123456789abcdef"))
    return g_strdup ("This is no machine-id");
  why = settings_write ("/etc/machine-id", 0444, line);
  /* A copy of its own where it is no link to /etc. */
  if (why == NULL && lstat ("/var/lib/dbus/machine-id", &st) == 0 && S_ISREG (st.st_mode))
    why = settings_write ("/var/lib/dbus/machine-id", 0444, line);
  return why;
}

static char *
set_hostname (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
  gsize len = strlen (name);
  g_autofree char *line = g_strconcat (name, "\n", NULL);
  g_autofree char *hosts = NULL;
  char *why;

  if (len == 0 || len > 63 || strspn (name, letters) != len || name[0] == '-' || name[0] == '.')
    return g_strdup ("This is no name for a computer");
  if (sethostname (name, len) < 0)
    return g_strdup ("The computer's name cannot be set");
  why = settings_write ("/etc/hostname", 0644, line);
  if (why != NULL)
    return why;
  hosts = g_strdup_printf ("127.0.0.1\tlocalhost\n127.0.1.1\t%s\n"
                           "::1\tlocalhost ip6-localhost ip6-loopback\n",
                           name);
  return settings_write ("/etc/hosts", 0644, hosts);
}

/* A program that locks others in (bubblewrap; Flatpak and WebKit by it) mounts a /proc of its own.
 * The kernel refuses it to all but root where each /proc in sight has something mounted over a part
 * of it (mount_too_revealing() in fs/namespace.c).  So one without stands where root alone gets to.
 */
static char *
keep_plain_proc (void)
{
  mkdir (PLAIN_DIR, 0700);
  if (mkdir (PLAIN_PROC, 0700) < 0 && errno == EEXIST)
    return NULL;
  return mount ("proc", PLAIN_PROC, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0
             ? g_strdup_printf ("A second /proc cannot be mounted: %s", g_strerror (errno))
             : NULL;
}

/* The kernel keeps its own from before the clone, so ours is mounted over it. */
static char *
set_boot_id (const char *id)
{
  g_autofree char *line = g_strconcat (id, "\n", NULL);
  char *why;

  if (!is_hex (id, 36, "0123456789abcdef-"))
    return g_strdup ("This is no boot-id");
  umount2 (BOOT_ID, MNT_DETACH);
  why = settings_write (BOOT_ID_FILE, 0444, line);
  if (why == NULL && mount (BOOT_ID_FILE, BOOT_ID, NULL, MS_BIND, NULL) < 0)
    why = g_strdup_printf ("The boot-id cannot be set: %s", g_strerror (errno));
  return why != NULL ? why : keep_plain_proc ();
}

static char *
call_identity (Agent *agent, GVariant *argument)
{
  static const struct
  {
    const char *key;
    char *(*set) (const char *value);
  } parts[] = { { "machine-id", set_machine_id },
                { "hostname", set_hostname },
                { "boot-id", set_boot_id } };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char *value;

      if (g_variant_lookup (argument, parts[i].key, "&s", &value))
        {
          char *why = parts[i].set (value);
          if (why != NULL)
            return why;
        }
    }
  return NULL;
}

/* The answer leaves first; the loop switches off once it has. */
static char *
call_poweroff (Agent *agent, GVariant *argument)
{
  agent->ending = TRUE;
  return NULL;
}

void
agent_power_off (void)
{
  reboot (RB_POWER_OFF);
  _exit (1);
}

static void
call_ready (Agent *agent, guint32 serial)
{
  g_array_append_val (agent->waiting, serial);
  agent_desktop_changed (agent);
}

/* The number behind NAME in a file of /proc; 0 where it is not. */
static double
number_in (const char *path, const char *name)
{
  g_autofree char *text = NULL;
  const char *at = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    at = strstr (text, name);
  return at != NULL ? g_ascii_strtod (at + strlen (name), NULL) : 0;
}

static guint64
memory_available (void)
{
  return (guint64)number_in ("/proc/meminfo", "MemAvailable:") * 1024;
}

static guint32
pressure (void)
{
  return (guint32)(number_in ("/proc/pressure/memory", "avg10=") * 100);
}

static const struct
{
  const char *name, *type;
  char *(*run) (Agent *, GVariant *);
} calls[] = {
  { "clock", "x", call_clock },           { "entropy", "ay", call_entropy },
  { "identity", "a{sv}", call_identity }, { "settings", "a{sv}", settings_apply },
  { "poweroff", "()", call_poweroff },
};

void
agent_call (Agent *agent, guint32 serial, const char *method, GVariant *argument)
{
  g_autofree char *why = NULL;

  if (g_str_equal (method, "ready"))
    {
      call_ready (agent, serial);
      return;
    }
  if (g_str_equal (method, "memory"))
    {
      agent_reply (agent, serial, NULL, g_variant_new ("(tu)", memory_available (), pressure ()));
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (g_str_equal (calls[i].name, method))
      {
        if (!g_variant_is_of_type (argument, G_VARIANT_TYPE (calls[i].type)))
          why = g_strdup ("The argument has the wrong type");
        else if (!agent->inside)
          why = g_strdup ("This agent does not run in a sandbox");
        else
          why = calls[i].run (agent, argument);
        agent_reply (agent, serial, why, NULL);
        return;
      }
  agent_reply (agent, serial, "This agent does not know what to do", NULL);
}
