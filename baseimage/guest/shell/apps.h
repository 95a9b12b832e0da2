/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu's model: the programs that .desktop files announce, sorted into a dozen categories.
 *
 *   g_autoptr(SgApps) apps = sg_apps_load (dirs);
 *   g_autoptr(GPtrArray) found = sg_apps_list (apps, SG_CATEGORY_ALL, "calc");
 *
 * Reads files and nothing else: no bus, no monitors, no icons. */
#pragma once

#include <gio/gio.h>
#include <gio/gdesktopappinfo.h>

typedef enum
{
  SG_CATEGORY_ALL,
  SG_CATEGORY_INTERNET,
  SG_CATEGORY_OFFICE,
  SG_CATEGORY_GRAPHICS,
  SG_CATEGORY_MULTIMEDIA,
  SG_CATEGORY_GAMES,
  SG_CATEGORY_EDUCATION,
  SG_CATEGORY_SCIENCE,
  SG_CATEGORY_DEVELOPMENT,
  SG_CATEGORY_ACCESSORIES,
  SG_CATEGORY_SYSTEM,
  SG_CATEGORY_SETTINGS,
  SG_CATEGORY_OTHER,
  SG_CATEGORY_MAX
} SgCategory;

/* The desktop's name in OnlyShowIn= and NotShowIn=. */
#define SG_DESKTOP_NAME "Sandglass"

/* A .desktop file larger than this, or a menu of more, is somebody's mistake: the rest is left out.
 */
#define SG_DESKTOP_FILE_MAX (1024 * 1024)
#define SG_APPS_MAX 5000

typedef struct
{
  char *id;              /* "org.example.App.desktop" */
  char *name;            /* to show; translated, valid UTF-8, one line */
  char *comment;         /* a tooltip, or NULL */
  SgCategory category;   /* never ALL */
  GDesktopAppInfo *info; /* launches by Exec=, never over D-Bus */
  char **tokens;         /* for the search: folded words of name, then of everything else */
  guint n_name_tokens;
} SgApp;

typedef struct SgApps SgApps;

/* Reads DIR/applications of every DIR of the NULL-terminated list, the first of two files with one
 * id wins (and hides the other when it says Hidden=true).  What cannot be read or understood is
 * left out; never fails.  Free with sg_apps_free(). */
SgApps *sg_apps_load (const char *const *dirs);
void sg_apps_free (SgApps *apps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgApps, sg_apps_free)

/* TRUE when a folder that was read has changed since: programs came or went. */
gboolean sg_apps_stale (const SgApps *apps);

/* The SgApp's of CATEGORY that match SEARCH ("" or NULL: all), by name; with a search, those whose
 * name matches come first.  The array and nothing in it is the caller's: valid until
 * sg_apps_free(). */
GPtrArray *sg_apps_list (const SgApps *apps, SgCategory category, const char *search);

/* TRUE when CATEGORY has any program. */
gboolean sg_apps_has (const SgApps *apps, SgCategory category);

/* The program whose windows have the class WM_CLASS (StartupWMClass=, the file's or the program's
 * name), or NULL. */
const SgApp *sg_apps_by_class (const SgApps *apps, const char *wm_class);

/* The category's name for a person. */
const char *sg_category_name (SgCategory category);

/* The .desktop file PATH as something that starts its Exec= line (DBusActivatable= is dropped: see
 * launch.h).  NULL with an error when it is not a program's file or its program is not installed.
 */
GDesktopAppInfo *sg_app_info_read (const char *path, GError **error);
