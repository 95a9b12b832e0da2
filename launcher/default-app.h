/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of file it is, and with which program this computer would open it. */
#pragma once

#include <gio/gio.h>

typedef enum
{
  SG_FILE_ORDINARY,
  SG_FILE_WINDOWS_PROGRAM, /* by its contents: .exe, .dll, .msi */
  SG_FILE_PROFILE          /* a .wsb: opened as a sandbox, not in one */
} SgFileSort;

typedef struct
{
  SgFileSort sort;
  char *type;       /* content type; owned */
  char *type_words; /* "PDF document"; owned */
  char *id;  /* "org.gnome.Evince.desktop"; NULL: this computer has no program for it; owned */
  char *app; /* the program's name for a person; owned */
  char
      *absent; /* why it cannot be inside (a snap, a program of this user), a clause; NULL; owned */
} SgDefaultApp;

/* Reads the beginning of FD (pread).  NAME: the file's. */
SgDefaultApp *sg_default_app_for (int fd, const char *name, GError **error);

void sg_default_app_free (SgDefaultApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgDefaultApp, sg_default_app_free)

/* For a Windows program: FALSE with an error in words where nothing here or inside could run it. */
gboolean sg_default_app_can_run (const SgDefaultApp *app, GError **error);
