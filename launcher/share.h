/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folders that a session shares with its sandbox: given and taken while it runs.
 *
 *   give: judge the folder (share-rules.h) -> show it to QEMU (share-mount.h) -> plug in the 9p
 *         device, once a kind (read-only, writable) -> have it mounted inside (share-guest.h)
 *   take: unmount inside, within a few seconds -> take it from QEMU, whatever inside did
 *
 *   lend: one regular file, for reading, while it is copied in: as give, but nobody sees it in a list;
 *         end_loan: as take
 *
 * One after the other; what is asked before the machine is there waits for it.  A folder whose file
 * system the host unmounts is taken by itself, and the person is told. */
#pragma once

#include "launcher/plan.h"
#include "launcher/qmp.h"
#include "launcher/agent.h"
#include "launcher/share-rules.h"

typedef struct SgShares SgShares;

typedef struct
{
  /* The list is another one. */
  void (*changed) (gpointer data);
  void (*notice) (const char *kind, const char *message, gpointer data);
} SgSharesFuncs;

/* DIR: the session's directory.  PLACES is copied deeply, its `allow` and `data` stay the caller's.
 * Where this computer cannot share folders the object is there all the same, and says why when it
 * is asked to. */
SgShares *sg_shares_new (const char *dir, const SgSharePlaces *places, const SgSharesFuncs *funcs,
                         gpointer data);

/* Takes everything away; nothing is told or answered any more but that it was cancelled. */
void sg_shares_free (SgShares *shares);

/* Adds the door to QEMU's confinement; before QEMU is started.  USER: of the sandbox's user; what
 * belongs to us shows as his. */
void sg_shares_open_door (SgShares *shares, SgPlan *plan, uid_t user);

/* What a machine has; all is the machine's.  From now on until sg_shares_no_machine(). */
typedef struct
{
  SgQmp *qmp;
  SgAgent *agent;
  pid_t process; /* bubblewrap's, QEMU is below it */
  GCancellable *cancellable;
} SgShareMachine;
void sg_shares_machine (SgShares *shares, const SgShareMachine *machine);
void sg_shares_no_machine (SgShares *shares);

/* The machine has booted again: what it is given is shown inside once more; where that fails, the
 * person is told.  Call after sg_shares_no_machine() and sg_shares_machine(). */
void sg_shares_show_again_async (SgShares *shares, GAsyncReadyCallback callback, gpointer data);
/* FALSE: the sandbox is gone. */
gboolean sg_shares_show_again_finish (GAsyncResult *result);

/* FOLDER: a descriptor of the folder (O_PATH is enough), duplicated.  PLACE inside: absolute, or
 * below the Desktop; "" : Desktop/NAME. */
void sg_shares_give_async (SgShares *shares, int folder, const char *place, gboolean writable,
                           GAsyncReadyCallback callback, gpointer data);
/* The place inside (free with g_free()), and sentences for the person (free with g_strfreev()).
 * NULL with words for a person. */
char *sg_shares_give_finish (GAsyncResult *result, char ***ret_warnings, GError **error);

/* WHAT: the place inside or the folder's path. */
void sg_shares_take_async (SgShares *shares, const char *what, GAsyncReadyCallback callback,
                           gpointer data);
/* FALSE with words: G_IO_ERROR_NOT_FOUND. */
gboolean sg_shares_take_finish (GAsyncResult *result, char ***ret_warnings, GError **error);

/* Lends FILE, a descriptor of a regular file (duplicated), for reading; what is shown inside is that
 * file and nothing else.  Refused for what is or lies where no folder could be shared, and for more than
 * SG_SHARES_LOANS at once: whoever asks has another way. */
#define SG_SHARES_LOANS 4u
void sg_shares_lend_async (SgShares *shares, int file, GAsyncReadyCallback callback,
                           gpointer data);
/* Where it is inside; free with g_free(). */
char *sg_shares_lend_finish (GAsyncResult *result, GError **error);
/* PLACE: as lend said.  Nothing is answered. */
void sg_shares_end_loan (SgShares *shares, const char *place);

/* a(ssb): the folder outside, the place inside, writable.  Floating. */
GVariant *sg_shares_list (const SgShares *shares);

/* --- parts, for tests */

/* The absolute path inside that PLACE means for the folder PATH; NULL with words. */
char *sg_share_place (const char *place, const char *path, GError **error);
