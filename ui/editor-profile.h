/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile while a person edits it: every change is answered with the grants that come of it.
 *
 * A setting that is put back to what holds anyway is no longer asked for; one that nobody touches
 * stays as the file has it, so that saving without a change changes nothing (but the form).
 *
 * Signal "changed": after each change, and the grants are those after it. */
#pragma once

#include "ui/look.h"

#include <glib-object.h>

#define SG_TYPE_EDITOR_PROFILE (sg_editor_profile_get_type ())
G_DECLARE_FINAL_TYPE (SgEditorProfile, sg_editor_profile, SG, EDITOR_PROFILE, GObject)

/* Takes LOOK, which has grants; a profile is made where it has none.  What was not understood in
 * its file is left out of it from now on: sg_editor_profile_left_out(). */
SgEditorProfile *sg_editor_profile_new (SgLook *look);

const SgLook *sg_editor_profile_look (SgEditorProfile *self);
/* A line each: what was not understood; NULL: nothing. */
const char *sg_editor_profile_left_out (SgEditorProfile *self);
gboolean sg_editor_profile_is_changed (SgEditorProfile *self);

/* What is asked for, or what holds when nothing is. */
gint64 sg_editor_profile_number (SgEditorProfile *self, SgSetting setting);
const char *sg_editor_profile_text (SgEditorProfile *self, SgSetting setting); /* never NULL */
gboolean sg_editor_profile_asks (SgEditorProfile *self, SgSetting setting);

void sg_editor_profile_set_number (SgEditorProfile *self, SgSetting setting, gint64 value);
/* Back to what holds when nobody asks. */
void sg_editor_profile_unset (SgEditorProfile *self, SgSetting setting);
/* "" takes it away.  FALSE with *RET_WHY (free with g_free()) where the file format would not take
 * it: then nothing has changed. */
gboolean sg_editor_profile_set_text (SgEditorProfile *self, SgSetting setting, const char *text,
                                     char **ret_why);

/* Whether VALUE may be chosen, and if not, a sentence that says why (free with g_free()). */
gboolean
sg_editor_profile_may (SgEditorProfile *self, SgSetting setting, gint64 value, char **ret_why);

/* The highest number that the administrator lets it have; *ret_why as above where that is less than
 * the setting's own most.  Below its least: none. */
gint64 sg_editor_profile_most (SgEditorProfile *self, SgSetting setting, char **ret_why);

/* The lists; indexes as in the profile and in the grants.  Adding twice the same does nothing. */
void sg_editor_profile_add_folder (SgEditorProfile *self, const char *path);
void sg_editor_profile_set_folder (SgEditorProfile *self, guint i, SgAccess access);
void sg_editor_profile_remove_folder (SgEditorProfile *self, guint i);
gboolean sg_editor_profile_add_host (SgEditorProfile *self, const char *host, char **ret_why);
void sg_editor_profile_remove_host (SgEditorProfile *self, guint i);
/* A network of a company's, or a domain whose names lead there. */
gboolean sg_editor_profile_add_place (SgEditorProfile *self, const char *place, char **ret_why);
void sg_editor_profile_remove_place (SgEditorProfile *self, guint i);
gboolean sg_editor_profile_add_command (SgEditorProfile *self, const char *command, gboolean root,
                                        char **ret_why);
void sg_editor_profile_remove_command (SgEditorProfile *self, guint i);

/* Everything back to what holds when nobody asks for anything. */
void sg_editor_profile_reset (SgEditorProfile *self);

/* As a file: see sg_profile_to_xml().  Free with g_free(). */
char *sg_editor_profile_xml (SgEditorProfile *self);

/* Writes it to PATH in a thread, whole or not at all.  APPROVE: it then opens without a question,
 * since this person made it; not where a folder's ReadOnly is left to be asked. */
void sg_editor_profile_save_async (SgEditorProfile *self, const char *path, gboolean approve,
                                   GAsyncReadyCallback callback, gpointer data);
gboolean
sg_editor_profile_save_finish (SgEditorProfile *self, GAsyncResult *result, GError **error);
