/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the profile's reader. */
#pragma once

#include "policies/profile.h"

#define SG_PROFILE_NOTES_MAX 1000 /* further ones are counted, errors always kept in mind */

/* --- profile-text.c: bytes -> UTF-8 */

typedef struct
{
  guint line, column; /* from 1; columns are characters */
} SgPlace;

/* Moves PLACE over LEN bytes of valid UTF-8. */
void sg_place_advance (SgPlace *place, const char *text, gsize len);

/* The text of a file in UTF-8, without byte order mark; *RET_LEN bytes, ended by a zero.  NULL with
 * "LINE:COLUMN: message" when a byte of it is not text.  Free with g_free(). */
char *sg_profile_decode (const guint8 *data, gsize len, gsize *ret_len, GError **error);

/* --- profile-elements.c: what is known, as a tree in a table */

typedef enum
{
  SG_ELEMENT_NONE, /* unknown; as a parent: none */
  SG_ELEMENT_CONFIGURATION,
  SG_ELEMENT_SETTING, /* a leaf that is read by its setting's row */
  SG_ELEMENT_NETWORKING,
  SG_ELEMENT_NETWORK_MODE,
  SG_ELEMENT_CLIPBOARD_REDIRECTION,
  SG_ELEMENT_LIFETIME,
  SG_ELEMENT_OPEN,
  SG_ELEMENT_MAPPED_FOLDERS,
  SG_ELEMENT_MAPPED_FOLDER,
  SG_ELEMENT_HOST_FOLDER,
  SG_ELEMENT_SANDBOX_FOLDER,
  SG_ELEMENT_READ_ONLY,
  SG_ELEMENT_LOGON_COMMAND,
  SG_ELEMENT_COMMAND,
  SG_ELEMENT_ALLOWED_HOSTS,
  SG_ELEMENT_HOST,
  SG_ELEMENT_COMPANY_NETWORKS,
  SG_ELEMENT_COMPANY_NETWORK,
  SG_ELEMENT_COMPANY_DOMAIN,
  SG_ELEMENT_CLIPBOARD,
  SG_ELEMENT_DIRECTION,
  SG_ELEMENT_ASK,
  SG_ELEMENT_FOREIGN /* Windows reads it or does not; nothing here follows it */
} SgElementId;

typedef struct
{
  SgElementId id, parent;
  const char *name;
  gboolean container;
  SgSetting setting; /* of SG_ELEMENT_SETTING */
} SgElement;

/* The known element NAME (any case) below PARENT, or NULL. */
const SgElement *sg_element_find (SgElementId parent, const char *name);

/* All of them, for the test that compares them with the documents. */
const SgElement *sg_elements_all (gsize *ret_n);

/* --- profile-values.c: the text of one element -> what is asked */

typedef struct
{
  SgProfile *profile;
  const SgProfileHost *host;
  gboolean errors;
  guint notes_left_out;

  /* Settled only when all is read, since two elements speak about one setting. */
  struct
  {
    int value; /* -1: not said; else 0 or 1 */
    guint line, column;
  } networking, clipboard, direction_in, direction_out, ask;
  SgAsked mode;

  SgAskedFolder *folder; /* owned: the MappedFolder that is being read */
} SgReading;

/* profile-ask.c: something is said about a value; WRITTEN (taken), "MemoryInMB=4096", is asked for,
 * the narrower of two; a switch, -1: not understood, and said; an element and its text as WRITTEN. */
void sg_reading_note (SgReading *reading, SgNoteKind kind, SgPlace place, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
void sg_reading_ask (SgReading *reading, SgSetting setting, gint64 value, const char *text,
                     char *written, SgPlace place);
int sg_reading_switch (SgReading *reading, const SgElement *element, const char *text,
                       SgPlace place);
char *sg_reading_written (const SgElement *element, const char *text);

/* TEXT: of ELEMENT, already stripped, not empty. */
void sg_reading_value (SgReading *reading, const SgElement *element, const char *text,
                       gboolean as_root, SgPlace place);

/* profile-folders.c */
void sg_reading_begin_folder (SgReading *reading, SgPlace place);
void sg_reading_end_folder (SgReading *reading);
void sg_reading_folder_path (SgReading *reading, const SgElement *element, const char *text,
                             SgPlace place);
void sg_reading_read_only (SgReading *reading, const SgElement *element, const char *text,
                           SgPlace place);

/* profile-settle.c: the settings that more than one element speaks about. */
void sg_reading_settle (SgReading *reading);

/* --- profile.c */

void sg_asked_folder_free (SgAskedFolder *folder);
void sg_asked_clear (SgAsked *asked);
void sg_profile_add_note (SgProfile *profile, SgNoteKind kind, SgPlace place, char *message);
