/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <MappedFolder> and what is in it. */
#include "policies/paths.h"
#include "policies/profile-internal.h"

#include <string.h>

void
sg_reading_begin_folder (SgReading *reading, SgPlace place)
{
  reading->folder = g_new0 (SgAskedFolder, 1);
  reading->folder->line = place.line;
  reading->folder->column = place.column;
}

void
sg_reading_end_folder (SgReading *reading)
{
  SgAskedFolder *folder = g_steal_pointer (&reading->folder);
  SgPlace place = { folder->line, folder->column };

  if (folder->host_as_written == NULL)
    sg_reading_note (reading, SG_NOTE_ERROR, place, "<MappedFolder> names no <HostFolder>");
  else if (reading->profile->folders->len >= SG_PROFILE_FOLDERS_MAX)
    sg_reading_note (reading, SG_NOTE_ERROR, place, "there are more than %d folders",
                     SG_PROFILE_FOLDERS_MAX);
  else
    {
      g_ptr_array_add (reading->profile->folders, folder);
      return;
    }
  sg_asked_folder_free (folder);
}

void
sg_reading_folder_path (SgReading *reading, const SgElement *element, const char *text,
                        SgPlace place)
{
  gboolean is_host = element->id == SG_ELEMENT_HOST_FOLDER;
  SgAskedFolder *folder = reading->folder;
  char **written = is_host ? &folder->host_as_written : &folder->sandbox_as_written;
  char **path = is_host ? &folder->host_path : &folder->sandbox_path;
  g_autofree char *why = NULL;

  if (*written != NULL)
    {
      if (strcmp (*written, text) != 0)
        sg_reading_note (reading, SG_NOTE_ERROR, place,
                         "<%s> is there twice in one <MappedFolder>, and differently",
                         element->name);
      return;
    }
  *written = g_strdup (text);
  *path = is_host ? sg_path_map_host (text, reading->host, &why) : sg_path_map_sandbox (text, &why);
  if (*path == NULL)
    sg_reading_note (reading, SG_NOTE_ERROR, place, "the folder '%.200s' cannot be given: %s", text,
                     why);
}

void
sg_reading_read_only (SgReading *reading, const SgElement *element, const char *text, SgPlace place)
{
  SgAskedFolder *folder = reading->folder;
  int value = sg_reading_switch (reading, element, text, place);

  if (value < 0)
    folder->access = SG_ACCESS_READ_ONLY; /* it is an error anyway */
  else if (folder->access != SG_ACCESS_READ_ONLY)
    folder->access = value ? SG_ACCESS_READ_ONLY : SG_ACCESS_WRITABLE;
}
