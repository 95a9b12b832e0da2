/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants that are settings of the system inside: told to the agent before any code of the person
 * runs there. */
#pragma once

#include "launcher/agent.h"
#include "launcher/host-look.h"
#include "policies/grants.h"

/* The arguments of the agent's "settings", floating: what must be so before anything runs (the
 * sandbox does not open without it), and what is only nice; LOOK may be NULL;
 * PROGRAM: one program has the whole window.  NULL: as the sandbox
 * is anyway. */
GVariant *sg_enforce_demands (const SgGrants *grants);
GVariant *sg_enforce_wishes (const SgGrants *grants, const SgLook *look, gboolean program);

/* The same for a desktop outside that has changed while the sandbox runs: how it looks, all of it, and
 * nothing else.  Floating. */
GVariant *sg_enforce_look_again (const SgLook *look, gboolean program);

/* "de(nodeadkeys),us" as a profile has it -> "de,us:nodeadkeys," as the agent has it.  Free with
 * g_free(). */
char *sg_enforce_keyboard (const char *text);

/* Makes it so.  Fails where a demand was not met; a wish that was not is in *ret_notice (words;
 * free with g_free()). */
void sg_enforce_inside_async (SgAgent *agent, const SgGrants *grants, const SgLook *look,
                              gboolean program, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data);
gboolean
sg_enforce_inside_finish (SgAgent *agent, GAsyncResult *result, char **ret_notice, GError **error);

/* May a command run as USER (NULL: the usual one)?  FALSE with who decided that. */
gboolean sg_enforce_user (const SgGrants *grants, const char *user, GError **error);
