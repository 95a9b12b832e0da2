/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's plan: what was asked, what this computer has, and everything that follows from the
 * two, as a value.  Nothing is started to make one, so that a test can compare it and a person can
 * read it (`sandglass run --plan`).
 *
 *   request + host + base + accelerator -> SgPlan -> command lines -> processes
 *
 * What profiles and policies grant (policies/grants.h) comes in through the request. */
#pragma once

#include "launcher/accel.h"
#include "launcher/confine.h"
#include "launcher/netgate/passt-args.h"
#include "launcher/qemu-args.h"
#include "launcher/usb-device.h"
#include "policies/grants.h"

/* What was asked.  0 and NULL: not said. */
typedef struct
{
  int memory_mb, cpus;
  gboolean cold;    /* boot, though a template is there */
  gboolean prepare; /* not for a person: boot, and become the template */
  gboolean text;    /* commands only: no desktop inside */
  const char *title;
  const SgGrants *grants; /* what is granted; NULL: nothing beyond the machine itself */
} SgPlanRequest;

/* What this computer has. */
typedef struct
{
  const char *qemu, *nbdkit, *bwrap; /* absolute paths; NULL: not installed */
  gboolean bwrap_setuid;
  const char *plugin, *relay; /* our own */
  const char *netgate;     /* our own; NULL: not there, so no sandbox has a network */
  const char *passt;       /* NULL: not installed, likewise */
  const char *ram_preload; /* our own; NULL: not there, so nothing is woken by an old QEMU */
  const char *printgate; /* our own; NULL: not there, so no sandbox prints */
  const char *usbgate;   /* our own; NULL: not there, so no sandbox has a USB device */
  const char *printers;  /* the socket of CUPS, where printing is granted; else NULL */
  const char *render_node;   /* of the graphics card, where 3D was looked for; else NULL */
  const char *render_device; /* the card in sysfs; or NULL */
  guint64 memory_bytes;    /* of the whole computer */
  guint64 available_bytes; /* that can be had without swapping; 0: unknown */
  guint cpus;
} SgPlanHost;

/* What the base says. */
typedef struct
{
  const char *dir, *root, *digest;
  const char *kernel, *kernel_release;
  guint64 scratch_bytes; /* size of the guest's disk */
} SgPlanBase;

typedef enum
{
  SG_START_COLD,    /* boots from the base */
  SG_START_PREPARE, /* the same, to become a template */
  SG_START_CLONE    /* woken from a template */
} SgStart;

/* The size of a template; what a clone has more is plugged in. */
typedef struct
{
  guint memory_mb, memory_max_mb, cpus, cpus_max;
} SgTemplateSize;

typedef struct
{
  char *title;
  SgStart start;
  char *start_why;
  SgTemplateSize template_size;
  char *ram_preload; /* or NULL */
  gboolean ram_readonly;
  gboolean size_asked; /* memory or processors as asked, not as we choose */
  guint memory_mb, cpus;
  char *memory_why, *cpus_why; /* where the figure comes from */
  gboolean text;
  SgAccelKind accel;
  gboolean accel_known; /* FALSE: only a boot can tell, which printing a plan does not do */
  char *accel_why;
  char *base_dir, *base_root, *base_digest, *kernel, *kernel_release, *initrd, *scratch_below;
  guint64 scratch_bytes;
  guint64 disk_cap;  /* what can be stored of it */
  char *disk_why;    /* or NULL */
  SgNetwork network; /* that is granted: session-network.h opens it once the machine runs */
  char *network_why, **hosts;
  char **company_networks, **company_domains; /* open besides, by the profile; NULL: none */
  gboolean microphone, usb, camera, nested; /* that are granted */
  char *printgate, *printers; /* the gate and the socket of CUPS, where printing is granted; NULL */
  SgConfinement *confine_printgate; /* or NULL */
  char *usbgate;                    /* or NULL: neither USB devices nor cameras are granted */
  SgConfinement *confine_usbgate;   /* or NULL */
  char *render_node;   /* 3D is granted, and done with this; NULL: pictures are computed */
  char *render_device; /* or NULL */
  gboolean clipboard; /* granted in some direction: QEMU lets it pass, and the window keeps to the
                       * rest (ui/clipboard-policy.h) */
  char *kernel_line;    /* in place of the usual one; or NULL */
  const char *cold_why; /* what is granted and no template has; or NULL (static) */
  gboolean unprepared;  /* cold, and only because there is no template that will do */
  char *bwrap, *qemu, *nbdkit, *relay;
  SgConfinement *confine_qemu, *confine_nbdkit, *confine_relay;
  char *netgate, *passt;                           /* or NULL: not there */
  SgConfinement *confine_netgate, *confine_passt; /* NULL as well then */
} SgPlan;

