/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the person's own desktop looks, as the agent was told (host: launcher/host-look.h): a key file
 * that root writes, and that the desktop's start, the shell and the agent read.
 *
 *   [look] dark=true, text-percent=125, scale=2, pointer-theme=NAME, pointer-size=48,
 *          input-method=ibus, engines=libpinyin;, program=true (one program has the whole window)
 *
 * Each may be missing: as usual. */
#pragma once

#include <glib.h>

#define SG_GUEST_LOOK_DIR "/run/sandglass"
#define SG_GUEST_LOOK SG_GUEST_LOOK_DIR "/look"
#define SG_GUEST_LOOK_GROUP "look"

/* The file, or an empty one; free with g_key_file_unref(). */
GKeyFile *sg_guest_look_read (void);

/* Whether one program has the whole window, without a desktop. */
gboolean sg_guest_look_program (GKeyFile *look);

/* The program of an input method that is wanted and is there, by its full path; NULL: none.  Free
 * with g_free(). */
char *sg_guest_look_input_method (GKeyFile *look);

/* What programs must be told in their environment, for g_strfreev(): "NAME=VALUE". */
char **sg_guest_look_env (GKeyFile *look);
