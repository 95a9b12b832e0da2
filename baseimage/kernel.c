/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the guest's kernel.
 *
 * The versions below /usr/lib/modules are tried from the newest on; one is right when its vmlinuz
 * can be read and each needed driver is either built in (modules.builtin) or a module whose file is
 * there (modules.dep).  Both are files of kmod's documented text form: one path a line, up to a
 * colon. */
#include "baseimage/kernel.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What a sandbox cannot do without. */
static const char *const needed[] = {
  "erofs",          /* the base */
  "ext4",           /* the disk of what is changed */
  "overlay",        /* both as one */
  "virtio_pci",     /* all devices */
  "virtio_blk",     /* both disks */
  "virtio_console", /* the agent */
  "virtio_gpu",     /* the screen */
};

typedef struct
{
  char *release;   /* owned */
  char *directory; /* owned */
} Candidate;

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_free (candidate->release);
  g_free (candidate->directory);
  g_free (candidate);
}

void
sg_kernel_free (SgKernel *kernel)
{
  if (kernel == NULL)
    return;
  g_free (kernel->image);
  g_free (kernel->release);
  g_free (kernel->modules);
  g_free (kernel);
}

/* ---- versions ---- */

/* Newer first.  A number is larger than a word at the same place: 6.1.0 comes after 6.1.0~rc1 and
 * 6.1.0-rc1 alike. */
static int
compare_releases (const char *a, const char *b)
{
  for (;; a++, b++)
    {
      gboolean digits = g_ascii_isdigit (*a) && g_ascii_isdigit (*b);
      if (digits)
        {
          guint64 x = g_ascii_strtoull (a, (char **)&a, 10);
          guint64 y = g_ascii_strtoull (b, (char **)&b, 10);
          if (x != y)
            return x < y ? -1 : 1;
        }
      if (*a == '\0' || *b == '\0' || *a != *b)
        break;
    }
  gboolean a_rc = g_str_has_prefix (a, "-rc") || *a == '~';
  gboolean b_rc = g_str_has_prefix (b, "-rc") || *b == '~';
  if (a_rc != b_rc)
    return a_rc ? -1 : 1;
  return strcmp (a, b);
}

static gint
newer_first (gconstpointer a, gconstpointer b)
{
  const Candidate *const *x = a, *const *y = b;

  return -compare_releases ((*x)->release, (*y)->release);
}

/* ---- files ---- */

/* FULL, below ROOT, after the symbolic links that packages put there: an absolute target counts
 * from ROOT.  Free with g_free(). */
static char *
resolve (const char *root, const char *full)
{
  char *path = g_strdup (full);

  for (guint hops = 0; hops < 8; hops++)
    {
      g_autofree char *target = g_file_read_link (path, NULL);
      if (target == NULL)
        break;
      g_autofree char *folder = g_path_get_dirname (path);
      g_free (path);
      path = g_build_filename (target[0] == '/' ? root : folder, target, NULL);
    }
  return path;
}

/* The driver that a line of modules.* names: "kernel/fs/erofs/erofs.ko.xz: ..." is "erofs". */
static char *
driver_of (const char *line)
{
  gsize len = strcspn (line, ":");
  g_autofree char *path = g_strndup (line, len);
  g_autofree char *base = g_path_get_basename (path);
  char *end = strstr (base, ".ko");

  if (end == NULL)
    return NULL;
  *end = '\0';
  return g_strdelimit (g_steal_pointer (&base), "-", '_');
}

/* Marks those of `needed` that FILE lists and, with CHECK, whose file is there and readable. */
static void
mark_listed (const Candidate *candidate, const char *file, gboolean check, gboolean *found)
{
  g_autofree char *full = g_build_filename (candidate->directory, file, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (full, &text, NULL, NULL))
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *driver = driver_of (*line);
      for (gsize i = 0; driver != NULL && i < G_N_ELEMENTS (needed); i++)
        {
          if (found[i] || strcmp (driver, needed[i]) != 0)
            continue;
          g_autofree char *relative = g_strndup (*line, strcspn (*line, ":"));
          g_autofree char *module = g_build_filename (candidate->directory, relative, NULL);
          found[i] = !check || access (module, R_OK) == 0;
        }
    }
}

