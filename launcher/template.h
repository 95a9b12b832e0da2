/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that booted once, stopped at "desktop ready", and what becomes of it on disk.
 *
 * Below CACHE/templates (0700):
 *
 *  - KEY/: one template, made aside as "new-XXXXXX" and renamed when it is whole:
 *    - ram: the machine's memory, sparse; clones map it privately and never write to it
 *    - state: the devices' state
 *    - disk: what the machine wrote while it booted: a qcow2 over the base's empty disk
 *    - info: key file: sizes, times and checksums of the three
 *
 * KEY is a digest over everything that a saved machine is bound to; whatever changes, the key does,
 * and an old template is simply never found again.  A session holds a shared lock on `info`, so
 * that pruning knows who uses it.  Nothing in a template is secret: no person has used it.
 *
 * Making one, in a session that boots for it (RAM in sg_template_draft_ram(), machine quiet):
 *
 *   draft = sg_template_draft_new (NULL, key, ram_bytes, &error);
 *   ... start QEMU; sg_template_draft_disk() gives the steps that attach its disk; cont; "ready"
 * ... sg_template_draft_save_async (draft, qmp, ...);     QEMU is told to quit at the end
 *   ... when QEMU is gone: sg_template_draft_publish (draft, &error);
 */
#pragma once

#include "launcher/overlay.h"
#include "launcher/template-files.h" /* sg_template_prune() */

/* --- the key ------------------------------------------------------------------------------------
 */

typedef struct
{
  const char *base_digest;
  const char *qemu, *kernel; /* paths on the host: their size and time count, too */
  const char *const *argv;   /* of the template's QEMU, with a fixed id and the paths inside */
  const char *modules;       /* NULL: /sys/module */
} SgTemplateInputs;

/* Lower-case hex; free with g_free().  Also in it: this host's kernel, processor, microcode, how
 * KVM is set and our own version. */
char *sg_template_key (const SgTemplateInputs *inputs);

/* --- using one ----------------------------------------------------------------------------------
 */

typedef struct SgTemplate SgTemplate;

/* Opens the template KEY, when its files are what was written: size, times (mtime, ctime), and the
 * state by its checksum (some 3 ms).  G_IO_ERROR_NOT_FOUND when there is none;
 * G_IO_ERROR_INVALID_DATA when it was cut short or changed: it is removed then, to be built again,
 * and the message says so to a person.  `cache` NULL: sg_paths_cache(). */
SgTemplate *sg_template_open (const char *cache, const char *key, GError **error);
SgTemplate *sg_template_ref (SgTemplate *template);
void sg_template_unref (SgTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgTemplate, sg_template_unref)

const char *sg_template_name (const SgTemplate *template);     /* its key */
const char *sg_template_ram_path (const SgTemplate *template); /* absolute, for a read-only bind */
guint64 sg_template_ram_bytes (const SgTemplate *template);
int sg_template_disk_fd (const SgTemplate *template); /* read-only; still the template's */
/* QEMU, the one it was made with, can open the memory read-only by itself (8.2 and up:
 * "readonly=on,rom=off"); else ram-preload.c must help. */
gboolean sg_template_ram_readonly (const SgTemplate *template);

/* What the checksum was of: some megabytes that one wake needs, and nobody afterwards.  The
 * caller's from now on; NULL when it was taken before. */
GBytes *sg_template_take_state (SgTemplate *template);

/* The long check, for idle times: the memory's checksum, and the disk's (some 0.2 s).  FALSE with
 * G_IO_ERROR_INVALID_DATA when it differs: it is removed then. */
gboolean sg_template_verify (SgTemplate *template, GCancellable *cancellable, GError **error);

/* The same now and then, for a session that has nothing else to do: in a thread that runs only when
 * nobody else wants the processor, and only when the last one was a day ago.  The result may be
 * left alone: FALSE with G_IO_ERROR_INVALID_DATA means that what runs now may be damaged as well.
 */
void sg_template_verify_idle_async (SgTemplate *template, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer data);
gboolean sg_template_verify_idle_finish (GAsyncResult *result, GError **error);

/* --- making one ---------------------------------------------------------------------------------
 */

typedef struct SgTemplateDraft SgTemplateDraft;

/* G_IO_ERROR_BUSY while another process makes the same one, G_IO_ERROR_NO_SPACE. */
SgTemplateDraft *
sg_template_draft_new (const char *cache, const char *key, guint64 ram_bytes, GError **error);

/* Unless published, everything is removed. */
void sg_template_draft_free (SgTemplateDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgTemplateDraft, sg_template_draft_free)

const char *sg_template_draft_ram (const SgTemplateDraft *draft); /* path, for a writable bind */

/* The disk that it is written to has no room left: QEMU, whose memory is a file there, was ended by
 * the kernel for that. */
gboolean sg_template_draft_is_full (const SgTemplateDraft *draft);

/* Like sg_overlay_attach(), for the disk that is kept. */
SgQmpSteps *sg_template_draft_disk (SgTemplateDraft *draft, int base_fd, guint64 size);

/* Stops the machine, writes its state, ends QEMU.  The guest must be quiet, and no frame in flight
 * on the agent's port. */
void sg_template_draft_save_async (SgTemplateDraft *draft, SgQmp *qmp, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);
gboolean
sg_template_draft_save_finish (SgTemplateDraft *draft, GAsyncResult *result, GError **error);

/* After QEMU is gone: checksums, fsync, rename; then older ones that nobody uses are removed.  Some
 * 0.3 s; may run in a thread.  Where another process was faster, that one stands and this one is
 * removed: TRUE as well. */
gboolean sg_template_draft_publish (SgTemplateDraft *draft, GError **error);
