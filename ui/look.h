/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sandbox would be given on this computer: with a saved profile, or with none.  The same
 * grants that `sandglass profile check` prints; every word about them on the screens comes from
 * here. */
#pragma once

#include "policies/grants.h"

#include <gio/gio.h>

typedef struct
{
  SgPolicy *policy;   /* owned */
  SgProfile *profile; /* owned; NULL: none was asked about, or it cannot be read */
  SgDefaults defaults;
  SgGrants *grants; /* owned; NULL: the profile cannot be read */
  char *problem;    /* owned: why not, in words; NULL: it can */
} SgLook;

/* PATH: a `.wsb` file, or NULL: a sandbox as usual.  POLICY_DIRS: further directories of rules,
 * which can only narrow (NULL: none).  Reads files: for a thread, unless in a test.  Never NULL;
 * free with sg_look_free(). */
SgLook *sg_look_new (const char *path, const char *const *policy_dirs);
void sg_look_free (SgLook *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgLook, sg_look_free)

/* The same for each of PATHS (a NULL-terminated vector; "" stands for a sandbox as usual), in a
 * thread.  Returns SgLook in the same order; free with g_ptr_array_unref(). */
void sg_look_async (const char *const *paths, const char *const *policy_dirs,
                    GAsyncReadyCallback callback, gpointer data);
GPtrArray *sg_look_finish (GAsyncResult *result);

/* The grants anew, after the profile or the defaults were changed. */
void sg_look_again (SgLook *look);

/* --- in few words and pictures, for a card and for the line under *Open a Sandbox* */

typedef struct
{
  const char *icon; /* static: an icon's name */
  char *words;      /* owned: "Internet, not your local network" */
  gboolean more;    /* it goes beyond the usual */
} SgLookWord;

/* Network, files, microphone and what else is worth a picture, in a fixed order; empty where there
 * are no grants.  Free with g_ptr_array_unref(). */
GPtrArray *sg_look_words (const SgLook *look);

/* "Internet yes - local network no - your files no - microphone no".  Free with g_free(). */
char *sg_look_line (const SgLook *look);

/* --- where saved sandboxes are */

/* What *Open a Sandbox* opens, when it was changed; a file in the folder of saved ones that is no
 * saved one itself.  Free with g_free(). */
char *sg_look_usual_path (void);
/* The same, where it was changed; NULL where it was not. */
char *sg_look_usual_changed (void);