/* The first driver that CANDIDATE lacks, NULL when it has them all. */
static const char *
lacking (const Candidate *candidate)
{
  gboolean found[G_N_ELEMENTS (needed)] = { FALSE };

  mark_listed (candidate, "modules.builtin", FALSE, found);
  mark_listed (candidate, "modules.dep", TRUE, found);
  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!found[i])
      return needed[i];
  return NULL;
}

/* The readable vmlinuz of CANDIDATE.  ret_unreadable: one that only others can read (first met). */
static char *
find_image (const char *root, const Candidate *candidate, char **ret_unreadable)
{
  g_autofree char *name = g_strdup_printf ("vmlinuz-%s", candidate->release);
  char *const places[] = {
    g_build_filename (candidate->directory, "vmlinuz", NULL),
    g_build_filename (root, "boot", name, NULL),
    NULL,
  };
  char *image = NULL;

  for (gsize i = 0; places[i] != NULL; i++)
    {
      g_autofree char *path = resolve (root, places[i]);
      g_free (places[i]);
      if (image != NULL)
        continue;
      gboolean readable = access (path, R_OK) == 0;
      gboolean refused = !readable && errno == EACCES;
      if (readable && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        image = g_steal_pointer (&path);
      else if (refused && *ret_unreadable == NULL)
        *ret_unreadable = g_steal_pointer (&path);
    }
  return image;
}

/* ---- the search ---- */

static void
add_candidates (GPtrArray *candidates, const char *root, const char *place)
{
  g_autofree char *full = g_build_filename (root, place, NULL);
  g_autoptr (GDir) dir = g_dir_open (full, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      Candidate *candidate = g_new0 (Candidate, 1);
      candidate->release = g_strdup (name);
      candidate->directory = g_build_filename (full, name, NULL);
      g_ptr_array_add (candidates, candidate);
    }
}

static GPtrArray *
list_candidates (const char *root)
{
  GPtrArray *candidates = g_ptr_array_new_with_free_func (candidate_free);
  g_autofree char *old = g_build_filename (root, "lib", NULL);

  add_candidates (candidates, root, "usr/lib/modules");
  if (!g_file_test (old, G_FILE_TEST_IS_SYMLINK))
    add_candidates (candidates, root, "lib/modules");
  g_ptr_array_sort (candidates, newer_first);
  return candidates;
}

static void
set_not_found (const char *unreadable, const char *incomplete, const char *lack, GError **error)
{
  if (unreadable != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "The Linux kernel %s can be read by the administrator only, and a sandbox needs "
                 "to read it. Make it readable: sudo chmod a+r %s",
                 unreadable, unreadable);
  else if (incomplete != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "Linux %s is installed, and lacks the driver '%s' that a sandbox needs. Install "
                 "the distribution's ordinary kernel package (Debian: linux-image-amd64, Fedora: "
                 "kernel, Arch: linux)",
                 incomplete, lack);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "No Linux kernel is installed here together with its drivers. Install the "
                 "distribution's ordinary kernel package (Debian: linux-image-amd64, Fedora: "
                 "kernel, Arch: linux); the running one is not touched");
}

SgKernel *
sg_kernel_find (const char *root, GError **error)
{
  g_autofree char *top = g_canonicalize_filename (root != NULL ? root : "/", NULL);
  g_autoptr (GPtrArray) candidates = list_candidates (top);
  g_autofree char *unreadable = NULL;
  const char *incomplete = NULL, *lack = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      Candidate *candidate = g_ptr_array_index (candidates, i);
      g_autofree char *unreadable_here = NULL;
      g_autofree char *image = find_image (top, candidate, &unreadable_here);
      const char *lack_here = lacking (candidate);
      if (image != NULL && lack_here == NULL)
        {
          SgKernel *kernel = g_new0 (SgKernel, 1);
          kernel->image = g_steal_pointer (&image);
          kernel->release = g_steal_pointer (&candidate->release);
          kernel->modules = g_steal_pointer (&candidate->directory);
          return kernel;
        }
      if (lack_here == NULL && unreadable == NULL)
        unreadable = g_steal_pointer (&unreadable_here);
      if (image != NULL && incomplete == NULL)
        {
          incomplete = candidate->release;
          lack = lack_here;
        }
    }
  set_not_found (unreadable, incomplete, lack, error);
  return NULL;
}
