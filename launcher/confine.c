/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/confine.h"

#include "baseimage/rules.h"

#include <string.h>

/* Descriptors 3 and up belong to the program; the filter's comes from the caller. */

SgConfinement *
sg_confinement_new (void)
{
  SgConfinement *confinement = g_new0 (SgConfinement, 1);

  confinement->seccomp_fd = -1;
  return confinement;
}

static void
door_free (gpointer data)
{
  SgDoor *door = data;

  g_free (door->outside);
  g_free (door->inside);
  g_free (door->why);
  g_free (door);
}

void
sg_confinement_free (SgConfinement *confinement)
{
  if (confinement == NULL)
    return;
  g_clear_pointer (&confinement->doors, g_ptr_array_unref);
  g_free (confinement);
}

void
sg_confinement_add (SgConfinement *confinement, SgDoorKind kind, const char *outside,
                    const char *inside, const char *why)
{
  SgDoor *door = g_new (SgDoor, 1);

  if (confinement->doors == NULL)
    confinement->doors = g_ptr_array_new_with_free_func (door_free);
  door->kind = kind;
  door->outside = g_strdup (outside);
  door->inside = g_strdup (inside);
  door->why = g_strdup (why);
  g_ptr_array_add (confinement->doors, door);
}

static const char *
door_option (SgDoorKind kind)
{
  switch (kind)
    {
    case SG_DOOR_READ:
      return "--ro-bind";
    case SG_DOOR_READ_IF_THERE:
      return "--ro-bind-try";
    case SG_DOOR_DEVICE:
      return "--dev-bind";
    case SG_DOOR_WRITE:
    case SG_DOOR_FOLLOW:
      return "--bind";
    }
  g_assert_not_reached ();
}

static void
add (GPtrArray *argv, const char *first, ...)
{
  va_list args;

  va_start (args, first);
  for (const char *word = first; word != NULL; word = va_arg (args, const char *))
    g_ptr_array_add (argv, g_strdup (word));
  va_end (args);
}

