/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB devices that a person hands to the machine while it runs, and takes back.
 *
 * The caller has opened the device; nothing of the session opens one.  Each gets a gate of its own
 * (usbgate/), confined to that device and a socket pair, at whose other end a usb-redir is plugged
 * into the machine's controller, with a filter by class as granted.  Taken back, the gate gives the
 * device to this computer's driver again. */
#pragma once

#include "launcher/plan.h"
#include "launcher/qmp.h"

typedef struct SgUsbs SgUsbs;

typedef struct
{
  /* The list is another one. */
  void (*changed) (gpointer data);
  /* A device is no longer in the machine, though nobody took it; WORDS for a person. */
  void (*lost) (const char *words, gpointer data);
} SgUsbsFuncs;

typedef struct
{
  const SgPlan *plan;
  SgQmp *qmp;
  GCancellable *cancellable; /* at the machine's end */
  char *(*where) (int fd);   /* for tests: "001/004" of an open device, or NULL; NULL: ours */
} SgUsbMachine;

/* What MACHINE names stays the caller's and must outlive it. */
SgUsbs *sg_usbs_new (const SgUsbMachine *machine, const SgUsbsFuncs *funcs, gpointer data);
/* For the machine's end: gates end when QEMU does.  What is under way fails. */
void sg_usbs_free (SgUsbs *usbs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgUsbs, sg_usbs_free)

/* DEVICE (taken): open for reading and writing.  NAME: for a person.  Finishes with where it is
 * ("001/004"; free with g_free()) once it is plugged in. */
void sg_usbs_give_async (SgUsbs *usbs, int device, const char *name, GAsyncReadyCallback callback,
                         gpointer data);
char *sg_usbs_give_finish (GAsyncResult *result, GError **error);

/* AT as above.  Finishes when it is this computer's again. */
void sg_usbs_take_async (SgUsbs *usbs, const char *at, GAsyncReadyCallback callback, gpointer data);
gboolean sg_usbs_take_finish (GAsyncResult *result, GError **error);

/* What the machine has: where, name, whether it is a camera (a(ssb), floating). */
GVariant *sg_usbs_list (SgUsbs *usbs);
