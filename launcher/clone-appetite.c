/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look costs two small files of /proc, some ten microseconds.  Quick at first, when a person's
 * program starts and takes what it needs; then at leisure. */
#include "launcher/clone-appetite.h"

#include <stdio.h>
#include <unistd.h>

#define QUICK_MSEC 200
#define QUICK_LOOKS 50
#define SLOW_MSEC 500
#define DEPTH 4 /* bubblewrap, and QEMU below it */

struct SgAppetite
{
  pid_t process;
  guint64 limit;
  guint looks, timer;
  SgAppetiteGrown grown;
  gpointer data;
};

static guint64
resident (const char *pid, guint depth)
{
  g_autofree char *statm = g_strdup_printf ("/proc/%s/statm", pid);
  g_autofree char *below = g_strdup_printf ("/proc/%s/task/%s/children", pid, pid);
  g_autofree char *text = NULL, *children = NULL;
  g_auto (GStrv) list = NULL;
  guint64 size, pages = 0;

  if (!g_file_get_contents (statm, &text, NULL, NULL)
      || sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &size, &pages) != 2)
    return 0;
  if (depth > 0 && g_file_get_contents (below, &children, NULL, NULL))
    list = g_strsplit (g_strstrip (children), " ", -1);
  for (char **child = list; child != NULL && *child != NULL; child++)
    if (**child != '\0')
      pages += resident (*child, depth - 1) / (guint64)sysconf (_SC_PAGESIZE);
  return pages * (guint64)sysconf (_SC_PAGESIZE);
}

guint64
sg_appetite_resident (pid_t process)
{
  g_autofree char *pid = g_strdup_printf ("%d", (int)process);

  return resident (pid, DEPTH);
}

static gboolean look (gpointer data);

static void
look_again (SgAppetite *appetite)
{
  appetite->timer
      = g_timeout_add (appetite->looks++ < QUICK_LOOKS ? QUICK_MSEC : SLOW_MSEC, look, appetite);
}

static gboolean
look (gpointer data)
{
  SgAppetite *appetite = data;

  appetite->timer = 0;
  if (sg_appetite_resident (appetite->process) > appetite->limit)
    appetite->grown (appetite->data);
  else
    look_again (appetite);
  return G_SOURCE_REMOVE;
}

SgAppetite *
sg_appetite_new (pid_t process, guint64 bytes, SgAppetiteGrown grown, gpointer data)
{
  SgAppetite *appetite = g_new0 (SgAppetite, 1);

  appetite->process = process;
  appetite->limit = sg_appetite_resident (process) + bytes;
  appetite->grown = grown;
  appetite->data = data;
  look_again (appetite);
  return appetite;
}

void
sg_appetite_free (SgAppetite *appetite)
{
  if (appetite == NULL)
    return;
  g_clear_handle_id (&appetite->timer, g_source_remove);
  g_free (appetite);
}
