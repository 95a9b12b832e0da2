/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names from inside, files without a name, and the replacement of an original: killed before and
 * after each of its system calls, and with each of its file system calls failing. */
#include "common/fd.h"
#include "launcher/save-file.h"
#include "launcher/save-name.h"
#include "launcher/save-replace.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OLD "the old contents, which are not the new ones"
#define NEW "what was edited inside, and is longer than what was there before it"
#define OTHER "saved by somebody else meanwhile"
#define NAME "letter.odt"
#define BEFORE "letter (before sandbox).odt"
#define EDITED "letter (edited in sandbox).odt"

/* --- names --------------------------------------------------------------------------------------
 */

START_TEST (test_names)
{
  static const struct
  {
    const char *inside, *here;
  } cases[] = { { "report.pdf", "report.pdf" },
                { "", "file" },
                { "   ", "file" },
                { ".", "_" },
                { "..", "_." },
                { ".bashrc", "_bashrc" },
                { "-rf", "_rf" },
                { "--checkpoint-action=exec=sh x", "_-checkpoint-action=exec=sh x" },
                { " -rf", "_rf" },
                { "a-b", "a-b" },
                { "../../etc/passwd", "_._.._etc_passwd" },
                { "/etc/passwd", "_etc_passwd" },
                { "a\nb\tc\033[2J", "a_b_c_[2J" },
                { "gpj.\342\200\256exe", "gpj._exe" },
                { "in\377valid", "in_valid" },
                { "\303\244\303\266.txt", "\303\244\303\266.txt" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = sg_save_name (cases[i].inside, strlen (cases[i].inside));

      ck_assert_str_eq (name, cases[i].here);
    }
}
END_TEST

START_TEST (test_long_names)
{
  g_autofree char *x = g_strnfill (300, 'x'), *too_long = g_strconcat (x, ".tar.gz", NULL);
  g_autofree char *name = sg_save_name (too_long, strlen (too_long));
  g_autofree char *second = sg_save_name_numbered (name, 999);
  GString *wide = g_string_new (NULL);

  ck_assert_uint_le (strlen (name), 240);
  ck_assert (g_str_has_suffix (name, "x.tar.gz"));
  ck_assert_uint_le (strlen (second), 255);
  ck_assert (g_str_has_suffix (second, "x (999).tar.gz"));
  for (int i = 0; i < 100; i++)
    g_string_append (wide, "\360\237\230\200"); /* no character is cut in the middle */
  g_autofree char *smile = sg_save_name (wide->str, wide->len);
  ck_assert (g_utf8_validate (smile, -1, NULL));
  ck_assert_uint_le (strlen (smile), 240);
  g_string_free (wide, TRUE);
}
END_TEST

START_TEST (test_name_words)
{
  g_autofree char *one = sg_save_name_with ("a.tar.xz", "before sandbox", 1);
  g_autofree char *two = sg_save_name_with (".profile", "before sandbox", 2);

  ck_assert_str_eq (one, "a (before sandbox).tar.xz");
  ck_assert_str_eq (two, ".profile (before sandbox 2)");
  ck_assert (sg_save_is_program_name ("setup.RUN"));
  ck_assert (sg_save_is_program_name ("x.desktop"));
  ck_assert (!sg_save_is_program_name ("letter.odt"));
}
END_TEST

/* --- a folder of its own ------------------------------------------------------------------------
 */

typedef struct
{
  char *top, *dir, *trash;
  int dirfd;
} Place;

static void
place_make (Place *place)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  place->top = g_dir_make_tmp ("sandglass-save-XXXXXX", &error);
  ck_assert_ptr_nonnull (place->top);
  place->dir = g_build_filename (place->top, "documents", NULL);
  place->trash = g_build_filename (place->top, "data", "Trash", "files", NULL);
  ck_assert_int_eq (g_mkdir (place->dir, 0700), 0);
  path = g_build_filename (place->dir, NAME, NULL);
  ck_assert (g_file_set_contents (path, OLD, -1, NULL));
  ck_assert_int_eq (g_chmod (path, 0640), 0);
  place->dirfd = open (place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ck_assert_int_ge (place->dirfd, 0);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      remove_tree (below);
    }
  g_remove (path);
}

