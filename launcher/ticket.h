/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of `sandglass report`: what helps to find a fault, and nothing that is nobody's
 * business.
 *
 * Left out by construction: names of files and folders, command lines of a profile, sites, keys,
 * the machine's serial numbers.  And what slipped into somebody's words (an error's, doctor's) is
 * covered by sg_ticket_cover(): paths in the home folder, the user's name, the computer's name. */
#pragma once

#include "launcher/doctor.h"

typedef struct
{
  const char *home; /* "/home/ada" */
  const char *user; /* "ada" */
  const char *host; /* the computer's name; NULL: it may be told */
} SgTicketSecrets;

/* A copy of TEXT with those covered: "~/(left out)", "(user)", "(this computer)".  Only whole words
 * are, so that a user "a" does not make it unreadable.  Free with g_free(). */
char *sg_ticket_cover (const char *text, const SgTicketSecrets *secrets);

/* Versions and doctor's findings; FINDINGS of SgFinding.  Free with g_free(). */
char *sg_ticket_computer (GPtrArray *findings);

/* What a session says of itself (a{sv}, org.sandglass.Session1's properties).  Free with g_free().
 */
char *sg_ticket_session (GVariant *properties);
