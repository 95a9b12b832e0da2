/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new machine out of a template: wake it, give it a disk of its own, make it as large as asked.
 *
 * QEMU was started with the template's command line but for the memory (private, from the
 * template's file at SG_INSIDE_RAM) and "-incoming defer".  Then:
 *
 *   sg_clone_wake_async()    state, scratch disk, more processors and memory; the machine is paused
 *   "cont"
 *   agent: hello, clock, entropy, identity, before any command of a person
 *
 * Growing can come later, also while it runs: sg_clone_wake_async() with cpus and memory 0, then
 * sg_clone_grow_async(). */
#pragma once

#include "launcher/ram-preload.h"
#include "launcher/template.h"

typedef struct
{
  SgTemplate *template;
  SgOverlay *overlay;
  int base_fd;          /* the base's empty disk, below the template's */
  guint64 disk_bytes;   /* of the guest's disk */
  guint cpus;           /* as asked; fewer than the template's: the template's */
  guint64 memory_bytes; /* as asked, with the template's; a multiple of 2 MiB comes of it */
  guint64 memory_first; /* of that at once; 0: all.  The rest by sg_clone_memory_async() */
} SgCloneWish;

/* WISH's objects must stay until it has ended.  G_IO_ERROR_FAILED with QEMU's words: throw this
 * QEMU away and boot cold.  `trace` (or NULL) is told what took how long. */
void sg_clone_wake_async (SgQmp *qmp, const SgCloneWish *wish, SgQmpStepsTrace trace,
                          gpointer trace_data, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer data);

/* Processors and memory up to the wish, for a machine already woken. */
void sg_clone_grow_async (SgQmp *qmp, const SgCloneWish *wish, SgQmpStepsTrace trace,
                          gpointer trace_data, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer data);

/* Of the memory that a machine which has grown was given a place for, as much as the wish has: none
 * beyond the template's, all of it, or some. */
void sg_clone_memory_async (SgQmp *qmp, const SgCloneWish *wish, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data);

/* For all. */
gboolean sg_clone_finish (SgQmp *qmp, GAsyncResult *result, GError **error);