static void
place_clear (Place *place)
{
  close (place->dirfd);
  remove_tree (place->top);
  g_free (place->top);
  g_free (place->dir);
  g_free (place->trash);
}

static gboolean
holds (const char *dir, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (dir, name, NULL), *found = NULL;

  return g_file_get_contents (path, &found, NULL, NULL) && strcmp (found, contents) == 0;
}

static guint
count (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static SgSaveFile *
new_file (const Place *place)
{
  g_autoptr (GError) error = NULL;
  SgSaveFile *file = sg_save_file_new (place->dirfd, &error);

  ck_assert_ptr_nonnull (file);
  ck_assert (sg_write_all (sg_save_file_fd (file), NEW, strlen (NEW), &error));
  return file;
}

/* --- files without a name -----------------------------------------------------------------------
 */

START_TEST (test_nameless)
{
  Place place;
  SgSaveFile *file;
  g_autofree char *name = NULL;

  place_make (&place);
  file = new_file (&place);
  ck_assert_uint_eq (count (place.dir), 1); /* only the original */
  sg_save_file_free (file);
  ck_assert_uint_eq (count (place.dir), 1);

  file = new_file (&place);
  name = sg_save_file_link (file, NAME, NULL);
  ck_assert_str_eq (name, "letter (2).odt");
  ck_assert (holds (place.dir, NAME, OLD));
  ck_assert (holds (place.dir, name, NEW));
  sg_save_file_free (file);
  ck_assert (holds (place.dir, name, NEW));
  place_clear (&place);
}
END_TEST

/* --- replacing ----------------------------------------------------------------------------------
 */

static void
look (const Place *place, SgOriginal *original)
{
  sg_fd int fd = openat (place->dirfd, NAME, O_RDONLY | O_CLOEXEC);

  ck_assert (sg_original_look (fd, original, NULL));
}

START_TEST (test_replace)
{
  Place place;
  SgOriginal original;
  SgReplaced replaced = { 0 };
  g_autoptr (SgSaveFile) file = NULL;
  g_autoptr (GError) error = NULL;
  struct stat about;

  place_make (&place);
  g_setenv ("XDG_DATA_HOME", "/dev/null/none", TRUE);
  g_autofree char *path = g_build_filename (place.dir, NAME, NULL);
  gboolean marked = setxattr (path, "user.note", "mine", 4, 0) == 0;
  look (&place, &original);
  file = new_file (&place);
  ck_assert (
      sg_replace_original (file, place.dirfd, place.dir, NAME, &original, &replaced, &error));
  ck_assert (!replaced.kept_both);
  ck_assert (holds (place.dir, NAME, NEW));
  if (!replaced.trashed)
    {
      ck_assert_str_eq (replaced.before, BEFORE);
      ck_assert (holds (place.dir, BEFORE, OLD));
    }
  ck_assert_int_eq (fstatat (place.dirfd, NAME, &about, 0), 0);
  ck_assert_uint_eq (about.st_mode & 07777, 0640);
  if (marked)
    {
      char value[8] = { 0 };
      ck_assert_int_eq (getxattr (path, "user.note", value, sizeof value), 4);
      ck_assert_str_eq (value, "mine");
    }
  sg_replaced_clear (&replaced);
  place_clear (&place);
}
END_TEST

/* The default ACL of a folder as the kernel has it: user 4711 may read what is made here. */
static gboolean
give_default_acl (const char *dir)
{
  static const struct
  {
    guint32 version;
    struct
    {
      guint16 tag, rights;
      guint32 id;
    } entries[5];
  } acl = { GUINT32_TO_LE (2),
            { { GUINT16_TO_LE (1), GUINT16_TO_LE (7), G_MAXUINT32 },
              { GUINT16_TO_LE (2), GUINT16_TO_LE (7), GUINT32_TO_LE (4711) },
              { GUINT16_TO_LE (4), GUINT16_TO_LE (7), G_MAXUINT32 },
              { GUINT16_TO_LE (16), GUINT16_TO_LE (7), G_MAXUINT32 },
              { GUINT16_TO_LE (32), 0, G_MAXUINT32 } } };

  return setxattr (dir, "system.posix_acl_default", &acl, sizeof acl, 0) == 0;
}

/* Who may not read the original may not read what comes of it, either.  _i: 1 beside it. */
START_TEST (test_no_more_may_read)
{
  Place place;
  SgOriginal original;
  SgReplaced replaced = { 0 };
  g_autoptr (SgSaveFile) file = NULL;
  g_autofree char *path = NULL, *beside = NULL;
  struct stat about;
  sg_fd int fd = -1;

  place_make (&place);
  if (!give_default_acl (place.dir))
    {
      place_clear (&place);
      g_print ("skipped: this file system knows no ACL\n");
      return;
    }
  look (&place, &original);
  fd = openat (place.dirfd, NAME, O_RDONLY | O_CLOEXEC);
  file = new_file (&place);
  if (_i == 0)
    {
      ck_assert (
          sg_replace_original (file, place.dirfd, place.dir, NAME, &original, &replaced, NULL));
      ck_assert (!replaced.kept_both);
      path = g_build_filename (place.dir, NAME, NULL);
    }
  else
    {
      sg_save_take_rights (file, fd, 0666);
      beside = sg_save_beside (file, NAME, NULL);
      path = g_build_filename (place.dir, beside, NULL);
    }
  ck_assert_int_eq (stat (path, &about), 0);
  ck_assert_uint_eq (about.st_mode & 07777, 0640);
  ck_assert_int_eq (getxattr (path, "system.posix_acl_access", NULL, 0), -1);
  ck_assert_int_eq (errno, ENODATA);
  sg_replaced_clear (&replaced);
  place_clear (&place);
}
END_TEST

/* _i: 0 changed in place, 1 replaced by another file, 2 removed, 3 by a link to something else */
START_TEST (test_changed_meanwhile)
{
  Place place;
  SgOriginal original;
  SgReplaced replaced = { 0 };
  g_autoptr (SgSaveFile) file = NULL;

  place_make (&place);
  look (&place, &original);
  g_autofree char *path = g_build_filename (place.dir, NAME, NULL);
  g_autofree char *beside = g_build_filename (place.dir, "beside", NULL);
  ck_assert (g_file_set_contents_full (beside, OTHER, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  if (_i == 0)
    {
      sg_fd int fd = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);
      ck_assert (sg_write_all (fd, OTHER, strlen (OTHER), NULL));
    }
  else if (_i == 1)
    ck_assert_int_eq (g_rename (beside, path), 0);
  else
    ck_assert_int_eq (g_remove (path), 0);
  if (_i == 3)
    ck_assert_int_eq (symlink ("beside", path), 0);
  file = new_file (&place);
  ck_assert (sg_replace_original (file, place.dirfd, place.dir, NAME, &original, &replaced, NULL));
  ck_assert (replaced.kept_both);
  ck_assert_str_eq (replaced.name, EDITED);
  ck_assert (holds (place.dir, EDITED, NEW));
  ck_assert_ptr_nonnull (replaced.why);
  ck_assert (_i == 2 ? !g_file_test (path, G_FILE_TEST_EXISTS) : holds (place.dir, NAME, OTHER));
  sg_replaced_clear (&replaced);
  place_clear (&place);
}
END_TEST

/* --- killed, and failing, at each call ----------------------------------------------------------
 */

enum
{
  CHILD_REPLACED = 10,
  CHILD_KEPT_BOTH,
  CHILD_FAILED
};

static int
child_replaces (const Place *place)
{
  SgOriginal original;
  SgReplaced replaced = { 0 };
  sg_fd int fd = openat (place->dirfd, NAME, O_RDONLY | O_CLOEXEC);
  g_autoptr (SgSaveFile) file = NULL;

  if (!sg_original_look (fd, &original, NULL))
    return CHILD_FAILED;
  raise (SIGSTOP); /* from here on the parent counts */
  file = sg_save_file_new (place->dirfd, NULL);
  if (file == NULL || !sg_write_all (sg_save_file_fd (file), NEW, strlen (NEW), NULL)
      || !sg_replace_original (file, place->dirfd, place->dir, NAME, &original, &replaced, NULL))
    return CHILD_FAILED;
  return replaced.kept_both ? CHILD_KEPT_BOTH : CHILD_REPLACED;
}

/* Stopped in front of its first call that counts; 0 where tracing is not possible here. */
static pid_t
start_child (const Place *place)
{
  g_autofree char *data = g_build_filename (place->top, "data", NULL);
  pid_t pid;
  int status;

  /* GLib remembers the data folder, so it is set before anything in the child asks. */
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      if (ptrace (PTRACE_TRACEME, 0, 0, 0) < 0)
        _exit (77);
      _exit (child_replaces (place));
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  if (!WIFSTOPPED (status))
    return 0;
  ptrace (PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  return pid;
}

static gboolean
original_is_somewhere (const Place *place)
{
  return holds (place->dir, NAME, OLD) || holds (place->dir, BEFORE, OLD)
         || holds (place->trash, BEFORE, OLD);
}

/* What must hold whatever happened, and whenever. */
static void
check_whole (const Place *place, guint n)
{
  ck_assert_msg (holds (place->dir, NAME, OLD) || holds (place->dir, NAME, NEW),
                 "after stop %u the file is neither the old nor the new one", n);
  ck_assert_msg (original_is_somewhere (place), "after stop %u the old contents are lost", n);
}

/* Lets it go on to its next stop.  FALSE: it has ended, with *RET_CODE. */
static gboolean
step (pid_t pid, int *ret_code)
{
  int status, signal = 0;

  for (;;)
    {
      ck_assert_int_eq (ptrace (PTRACE_SYSCALL, pid, 0, signal), 0);
      ck_assert_int_eq (waitpid (pid, &status, 0), pid);
      if (!WIFSTOPPED (status))
        {
          *ret_code = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
          return FALSE;
        }
      if (WSTOPSIG (status) == (SIGTRAP | 0x80))
        return TRUE;
      signal = WSTOPSIG (status) == SIGTRAP ? 0 : WSTOPSIG (status);
    }
}

START_TEST (test_killed_anywhere)
{
  guint n, seen_new = 0;

  for (n = 1;; n++)
    {
      Place place;
      gboolean running = TRUE;
      int code = 0;
      pid_t pid;

      place_make (&place);
      pid = start_child (&place);
      if (pid == 0)
        {
          place_clear (&place);
          g_print ("skipped: no tracing here\n");
          return;
        }
      for (guint i = 0; running && i < n; i++)
        running = step (pid, &code);
      if (running)
        {
          kill (pid, SIGKILL);
          waitpid (pid, NULL, 0);
        }
      check_whole (&place, n);
      seen_new += holds (place.dir, NAME, NEW);
      if (!running)
        {
          ck_assert_int_eq (code, CHILD_REPLACED);
          ck_assert (holds (place.dir, NAME, NEW));
        }
      place_clear (&place);
      if (!running)
        break;
    }
  /* The walk has really gone through the middle of it. */
  ck_assert_uint_gt (n, 30);
  ck_assert_uint_gt (seen_new, 1);
  ck_assert_uint_lt (seen_new, n);
}
END_TEST

#ifdef __x86_64__
static gboolean
is_file_call (unsigned long long number)
{
  static const long calls[]
      = { SYS_openat,   SYS_write,     SYS_fsync,    SYS_linkat,  SYS_renameat2, SYS_renameat,
          SYS_rename,   SYS_unlinkat,  SYS_unlink,   SYS_fchmod,  SYS_fchown,    SYS_newfstatat,
          SYS_fstat,    SYS_fsetxattr, SYS_mkdir,    SYS_mkdirat, SYS_link,      SYS_symlink,
          SYS_sendfile, SYS_statfs,    SYS_fgetxattr };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (number == (unsigned long long)calls[i])
      return TRUE;
  return FALSE;
}

/* The N-th file call fails with WHY.  TRUE: it came to that. */
static gboolean
run_with_failure (pid_t pid, guint n, int why, int *ret_code)
{
  struct user_regs_struct regs;
  gboolean entering = TRUE, failing = FALSE, happened = FALSE;
  guint calls = 0;

  /* The first stop is the end of the call that stopped it. */
  if (!step (pid, ret_code))
    return FALSE;
  while (step (pid, ret_code))
    {
      ck_assert_int_eq (ptrace (PTRACE_GETREGS, pid, 0, &regs), 0);
      if (entering && is_file_call (regs.orig_rax) && ++calls == n)
        {
          regs.orig_rax = (unsigned long long)-1;
          failing = happened = TRUE;
          ptrace (PTRACE_SETREGS, pid, 0, &regs);
        }
      else if (!entering && failing)
        {
          regs.rax = (unsigned long long)-why;
          failing = FALSE;
          ptrace (PTRACE_SETREGS, pid, 0, &regs);
        }
      entering = !entering;
    }
  return happened;
}

/* _i: the error. */
START_TEST (test_each_call_fails)
{
  static const int errors[] = { ENOSPC, EIO, EPERM, EINVAL };
  guint n;

  for (n = 1;; n++)
    {
      Place place;
      int code = 0;
      gboolean happened;
      pid_t pid;

      place_make (&place);
      pid = start_child (&place);
      if (pid == 0)
        {
          place_clear (&place);
          return;
        }
      happened = run_with_failure (pid, n, errors[_i], &code);
      check_whole (&place, n);
      if (code == CHILD_REPLACED)
        ck_assert_msg (holds (place.dir, NAME, NEW), "call %u: said to be replaced", n);
      else if (code == CHILD_KEPT_BOTH)
        ck_assert_msg (holds (place.dir, NAME, OLD) && holds (place.dir, EDITED, NEW),
                       "call %u: said to be kept both", n);
      else if (code == CHILD_FAILED)
        ck_assert_msg (holds (place.dir, NAME, OLD), "call %u: said to be unchanged", n);
      else
        ck_abort_msg ("call %u: ended with %d", n, code);
      place_clear (&place);
      if (!happened)
        break;
    }
  ck_assert_uint_gt (n, 10);
}
END_TEST
#endif

int
main (void)
{
  Suite *suite = suite_create ("save");
  TCase *tcase = tcase_create ("save");
  SRunner *runner = srunner_create (suite);
  int failed;

  /* No service of a desktop is asked, and no thread started. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_setenv ("GIO_USE_PORTALS", "0", TRUE);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  tcase_set_timeout (tcase, 240);
  tcase_add_test (tcase, test_names);
  tcase_add_test (tcase, test_long_names);
  tcase_add_test (tcase, test_name_words);
  tcase_add_test (tcase, test_nameless);
  tcase_add_test (tcase, test_replace);
  tcase_add_loop_test (tcase, test_no_more_may_read, 0, 2);
  tcase_add_loop_test (tcase, test_changed_meanwhile, 0, 4);
  tcase_add_test (tcase, test_killed_anywhere);
#ifdef __x86_64__
  tcase_add_loop_test (tcase, test_each_call_fails, 0, 4);
#endif
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? 0 : 1;
}