char **
sg_confinement_arguments (const SgConfinement *confinement, const char *bwrap,
                          const char *const *command)
{
  GPtrArray *argv = g_ptr_array_new ();

  add (argv, bwrap, NULL);
  add (argv, "--unshare-user", NULL);    /* a user namespace: the way to all others without root */
  add (argv, "--unshare-pid", NULL);     /* sees and signals no process but itself */
  add (argv, "--unshare-ipc", NULL);     /* no shared memory with others */
  add (argv, "--unshare-uts", NULL);     /* does not learn the host's name */
  if (!confinement->network)
    add (argv, "--unshare-net", NULL); /* no card, no abstract sockets */
  add (argv, "--unshare-cgroup", NULL);  /* does not see where it is */
  if (!confinement->walls)
    add (argv, "--disable-userns", NULL); /* no second start at the kernel's namespace code */
  add (argv, "--cap-drop", "ALL", NULL); /* for root, who would keep them */
  add (argv, "--hostname", "sandglass", NULL);
  add (argv, "--new-session", NULL);     /* cannot type into the person's terminal */
  add (argv, "--die-with-parent", NULL); /* gone with the supervisor, however it went */
  add (argv, "--as-pid-1", NULL);        /* no helper process beside it */
  add (argv, "--clearenv", NULL);        /* the person's environment tells too much */
  add (argv, "--setenv", "LC_ALL", "C.UTF-8", NULL);
  if (confinement->other_user)
    {
      g_autofree char *uid = g_strdup_printf ("%u", confinement->uid);
      g_autofree char *gid = g_strdup_printf ("%u", confinement->gid);
      add (argv, "--uid", uid, "--gid", gid, NULL);
    }
  if (confinement->preload != NULL)
    add (argv, "--setenv", "LD_PRELOAD", confinement->preload, NULL);
  add (argv, "--dev", "/dev", NULL); /* null, zero, random and the like */
  if (confinement->proc)
    add (argv, "--proc", "/proc", NULL);
  for (guint i = 0; confinement->doors != NULL && i < confinement->doors->len; i++)
    {
      const SgDoor *door = g_ptr_array_index (confinement->doors, i);
      add (argv, door_option (door->kind), door->outside, door->inside, NULL);
    }
  if (confinement->walls)
    add (argv, "--tmpfs", "/tmp", NULL);
  else if (confinement->proc)
    add (argv, "--remount-ro", "/proc", NULL);
  add (argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", NULL);
  if (confinement->seccomp_fd >= 0)
    {
      g_autofree char *number = g_strdup_printf ("%d", confinement->seccomp_fd);
      add (argv, "--seccomp", number, NULL);
    }
  add (argv, "--", NULL);
  for (; *command != NULL; command++)
    add (argv, *command, NULL);
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (argv, FALSE);
}

/* --- the three of every session ----------------------------------------------------------------
 */

/* Libraries are taken whole: a program's closure is not known before it runs (QEMU and nbdkit load
 * modules by name), and they are everybody's to read. */
static void
add_libraries (SgConfinement *c)
{
  static const char *const places[]
      = { "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    sg_confinement_add (c, SG_DOOR_READ_IF_THERE, places[i], places[i],
                        i + 1 < G_N_ELEMENTS (places) ? "shared libraries and modules"
                                                      : "where libraries are");
}

void
sg_confine_libraries (SgConfinement *confinement)
{
  add_libraries (confinement);
}

static void
read_same (SgConfinement *c, SgDoorKind kind, const char *path, const char *why)
{
  sg_confinement_add (c, kind, path, path, why);
}

SgConfinement *
sg_confine_qemu (const char *qemu, const char *kernel, const char *initrd, gboolean kvm)
{
  SgConfinement *c = sg_confinement_new ();

  c->files = 4096;
  c->proc = TRUE; /* changing a file of a shared folder goes through /proc/self/fd; only itself */
  add_libraries (c);
  read_same (c, SG_DOOR_READ, qemu, "the machine's program");
  read_same (c, SG_DOOR_READ_IF_THERE, "/usr/share/qemu", "firmware: loads the kernel");
  read_same (c, SG_DOOR_READ_IF_THERE, "/usr/share/seabios", "firmware (Debian's place)");
  sg_confinement_add (c, SG_DOOR_READ, kernel, SG_INSIDE_KERNEL, "the sandbox's kernel");
  sg_confinement_add (c, SG_DOOR_READ, initrd, SG_INSIDE_INITRD,
                      "what starts the sandbox's system");
  if (kvm)
    read_same (c, SG_DOOR_DEVICE, "/dev/kvm", "hardware virtualization");
  return c;
}

void
sg_confine_vgpu (SgConfinement *qemu, const char *node, const char *device)
{
  read_same (qemu, SG_DOOR_DEVICE, node, "3D by the graphics card, as granted");
  if (device != NULL)
    {
      read_same (qemu, SG_DOOR_READ, device, "which card it is, for its driver");
      read_same (qemu, SG_DOOR_READ_IF_THERE, "/sys/dev/char", "the same, by its number");
    }
  read_same (qemu, SG_DOOR_READ_IF_THERE, "/usr/share/glvnd", "which drivers there are");
  read_same (qemu, SG_DOOR_READ_IF_THERE, "/etc/glvnd", "which drivers there are");
  read_same (qemu, SG_DOOR_READ_IF_THERE, "/usr/share/drirc.d", "their settings");
  read_same (qemu, SG_DOOR_READ_IF_THERE, "/usr/share/libdrm", "the cards' names");
}

/* Folders with linked files that no pattern of the rules names.  The home folders, /root, /etc,
 * /var/log, /srv, /mnt and the rest are not visible to the server at all. */
static const char *const served[]
    = { "/usr", "/opt", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32" };

static void
serve (SgConfinement *c, const char *root, const char *path, const char *why)
{
  g_autofree char *outside = g_build_filename (root, path, NULL);
  g_autofree char *inside = g_build_filename (SG_INSIDE_HOST, path, NULL);

  sg_confinement_add (c, SG_DOOR_READ_IF_THERE, outside, inside, why);
}

/* The scanner's own table says from where files are linked; its reason is the door's. */
static void
serve_by_rule (SgConfinement *c, const char *root, const SgRule *rule)
{
  g_auto (GStrv) patterns = g_strsplit (rule->where, " ", -1);

  for (char **pattern = patterns; *pattern != NULL; pattern++)
    {
      gsize length = strlen (*pattern);

      if (!g_str_has_prefix (*pattern, "/var/") || (*pattern)[length - 1] != '/')
        continue;
      (*pattern)[length - 1] = '\0';
      serve (c, root, *pattern, rule->reason);
    }
}

static void
serve_all (SgConfinement *c, const char *root)
{
  gsize n;
  const SgRule *rules = sg_rules_all (&n);

  for (gsize i = 0; i < G_N_ELEMENTS (served); i++)
    serve (c, root, served[i], "part of the installed system");
  for (gsize i = 0; i < n; i++)
    if (rules[i].verdict == SG_RULE_LINKED)
      serve_by_rule (c, root, &rules[i]);
}

SgConfinement *
sg_confine_nbdkit (const char *nbdkit, const char *plugin, const char *base, const char *root)
{
  SgConfinement *c = sg_confinement_new ();

  add_libraries (c);
  read_same (c, SG_DOOR_READ, nbdkit, "the server's program");
  sg_confinement_add (c, SG_DOOR_READ, plugin, SG_INSIDE_PLUGIN, "our plugin");
  sg_confinement_add (c, SG_DOOR_READ, base, SG_INSIDE_BASE, "the base: what is served");
  serve_all (c, root);
  return c;
}

SgConfinement *
sg_confine_relay (const char *relay)
{
  SgConfinement *c = sg_confinement_new ();

  c->files = 1024;
  add_libraries (c);
  sg_confinement_add (c, SG_DOOR_READ, relay, SG_INSIDE_RELAY, "the relay's program");
  return c;
}

SgConfinement *
sg_confine_netgate (const char *netgate)
{
  SgConfinement *c = sg_confinement_new ();

  c->files = 256;
  add_libraries (c);
  sg_confinement_add (c, SG_DOOR_READ, netgate, SG_INSIDE_NETGATE, "the network gate's program");
  return c;
}

SgConfinement *
sg_confine_printgate (const char *printgate, const char *socket)
{
  SgConfinement *c = sg_confinement_new ();

  c->files = 64;
  add_libraries (c);
  sg_confinement_add (c, SG_DOOR_READ, printgate, SG_INSIDE_PRINTGATE,
                      "the program of the gate to the printers");
  sg_confinement_add (c, SG_DOOR_READ, socket, SG_INSIDE_CUPS,
                      "this computer's print service, as granted");
  return c;
}

SgConfinement *
sg_confine_usbgate (const char *usbgate)
{
  SgConfinement *c = sg_confinement_new ();

  c->files = 64;
  add_libraries (c);
  sg_confinement_add (c, SG_DOOR_READ, usbgate, SG_INSIDE_USBGATE,
                      "the program of the gate of a USB device");
  return c;
}

/* passt goes on by itself: an empty root, no capability, a filter of system calls; for that it
 * needs its own namespaces (it maps itself in /proc) and a place to make that root. */
SgConfinement *
sg_confine_passt (const char *passt)
{
  SgConfinement *c = sg_confinement_new ();
  g_autofree char *variant = g_strconcat (passt, ".avx2", NULL);

  c->network = c->walls = c->proc = TRUE;
  add_libraries (c);
  read_same (c, SG_DOOR_READ, passt, "passt: connections in the sandbox's name");
  read_same (c, SG_DOOR_READ_IF_THERE, variant, "the same, for this processor");
  return c;
}
