/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line: a pure function of settings.
 *
 * A machine that boots cold, one that becomes a template and one that is woken from a template must
 * agree in every device, so all three are made here; they differ in the fields that say so.
 * Descriptors have fixed numbers, paths are those inside QEMU's confinement (confine.h), and
 * nothing secret is here: a command line can be read by others. */
#pragma once

#include "launcher/accel.h"

/* What QEMU finds open when it starts: one end each of a stream socket pair. */
enum
{
  SG_QEMU_FD_QMP = 3, /* the monitor */
  SG_QEMU_FD_BASE,    /* NBD: nbdkit is at the other end */
  SG_QEMU_FD_AGENT,   /* the agent's port: sandglass-relay is at the other end */
  SG_QEMU_FD_CONSOLE, /* what the kernel and systemd inside write */
  SG_QEMU_FD_FILTER,  /* system calls; bubblewrap reads it and is gone */
  SG_QEMU_FD_END
};
#define SG_QEMU_N_FDS (SG_QEMU_FD_END - SG_QEMU_FD_QMP)

/* Names in QEMU that others use over the monitor. */
#define SG_NODE_BASE "sg-base" /* the scratch disk's nodes are named in overlay.h */
#define SG_DEVICE_SCRATCH "scratch"
#define SG_DEVICE_VIDEO "video"
#define SG_FSDEV_RO "shares-ro" /* shared folders, see share.h; no device has them yet */
#define SG_FSDEV_RW "shares-rw"
#define SG_BUS_SPARE "spare%u" /* root ports for what is plugged in later, from 0 on */
#define SG_N_SPARE 8u
#define SG_BUS_USB "usb" /* the controller, where USB devices or cameras are granted */
#define SG_PLUG_USB "usb%u" /* a device that was handed over, from 0 on */
#define SG_N_USB 4u
/* A port more than devices: into the last free one QEMU plugs a hub of its own, a slow one. */
#define SG_USB_CONTROLLER "qemu-xhci,id=" SG_BUS_USB ",p2=5,p3=5"

typedef enum
{
  SG_RAM_OWN,      /* anonymous memory */
  SG_RAM_TEMPLATE, /* in the file `ram_path`, written to it */
  SG_RAM_CLONE     /* from the file `ram_path`, changes stay private */
} SgRam;

typedef struct
{
  const char *qemu; /* path of the program */
  const char *id;   /* of the session: shown by ps */
  SgAccelKind accel;
  guint memory_mb;
  guint memory_max_mb; /* with what can be plugged in later; at least memory_mb */
  guint cpus, cpus_max;
  SgRam ram;
  const char *ram_path;                       /* for the last two kinds */
  gboolean ram_readonly;                      /* SG_RAM_CLONE with QEMU 8.2 or newer */
  gboolean incoming;                          /* wait for a template's state */
  const char *kernel, *initrd, *command_line; /* paths, and the kernel's words */
  guint64 scratch_bytes;
  gboolean clipboard; /* SPICE may pass the clipboard on */
  /* Each only where it is granted: */
  gboolean microphone; /* the sound card can listen to the window, too */
  gboolean usb;        /* the person may hand over USB devices in the window */
  gboolean camera;     /* the same for cameras, and for nothing else without `usb` */
  gboolean nested;     /* virtual machines inside */
  const char *render_node; /* 3D by this computer's graphics card; NULL: pictures are computed */
} SgQemuSettings;

/* The whole command line; free with g_strfreev().  The machine is stopped until "cont". */
char **sg_qemu_arguments (const SgQemuSettings *settings);
