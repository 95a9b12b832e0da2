/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a session's life meets its grants: whether it may start, what must be so before commands
 * run, the profile's steps, and what it ends with. */
#pragma once

#include "launcher/grants-load.h"
#include "launcher/lifetime.h"
#include "launcher/steps.h"

struct SgSession;
typedef struct SgEnforce SgEnforce;

/* Takes POLICY.  ASK stays the caller's, and must outlive it.  Fails where nothing may start. */
SgEnforce *
sg_enforce_new (struct SgSession *session, SgPolicy *policy, const SgAsk *ask, GError **error);
void sg_enforce_free (SgEnforce *enforce);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgEnforce, sg_enforce_free)

const SgGranted *sg_enforce_granted (const SgEnforce *enforce);

/* For a machine that has waited: grants for another purpose, other numbers, another network and
 * another answer of the person, those of WISH; the profile is the same.  FALSE where the rules have
 * changed since they were read, or where these may not run. */
gboolean sg_enforce_again (SgEnforce *enforce, const SgAsk *wish);

/* May this computer have it now?  Call when the session's own control socket is there. */
gboolean sg_enforce_may_start (SgEnforce *enforce, GError **error);

/* For SgSharePlaces: the administrator's rules about the real path of a folder that was opened.
 * DATA: the SgSession. */
gboolean sg_enforce_folder (const char *path, gboolean writable, gpointer data, GError **error);

/* Asks how the person's desktop looks, once: early, for the answer takes a moment. */
void sg_enforce_look (SgEnforce *enforce);

/* The agent answers: sets what must be set, shares the profile's folders, runs the steps of a
 * sandbox that is for a command, then calls THEN, once.  What goes wrong ends the session. */
void sg_enforce_usable (SgEnforce *enforce, void (*then) (struct SgSession *session));

/* The machine has restarted inside: the settings again, then THEN, once; and once that has been, the
 * steps that were still to come. */
void sg_enforce_inside_again (SgEnforce *enforce, void (*then) (struct SgSession *session));
void sg_enforce_go_on (SgEnforce *enforce);

/* Another machine is to come: nothing has been done for it yet. */
void sg_enforce_anew (SgEnforce *enforce);

/* Whether files may be saved of a machine that stops unexpectedly: where a person works in it, and
 * saving is allowed.  And whether there is a window now. */
gboolean sg_enforce_may_rescue (const SgEnforce *enforce);
gboolean sg_enforce_has_window (const SgEnforce *enforce);

/* The machine has stopped, and none like it will come. */
void sg_enforce_machine_gone (SgEnforce *enforce);

/* The desktop is there: runs the steps, if they have not. */
void sg_enforce_ready (SgEnforce *enforce);

/* Something has changed that its lifetime hangs on: commands, windows, or it was used. */
void sg_enforce_commands (SgEnforce *enforce, guint running);
void sg_enforce_window (SgEnforce *enforce, GDBusConnection *client);
void sg_enforce_used (SgEnforce *enforce, GDBusConnection *client);
void sg_enforce_client_gone (SgEnforce *enforce, GDBusConnection *client);

/* See sg_steps_log(). */
GBytes *sg_enforce_log (const SgEnforce *enforce, guint n);
