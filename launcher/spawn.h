/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children of the supervisor: started from the main thread only, because the death signal comes
 * when the *thread* that started them ends; known by a pidfd, so that none is ever mistaken for
 * another.
 *
 * A child has its standard descriptors, those that it is given (as 3, 4, ...) and nothing else; no
 * environment but LC_ALL; a session of its own; no core dumps. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct SgChild SgChild;

typedef struct
{
  const char *name;        /* for messages: "QEMU" */
  const char *const *argv; /* argv[0] is the program's absolute path */
  int in, out, err;        /* -1: /dev/null; the caller's still */
  const int *fds;          /* become 3, 4, ...; the caller's still */
  guint n_fds;
  guint64 files;    /* most open descriptors; 0: as many as the user may have */
  gboolean outlive; /* is not killed when we end (the guardian) */
  /* Has mounts of its own from here on, without this one (it need not be there); NULL: ours. */
  const char *without_mount;
} SgSpawn;

/* Called from the main context once the child has ended.  STATUS as from waitpid(). */
typedef void (*SgChildEnded) (SgChild *child, int status, gpointer data);

/* Starts it.  Fails also when the program cannot be executed. */
SgChild *sg_spawn (const SgSpawn *spawn, SgChildEnded ended, gpointer data, GError **error);

pid_t sg_child_pid (const SgChild *child); /* 0 once it was reaped */

/* SIGKILL, if it is still there. */
void sg_child_kill (SgChild *child);

/* Forgets it: `ended` is not called any more.  Does not kill. */
void sg_child_free (SgChild *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgChild, sg_child_free)

/* Makes this process the heir of its descendants, so that sg_reap_all() can vouch for all of them.
 */
gboolean sg_reap_prepare (GError **error);

/* Waits until no descendant is left; what does not go by itself within a second is killed.  FALSE
 * when some still are after DEADLINE_MSEC.  Ends all watching of children: call it last. */
gboolean sg_reap_all (guint deadline_msec);

/* In words: "ended with status 1", "was killed by signal 9 (Killed)".  Free with g_free(). */
char *sg_status_words (int status);
