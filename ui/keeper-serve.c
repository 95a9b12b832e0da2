/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keeper-serve.h"

#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMES_TRIED 100

static gboolean
write_piece (const char *data, gsize length, GError **error, gpointer fd)
{
  return sg_write_all (*(int *)fd, data, length, error);
}

/* Names FD, a whole file without a name, in DIR: "NAME.png", or "NAME (2).png" and so on. */
static gboolean
name_it (int fd, int dir, const char *name, char **ret_name, GError **error)
{
  g_autofree char *self = g_strdup_printf ("/proc/self/fd/%d", fd);

  for (int i = 1; i <= NAMES_TRIED; i++)
    {
      g_autofree char *file
          = i == 1 ? g_strdup_printf ("%s.png", name) : g_strdup_printf ("%s (%d).png", name, i);

      if (linkat (AT_FDCWD, self, dir, file, AT_SYMLINK_FOLLOW) == 0)
        {
          *ret_name = g_steal_pointer (&file);
          return TRUE;
        }
      if (errno != EEXIST)
        return sg_errno (error, _ ("a file cannot be made in the folder for pictures"));
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       _ ("too many pictures were saved in this second"));
  return FALSE;
}

/* A name that nothing has.  Where the file system cannot do that (NFS), an empty file takes it
 * first. */
static int
rename_once (int dir, const char *aside, const char *file)
{
  int taken;

  if (renameat2 (dir, aside, dir, file, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return -1;
  taken = openat (dir, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (taken < 0)
    return -1;
  close (taken);
  return renameat (dir, aside, dir, file);
}

/* Where a file system has none without a name (vfat, some network ones): one aside, hidden. */
static gboolean
rename_it (int dir, const char *aside, const char *name, char **ret_name, GError **error)
{
  for (int i = 1; i <= NAMES_TRIED; i++)
    {
      g_autofree char *file
          = i == 1 ? g_strdup_printf ("%s.png", name) : g_strdup_printf ("%s (%d).png", name, i);

      if (rename_once (dir, aside, file) == 0)
        {
          *ret_name = g_steal_pointer (&file);
          return TRUE;
        }
      if (errno != EEXIST)
        break;
    }
  return sg_errno (error, _ ("a file cannot be made in the folder for pictures"));
}

/* In DIR; *ret_aside: its name for now; NULL: it has none.  -1 with an error. */
static int
create_aside (int dir, char **ret_aside, GError **error)
{
  int fd = openat (dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);

  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
    {
      if (fd < 0)
        sg_errno (error, _ ("a file cannot be made in the folder for pictures"));
      return fd;
    }
  *ret_aside = g_strdup_printf (".sandglass-%08x.part", g_random_int ());
  return sg_open_at (dir, *ret_aside, O_WRONLY | O_CREAT | O_EXCL, 0644, error);
}

static char *
make_name (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d %H-%M-%S");

  return g_strdup_printf (_ ("Sandbox %s"), when);
}

static char *
save (const char *directory, const SgKeeperRequest *request, const guchar *pixels, GError **error)
{
  g_autoptr (GdkPixbuf) picture
      = gdk_pixbuf_new_from_data (pixels, GDK_COLORSPACE_RGB, FALSE, 8, (int)request->a,
                                  (int)request->b, (int)request->a * 3, NULL, NULL);
  g_autofree char *name = make_name (), *aside = NULL, *file = NULL, *path = NULL;
  sg_fd int dir = -1;
  sg_fd int fd = -1;

  if (g_mkdir_with_parents (directory, 0700) < 0)
    {
      sg_errno (error, _ ("there is no folder for pictures"));
      return NULL;
    }
  dir = sg_open_at (AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0, error);
  if (dir < 0 || (fd = create_aside (dir, &aside, error)) < 0)
    return NULL;
  if (!gdk_pixbuf_save_to_callback (picture, write_piece, &fd, "png", error, NULL)
      || (fsync (fd) < 0 && !sg_errno (error, _ ("the picture cannot be written")))
      || !(aside == NULL ? name_it (fd, dir, name, &file, error)
                         : rename_it (dir, aside, name, &file, error)))
    {
      if (aside != NULL)
        unlinkat (dir, aside, 0);
      return NULL;
    }
  path = g_build_filename (directory, file, NULL);
  return g_filename_display_name (path);
}

static gboolean
is_sane (const SgKeeperRequest *request)
{
  return request->a > 0 && request->b > 0 && request->a <= SG_KEEPER_SIDE_MAX
         && request->b <= SG_KEEPER_SIDE_MAX
         && (guint64)request->a * request->b <= SG_KEEPER_PIXELS_MAX;
}

static gboolean
answer (int fd, guint32 saved, const char *text)
{
  SgKeeperReply reply = { saved, (guint32)MIN (strlen (text), (gsize)SG_KEEPER_TEXT_MAX) };

  return sg_write_all (fd, &reply, sizeof reply, NULL)
         && sg_write_all (fd, text, reply.length, NULL);
}

/* FALSE: the other end is gone, or does not keep to the protocol. */
static gboolean
serve_picture (int fd, const char *directory, const SgKeeperRequest *request, guint *n_saved)
{
  g_autofree guchar *pixels = NULL;
  g_autofree char *where = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!is_sane (request))
    return FALSE;
  size = (gsize)request->a * request->b * 3;
  pixels = g_try_malloc (size);
  if (pixels == NULL || sg_read_all (fd, pixels, size, NULL) != (gssize)size)
    return FALSE;
  if ((*n_saved)++ >= SG_KEEPER_PICTURES_MAX)
    return answer (fd, 0, _ ("this sandbox has saved as many pictures as it may"));
  where = save (directory, request, pixels, &error);
  return answer (fd, where != NULL, where != NULL ? where : error->message);
}

static gboolean
serve_files (int fd, const SgKeeperRequest *request, SgKeeperPut put, gpointer data)
{
  g_autofree char *paths = NULL;

  if (request->a == 0 || request->a > SG_KEEPER_PATHS_MAX)
    return FALSE;
  paths = g_malloc (request->a);
  return sg_read_all (fd, paths, request->a, NULL) == (gssize)request->a
         && answer (fd, put (paths, request->a, request->b, data) ? 1 : 0, "");
}

void
sg_keeper_serve (int fd, const char *directory, SgKeeperAsk ask, SgKeeperPut put, SgKeeperSize size,
                 gpointer data)
{
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autofree char *otherwise = g_build_filename (g_get_home_dir (), "Pictures", NULL);
  guint n_saved = 0, n_asked = 0;
  SgKeeperRequest request;
  gboolean goes_on = TRUE;

  if (directory == NULL)
    directory = pictures != NULL ? pictures : otherwise;
  while (goes_on && sg_read_all (fd, &request, sizeof request, NULL) == sizeof request)
    if (request.kind == SG_KEEPER_PICTURE)
      goes_on = serve_picture (fd, directory, &request, &n_saved);
    else if (request.kind == SG_KEEPER_QUESTION && ask != NULL
             && n_asked++ < SG_KEEPER_QUESTIONS_MAX)
      {
        int code = ask (request.a, request.b, fd, data);
        goes_on = answer (fd, code > 0 ? (guint32)code : 0, "");
      }
    else if (request.kind == SG_KEEPER_FILES && put != NULL && n_asked++ < SG_KEEPER_QUESTIONS_MAX)
      goes_on = serve_files (fd, &request, put, data);
    else if (request.kind == SG_KEEPER_SIZE && size != NULL)
      size (request.a, request.b, data);
    else
      goes_on = FALSE;
}