/* Makes the plan.  ACCEL: NULL when it is not known.  Fails in words for a person where the
 * computer cannot do it: a program missing (G_IO_ERROR_NOT_FOUND), too little memory
 * (G_IO_ERROR_NO_SPACE). */
SgPlan *sg_plan_new (const SgPlanRequest *request, const SgPlanHost *host, const SgPlanBase *base,
                     const SgAccel *accel, GError **error);
void sg_plan_free (SgPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPlan, sg_plan_free)

/* The template that this plan's machine can be woken from (template.h: sg_template_key()); NULL
 * when it cannot be, with why not in *ret_why (static).  Free with g_free(). */
char *sg_plan_template_key (const SgPlan *plan, const char **ret_why);

/* Turns a cold plan into one whose machine is woken from the memory at RAM (READONLY: this QEMU can
 * open it so by itself), or into one that makes a template's memory there.  WHY a plan stays cold.
 */
void sg_plan_clone (SgPlan *plan, const char *ram, gboolean readonly);
void sg_plan_prepare (SgPlan *plan, const char *ram);
void sg_plan_cold (SgPlan *plan, const char *why);

/* Parts of the above. */
gboolean sg_plan_take_grants (SgPlan *plan, const SgPlanRequest *request, GError **error);
SgTemplateSize sg_plan_template_size (const SgPlanHost *host);
SgUsbGrants sg_plan_usb_grants (const SgPlan *plan);
SgQemuSettings sg_plan_qemu_settings (const SgPlan *plan, const char *id);

/* The command lines, bubblewrap around each; ID is the session's.  Free with g_strfreev(). */
char **sg_plan_qemu (const SgPlan *plan, const char *id);
char **sg_plan_nbdkit (const SgPlan *plan);
char **sg_plan_relay (const SgPlan *plan);
/* These two where `netgate` and `passt` are there.  MAC: of the guest's card.  OPTIONS: program and
 * fd are filled in. */
char **sg_plan_netgate (const SgPlan *plan, const char *mac);
char **sg_plan_switch (const SgPlan *plan); /* the same program as a switch between sandboxes */
char **sg_plan_passt (const SgPlan *plan, const SgPasstOptions *options);
/* Where `printers` is there.  USER: in whose name is printed. */
char **sg_plan_printgate (const SgPlan *plan, const char *user);
/* Where `usbgate` is there. */
char **sg_plan_usbgate (const SgPlan *plan);

/* Descriptors of nbdkit and the relay, beside the standard three. */
enum
{
  SG_NBDKIT_FD_NOTICES
  = 3,                 /* a pipe: see baseimage/notice.h; NBD is on standard input and output */
  SG_NBDKIT_FD_FILTER, /* system calls; bubblewrap reads it and is gone */
  SG_RELAY_FD_AGENT = 3,
  SG_RELAY_FD_CONTROL,
  SG_NETGATE_FD_GUEST = 3,
  SG_NETGATE_FD_CONTROL,
  SG_NETGATE_FD_NETLINK,
  SG_SWITCH_FD_CONTROL = 3,
  SG_PASST_FD_STREAM = 3,
  SG_PRINTGATE_FD_GUEST = 3,
  SG_USBGATE_FD_MACHINE = 3,
  SG_USBGATE_FD_DEVICE
};

/* For a person, and for programs (one JSON object).  Free with g_free(). */
char *sg_plan_text (const SgPlan *plan);
char *sg_plan_json (const SgPlan *plan);
