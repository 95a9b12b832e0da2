/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox writes: a file without a name, encrypted with a key that nobody keeps.
 *
 *   guest's disk "sg-disk" (raw, named on QEMU's command line, over null-co until we attach)
 *     qcow2 "sg-top" ------- backing ----> layers: [template's disk (qcow2) ->] base's disk (raw)
 *       raw "sg-cap", size=N               read-only descriptors
 *         luks "sg-luks"
 *           file "sg-file" = the nameless file, by descriptor
 *
 * The machine starts paused (-S) with the device on "sg-disk"; sg_overlay_attach() builds the rest
 * and moves "sg-disk" onto it.  That one order serves a cold boot and, once the incoming migration
 * has completed, a clone.  The command line has, whatever the machine is for:
 *
 *   -blockdev driver=null-co,node-name=sg-null,size=BYTES,read-zeroes=on
 *   -blockdev driver=raw,node-name=sg-disk,file=sg-null,discard=unmap
 *   -device virtio-blk-pci,drive=sg-disk,werror=stop,rerror=stop,...
 */
#pragma once

#include "launcher/qmp-steps.h"

#define SG_OVERLAY_DISK_NODE "sg-disk"
#define SG_OVERLAY_NULL_NODE "sg-null"

typedef struct SgOverlay SgOverlay;

/* A place for up to WANTED bytes: the first of $XDG_CACHE_HOME and /var/tmp that is on a local disk
 * and takes nameless files; else memory.  The cap is lower where the place has less room: the
 * host's disk is never filled.  Formats it; takes some 35 ms, and may run in a thread.  Fails with
 * G_IO_ERROR_NO_SPACE where there is not even SG_OVERLAY_LEAST. */
#define SG_OVERLAY_LEAST (256ull << 20)
SgOverlay *sg_overlay_new (guint64 wanted, GError **error);
void sg_overlay_free (SgOverlay *overlay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgOverlay, sg_overlay_free)

/* The same, in a thread of its own, while QEMU starts. */
void sg_overlay_new_async (guint64 wanted, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer data);
SgOverlay *sg_overlay_new_finish (GAsyncResult *result, GError **error);

guint64 sg_overlay_used (const SgOverlay *overlay); /* bytes of the host's disk in use now */
guint64
sg_overlay_free_space (const SgOverlay *overlay); /* bytes free around it; G_MAXUINT64 in memory */
int sg_overlay_fd (const SgOverlay *overlay);     /* still the overlay's */

/* NULL on a disk; in memory, the sentence that tells a person so, and why. */
const char *sg_overlay_memory_notice (const SgOverlay *overlay);

/* One read-only disk below; `format`: "raw" or "qcow2". */
typedef struct
{
  int fd;
  const char *format;
} SgOverlayLayer;

/* The steps that attach it: LAYERS from the bottom up (at least one), `size` of the guest's disk
 * (that of the null-co node).  The machine must be paused, and a migration complete.  The overlay
 * must stay until the run has ended; afterwards its key is wiped with sg_overlay_forget_key(). */
SgQmpSteps *
sg_overlay_attach (SgOverlay *overlay, const SgOverlayLayer *layers, guint n_layers, guint64 size);
void sg_overlay_forget_key (SgOverlay *overlay);

/* The same for one that was attached before, to a machine that is gone by now: with all that it
 * wrote.  LAYERS as they were then.  Its key must not have been forgotten. */
SgQmpSteps *
sg_overlay_attach_again (SgOverlay *overlay, const SgOverlayLayer *layers, guint n_layers);

/* The same upon a node that is there already, without a cap and not encrypted: a template's disk.
 */
SgQmpSteps *sg_overlay_attach_over (const char *node, const SgOverlayLayer *layers, guint n_layers,
                                    guint64 size);

/* Is this event a disk that stopped the machine (werror=stop)?  "BLOCK_IO_ERROR" comes once a
 * request, the machine pauses once. */
typedef enum
{
  SG_OVERLAY_NO_TROUBLE,
  SG_OVERLAY_CAP_REACHED, /* the sandbox has used all it may */
  SG_OVERLAY_HOST_FULL,   /* others have filled the disk; "cont" once there is room */
  SG_OVERLAY_BROKEN       /* the host's disk, or the base below, fails to read or write */
} SgOverlayTrouble;
SgOverlayTrouble sg_overlay_trouble (const SgOverlay *overlay, const char *event, JsonObject *data);
