/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process of a session may see: a list of doors, each with its reason, and the bubblewrap
 * command line made from it by a pure function.
 *
 * Around every process, without exception: namespaces of its own (user, pid, ipc, uts, net, cgroup,
 * mount), an empty file system, no capability, no_new_privs, no further user namespaces, no
 * controlling terminal, an empty environment, death with the supervisor, no core dumps.  The
 * network namespace holds no card.  Nothing inside is writable (but for SG_DOOR_WRITE): the root
 * and /dev are remounted read-only.
 *
 *   SgConfinement *c = sg_confinement_new (SG_CONFINE_QEMU);
 *   sg_confinement_read (c, "/usr/lib", "/usr/lib", "libraries");
 *   argv = sg_confinement_arguments (c, "/usr/bin/bwrap", command);
 */
#pragma once

#include <gio/gio.h>

typedef enum
{
  SG_DOOR_READ,          /* a file or tree, read-only; must be there */
  SG_DOOR_READ_IF_THERE, /* the same, left out where the host has none */
  SG_DOOR_WRITE,         /* a file that may be written: a template's memory, while it is made */
  SG_DOOR_DEVICE,        /* a device node */
  SG_DOOR_FOLLOW         /* a tree whose mounts come and go (shares) */
} SgDoorKind;

typedef struct
{
  SgDoorKind kind;
  char *outside, *inside; /* owned */
  char *why;              /* owned */
} SgDoor;

typedef struct
{
  GPtrArray *doors;    /* SgDoor, owned */
  gboolean proc;       /* a /proc that shows only this process */
  const char *preload; /* a library inside that the program loads first (static); or NULL */
  int seccomp_fd;      /* the child's descriptor with a filter, or -1 */
  gboolean network;    /* it is where the host's network is (passt, and nobody else) */
  gboolean walls;      /* it builds walls of its own: user namespaces, and an empty /tmp for it */
  gboolean other_user; /* it sees itself, and what is the user's own, as `uid` and `gid` */
  guint uid, gid;
  guint64 files;       /* most open descriptors; 0: the user's own limit */
} SgConfinement;

SgConfinement *sg_confinement_new (void);
void sg_confinement_free (SgConfinement *confinement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgConfinement, sg_confinement_free)

/* Adds a door; WHY is for `run --plan` and docs/security.md. */
void sg_confinement_add (SgConfinement *confinement, SgDoorKind kind, const char *outside,
                         const char *inside, const char *why);

/* BWRAP, its options, "--", then COMMAND.  Free with g_strfreev(). */
char **sg_confinement_arguments (const SgConfinement *confinement, const char *bwrap,
                                 const char *const *command);

/* --- the three of every session ----------------------------------------------------------------
 */

/* What every program needs: shared libraries. */
void sg_confine_libraries (SgConfinement *confinement);

/* Where things are found inside. */
#define SG_INSIDE_NETGATE "/sandbox/sandglass-netgate"
#define SG_INSIDE_PRINTGATE "/sandbox/sandglass-printgate"
#define SG_INSIDE_USBGATE "/sandbox/sandglass-usbgate"
#define SG_INSIDE_CUPS "/sandbox/cups.sock"
#define SG_INSIDE_KERNEL "/sandbox/kernel"
#define SG_INSIDE_INITRD "/sandbox/initrd"
#define SG_INSIDE_BASE "/sandbox/base"
#define SG_INSIDE_HOST "/sandbox/host"
#define SG_INSIDE_PLUGIN "/sandbox/nbdkit-sandglass-plugin.so"
#define SG_INSIDE_RELAY "/sandbox/sandglass-relay"

SgConfinement *
sg_confine_qemu (const char *qemu, const char *kernel, const char *initrd, gboolean kvm);
/* Adds what 3D by the graphics card needs: NODE, its render node; DEVICE, the card in sysfs (or
 * NULL). */
void sg_confine_vgpu (SgConfinement *qemu, const char *node, const char *device);
/* ROOT: the tree that the base was made from. */
SgConfinement *
sg_confine_nbdkit (const char *nbdkit, const char *plugin, const char *base, const char *root);
SgConfinement *sg_confine_relay (const char *relay);
/* The way to the network, where one is granted.  Between QEMU and passt: no network of its own. */
SgConfinement *sg_confine_netgate (const char *netgate);
SgConfinement *sg_confine_passt (const char *passt);
/* SOCKET: of this computer's CUPS, and all that the gate to the printers can reach. */
SgConfinement *sg_confine_printgate (const char *printgate, const char *socket);
/* Its device is given to it open. */
SgConfinement *sg_confine_usbgate (const char *usbgate);

/* --- system calls -------------------------------------------------------------------------------
 */

/* A filter for bubblewrap's --seccomp, in a memfd: refuses what a server of files has no business
 * with (sockets, mounts, tracing, modules, keys, ...).  QEMU and the relay have their own.  Returns
 * the descriptor, -1 on error. */
int sg_confine_filter (GError **error);
