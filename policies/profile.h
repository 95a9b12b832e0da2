/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile: what a person asks for.  Read from a `.wsb` file (docs/wsb.md), or filled by the app
 * and the command line, and written back.
 *
 * Reading is lenient in what is harmless (case, synonyms, blanks, several containers, elements of
 * others) and says where it was; strict in what is malformed.  Three outcomes of reading:
 *
 *   NULL + error      it is no profile: malformed, too large, too deep.  FILE:LINE:COLUMN in words.
 *   profile, errors   a value or path in it makes no sense: see sg_profile_has_errors(); shown, not
 * run profile           perhaps with notes about what was ignored or changed
 *
 * A file never grants more than it says: of two contradicting elements the narrower counts. */
#pragma once

#include "policies/settings.h"

/* The most bytes, the deepest nesting, and the most entries of a list in a profile. */
#define SG_PROFILE_BYTES_MAX (4 * 1024 * 1024)
#define SG_PROFILE_DEPTH_MAX 16
#define SG_PROFILE_FOLDERS_MAX 20000
#define SG_PROFILE_COMMANDS_MAX 1000
#define SG_PROFILE_HOSTS_MAX 1000

typedef enum
{
  SG_NOTE_IGNORED, /* not understood, or known and without meaning here: has no effect */
  SG_NOTE_CHANGED, /* understood, and made narrower or possible */
  SG_NOTE_ERROR    /* cannot be done; the profile does not run as it is */
} SgNoteKind;

typedef struct
{
  SgNoteKind kind;
  guint line, column; /* from 1; 0: of the whole file */
  char *message;      /* owned */
} SgNote;

typedef enum
{
  SG_ACCESS_UNSAID, /* ReadOnly was left out */
  SG_ACCESS_READ_ONLY,
  SG_ACCESS_WRITABLE
} SgAccess;

typedef struct
{
  char *host_as_written;    /* owned */
  char *host_path;          /* owned, absolute, variables filled in; NULL: it cannot be mapped */
  char *sandbox_as_written; /* owned, or NULL */
  char *sandbox_path;       /* owned, absolute, or NULL: Desktop/<last part> */
  SgAccess access;
  guint line, column;
} SgAskedFolder;

typedef struct
{
  char *command; /* owned */
  gboolean root; /* LogonCommand/Command@user="root" */
  guint line, column;
} SgAskedCommand;

typedef struct
{
  char *host; /* owned, lower-case */
  guint line, column;
} SgAskedHost;

typedef struct
{
  gboolean asked;
  gint64 value;
  char *text;       /* owned */
  char *as_written; /* owned: "MemoryInMB=4096" */
  guint line, column;
} SgAsked;

typedef struct
{
  char *name;       /* owned: the file as shown to people; "the command line", "this window" */
  char *path;       /* owned: real absolute path of the file; NULL: no file */
  char *sha256;     /* owned: of the file's bytes, 64 hex digits; NULL: no file and no text */
  gboolean altered; /* something was asked over what the file says: it is no longer that file */
  SgAsked settings[SG_SETTING_MAX];
  GPtrArray *folders;  /* of SgAskedFolder */
  GPtrArray *commands; /* of SgAskedCommand */
  GPtrArray *hosts;    /* of SgAskedHost */
  GPtrArray *places;   /* of SgAskedHost: a company's networks and domains */
  GPtrArray *notes;    /* of SgNote, in the file's order */
  GPtrArray *foreign;  /* of char *: elements of others, kept to be written back */
} SgProfile;

/* Where a profile's paths are looked up. */
typedef struct
{
  const char *home; /* absolute */
  const char *user; /* login name */
  const char *dir;  /* what relative paths are relative to; sg_profile_read() takes the file's */
  char *const *environment; /* K=V, for $VAR and %VAR% */
} SgProfileHost;

/* This process's user, directory and environment.  Static, or valid until g_get_home_dir() changes.
 */
void sg_profile_host_init (SgProfileHost *host);

/* Reads a file, once (what is hashed is what is read).  HOST's dir is not used. */
SgProfile *sg_profile_read (const char *path, const SgProfileHost *host, GError **error);

/* Reads text that came another way ("start --config"); NAME is shown to people. */
SgProfile *sg_profile_parse (const void *data, gsize len, const char *name,
                             const SgProfileHost *host, GError **error);

/* An empty one, to be filled: `name` as in SgProfile. */
SgProfile *sg_profile_new (const char *name);
void sg_profile_free (SgProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgProfile, sg_profile_free)

/* Asks for something, over what was asked before.  RULE is how it was asked ("--memory=4096"), for
 * reasons; NULL: made from the setting's name. */
void sg_profile_ask (SgProfile *profile, SgSetting setting, gint64 value, const char *rule);
void
sg_profile_ask_text (SgProfile *profile, SgSetting setting, const char *text, const char *rule);
/* HOST_PATH is absolute; SANDBOX_PATH NULL: on the Desktop. */
void sg_profile_ask_folder (SgProfile *profile, const char *host_path, const char *sandbox_path,
                            SgAccess access);
void sg_profile_ask_command (SgProfile *profile, const char *command, gboolean root);
/* FALSE: HOST is no host name, "*.name", address or prefix. */
gboolean sg_profile_ask_host (SgProfile *profile, const char *host);
/* A network of a company's (address or prefix), or a domain whose names may lead there.  FALSE: TEXT
 * is none, or as large a network as no company has. */
gboolean sg_profile_ask_place (SgProfile *profile, const char *text, gboolean network);
/* No longer asks for it. */
void sg_profile_unask (SgProfile *profile, SgSetting setting);

/* Whether any note is SG_NOTE_ERROR. */
gboolean sg_profile_has_errors (const SgProfile *profile);

/* "FILE:LINE:COLUMN: message" of each note, a line each.  Free with g_free(). */
char *sg_profile_notes_text (const SgProfile *profile);

/* As a `.wsb` file that Windows Sandbox reads too: UTF-8, elements in a fixed order, two blanks of
 * indent.  Reading the outcome and writing it again gives the same bytes.  Free with g_free(). */
char *sg_profile_to_xml (const SgProfile *profile);
