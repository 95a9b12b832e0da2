/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders that appear in a running confinement and disappear from it, without a machine; and the
 * filter of system calls around who serves them. */
#include "launcher/share-mount.h"

#include "common/fd.h"
#include "launcher/confine.h"
#include "launcher/revoke-preload.h"
#include "launcher/session-namespace.h"
#include "launcher/share-filter.h"
#include "launcher/share-revoke.h"
#include "launcher/share-watch.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

static int walls; /* errno of a namespace that could not be had */
static char *top, *folder;
static SgShareMounts *mounts;
static int shell = -1, answers = -1;
static GPid bwrap;

static void
put (const char *dir, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  ck_assert (g_file_set_contents (path, text, -1, NULL));
}

/* A shell in the same walls as QEMU's. */
static void
start_shell (void)
{
  static const char *const command[] = { "/bin/sh", NULL };
  g_autoptr (SgConfinement) c = sg_confine_qemu ("/bin/sh", "/bin/sh", "/bin/sh", FALSE);
  g_autofree char *program = g_find_program_in_path ("bwrap"), *library = NULL, *self = NULL,
                  *dir = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;

  sg_confinement_add (c, SG_DOOR_READ_IF_THERE, "/bin", "/bin", "test");
  sg_confinement_add (c, SG_DOOR_READ_IF_THERE, "/usr/bin", "/usr/bin", "test");
  sg_confinement_add (c, SG_DOOR_FOLLOW, sg_share_mounts_out (mounts), SG_INSIDE_SHARES, "test");
  self = g_file_read_link ("/proc/self/exe", &error);
  ck_assert_msg (self != NULL, "%s", error != NULL ? error->message : "");
  dir = g_path_get_dirname (self);
  library = g_build_filename (dir, "..", SG_REVOKE_PRELOAD, NULL);
  sg_confinement_add (c, SG_DOOR_READ, library, SG_INSIDE_REVOKE_PRELOAD, "test");
  c->preload = SG_INSIDE_REVOKE_PRELOAD;
  argv = sg_confinement_arguments (c, program, command);
  ck_assert (g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                       &bwrap, &shell, &answers, NULL, NULL));
}

/* What SCRIPT says in there; static buffer. */
static const char *
ask (const char *script)
{
  static char buffer[4096];
  g_autofree char *line = g_strdup_printf ("{ %s ; } 2>&1; echo @@\n", script);
  gsize n = 0;

  ck_assert (sg_write_all (shell, line, strlen (line), NULL));
  do
    {
      ssize_t got = read (answers, buffer + n, sizeof buffer - 1 - n);
      ck_assert_int_gt (got, 0);
      n += (gsize)got;
      buffer[n] = '\0';
    }
  while (!g_str_has_suffix (buffer, "@@\n"));
  buffer[n - 3] = '\0';
  return g_strchomp (buffer);
}

static void
setup (void)
{
  g_autoptr (GError) error = NULL;

  top = g_dir_make_tmp ("share-mount-XXXXXX", NULL);
  folder = g_build_filename (top, "folder", NULL);
  g_mkdir (folder, 0700);
  put (folder, "file", "hello");
  mounts = sg_share_mounts_new (top, &error);
  ck_assert_msg (mounts != NULL, "%s", error != NULL ? error->message : "");
  start_shell ();
}

static void
teardown (void)
{
  g_autofree char *shares = g_build_filename (top, "shares", NULL);
  const char *argv[] = { "rm", "-rf", top, NULL };

  close (shell);
  close (answers);
  waitpid (bwrap, NULL, 0);
  sg_share_mounts_free (mounts);
  ck_assert (!g_file_test (shares, G_FILE_TEST_EXISTS));
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static SgShareVerdict *
verdict_of (int fd)
{
  SgSharePlaces places = { .home = folder };
  g_autoptr (GError) error = NULL;
  SgShareVerdict *verdict = sg_share_judge (fd, FALSE, &places, &error);

  ck_assert_msg (verdict != NULL, "%s", error != NULL ? error->message : "");
  return verdict;
}

static SgShareMount
attach (const char *path, gboolean writable)
{
  g_autoptr (GError) error = NULL;
  sg_fd int fd = sg_share_open (path, &error);
  g_autoptr (SgShareVerdict) verdict = verdict_of (fd);
  SgShareMount mount;

  ck_assert_msg (sg_share_mounts_attach (mounts, fd, writable, verdict, &mount, &error), "%s",
                 error != NULL ? error->message : "");
  return mount;
}

START_TEST (a_folder_comes_and_goes)
{
  SgShareMount ro, rw;

  ck_assert_str_eq (ask ("ls " SG_INSIDE_SHARES "/ro/0 " SG_INSIDE_SHARES "/rw/0"),
                    SG_INSIDE_SHARES "/ro/0:\n\n" SG_INSIDE_SHARES "/rw/0:");
  ro = attach (folder, FALSE);
  rw = attach (folder, TRUE);
  ck_assert_str_eq (ask ("cat " SG_INSIDE_SHARES "/ro/0/file"), "hello");
  ck_assert_ptr_nonnull (strstr (ask ("echo x >" SG_INSIDE_SHARES "/ro/0/file"), "Read-only"));
  ck_assert_str_eq (
      ask ("echo x >" SG_INSIDE_SHARES "/rw/0/file; cat " SG_INSIDE_SHARES "/ro/0/file"), "x");
  ck_assert_ptr_nonnull (strstr (ask ("mkdir " SG_INSIDE_SHARES "/rw/x"), "Read-only"));
  ck_assert_ptr_nonnull (strstr (ask ("mkdir " SG_INSIDE_SHARES "/x"), "Read-only"));
  ck_assert (sg_share_mounts_detach (mounts, &ro, NULL));
  ck_assert_str_eq (ask ("ls -A " SG_INSIDE_SHARES "/ro/0"), "");
  ck_assert_str_eq (ask ("cat " SG_INSIDE_SHARES "/rw/0/file"), "x");
  ck_assert (sg_share_mounts_detach (mounts, &rw, NULL));
  ck_assert_str_eq (ask ("ls -A " SG_INSIDE_SHARES "/rw/0"), "");
}
END_TEST

/* The kernel follows no link in it, nor runs a program of it. */
START_TEST (links_lead_nowhere)
{
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *program = g_build_filename (folder, "program", NULL);

  ck_assert_int_eq (symlink ("/usr", link), 0);
  put (folder, "program", "#!/bin/sh\necho ran\n");
  ck_assert_int_eq (chmod (program, 0755), 0);
  attach (folder, TRUE);
  ck_assert_ptr_nonnull (strstr (ask ("ls " SG_INSIDE_SHARES "/rw/0/link/"), "symbolic links"));
  ck_assert_str_eq (ask ("readlink " SG_INSIDE_SHARES "/rw/0/link"), "/usr");
  ck_assert_ptr_nonnull (strstr (ask (SG_INSIDE_SHARES "/rw/0/program"), "ermission denied"));
}
END_TEST

START_TEST (what_is_covered_is_empty)
{
  g_autofree char *keys = g_build_filename (folder, ".ssh", NULL);

  g_mkdir (keys, 0700);
  put (keys, "id", "secret");
  put (folder, ".netrc", "secret");
  attach (folder, FALSE);
  ck_assert_str_eq (ask ("ls -A " SG_INSIDE_SHARES "/ro/0/.ssh; cat " SG_INSIDE_SHARES
                         "/ro/0/.netrc " SG_INSIDE_SHARES "/ro/0/file"),
                    "hello");
  ck_assert_ptr_nonnull (strstr (ask ("umount " SG_INSIDE_SHARES "/ro/0/.ssh"), "umount"));
  ck_assert_str_eq (ask ("ls -A " SG_INSIDE_SHARES "/ro/0/.ssh"), "");
}
END_TEST

/* Judged, and then it is another one: nothing is shown. */
START_TEST (a_swapped_cover_is_refused)
{
  g_autofree char *keys = g_build_filename (folder, ".ssh", NULL);
  g_autofree char *moved = g_build_filename (folder, "keys", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SgShareVerdict) verdict = NULL;
  sg_fd int fd = -1;
  SgShareMount mount;

  g_mkdir (keys, 0700);
  put (keys, "id", "secret");
  fd = sg_share_open (folder, NULL);
  verdict = verdict_of (fd);
  ck_assert_int_eq (rename (keys, moved), 0);
  g_mkdir (keys, 0700);
  ck_assert (!sg_share_mounts_attach (mounts, fd, FALSE, verdict, &mount, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  ck_assert_int_eq (rmdir (keys), 0);
  ck_assert_int_eq (symlink (moved, keys), 0);
  g_clear_error (&error);
  ck_assert (!sg_share_mounts_attach (mounts, fd, FALSE, verdict, &mount, &error));
  ck_assert_str_eq (ask ("ls -A " SG_INSIDE_SHARES "/ro/0"), "");
}
END_TEST

START_TEST (slots_end_and_come_back)
{
  SgShareMount all[SG_SHARE_SLOTS], more;
  sg_fd int fd = sg_share_open (folder, NULL);
  g_autoptr (SgShareVerdict) verdict = verdict_of (fd);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < SG_SHARE_SLOTS; i++)
    {
      all[i] = attach (folder, FALSE);
      ck_assert_uint_eq (all[i].slot, i);
    }
  ck_assert (!sg_share_mounts_attach (mounts, fd, FALSE, verdict, &more, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
  ck_assert (sg_share_mounts_detach (mounts, &all[5], NULL));
  more = attach (folder, FALSE);
  ck_assert_uint_eq (more.slot, 5);
}
END_TEST

/* The shell's process, seen from here. */
static pid_t
shell_process (void)
{
  g_autofree char *children = g_strdup_printf ("/proc/%d/task/%d/children", bwrap, bwrap);
  g_autofree char *text = NULL;

  ck_assert (g_file_get_contents (children, &text, NULL, NULL));
  return atoi (text);
}

/* A file that is lent: it alone, read-only, also when its name leads elsewhere meanwhile; what is open of
 * it is let go of. */
START_TEST (a_file_is_lent_alone)
{
  const char *const lent = SG_INSIDE_SHARES "/ro/0/" SG_SHARE_LENT_NAME;
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *moved = g_build_filename (folder, "moved", NULL);
  g_autofree char *script = g_strdup_printf ("ls -A " SG_INSIDE_SHARES "/ro/0; cat %s", lent);
  g_autofree char *change = g_strdup_printf ("echo x >%s", lent);
  g_autofree char *remove = g_strdup_printf ("rm -f %s; mkdir " SG_INSIDE_SHARES "/ro/0/x", lent);
  g_autofree char *hold = g_strdup_printf ("exec 7<%s", lent);
  sg_fd int fd = open (path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  g_autoptr (GArray) inside = NULL;
  g_autoptr (GError) error = NULL;
  SgShareMount mount;

  ck_assert_int_eq (rename (path, moved), 0); /* it stays the one that was opened */
  put (folder, "file", "another");
  ck_assert (sg_share_mounts_lend (mounts, fd, &mount, &error) || error != NULL);
  ck_assert_msg (error == NULL, "%s", error != NULL ? error->message : "");
  ck_assert_str_eq (ask (script), SG_SHARE_LENT_NAME "\nhello");
  ck_assert_ptr_nonnull (strstr (ask (change), "Read-only"));
  ck_assert_ptr_nonnull (strstr (ask (remove), "Read-only"));
  ck_assert_str_eq (ask (hold), "");
  inside = sg_share_mount_inside (&mount, shell_process ());
  ck_assert_uint_eq (inside->len, 2);
  ck_assert (sg_share_mounts_detach (mounts, &mount, NULL));
  ck_assert_str_eq (ask ("ls -A " SG_INSIDE_SHARES "/ro/0"), "");
  ck_assert_uint_eq (sg_share_revoke (inside, shell_process ()), 0);
  ck_assert_ptr_nonnull (strstr (ask ("cat <&7"), "Bad file descriptor"));
}
END_TEST

START_TEST (what_is_held_is_counted)
{
  SgShareMount mount = attach (folder, FALSE);
  g_autoptr (GArray) inside = NULL, gone = NULL;
  pid_t pid;

  ck_assert_str_eq (ask ("exec 7<" SG_INSIDE_SHARES "/ro/0/file"), "");
  pid = shell_process ();
  inside = sg_share_mount_inside (&mount, pid);
  ck_assert_uint_eq (inside->len, 1);
  ck_assert_uint_eq (sg_share_mounts_held (inside, pid), 1);
  ck_assert (sg_share_mounts_detach (mounts, &mount, NULL));
  gone = sg_share_mount_inside (&mount, pid);
  ck_assert_uint_eq (gone->len, 0);
  ck_assert_uint_eq (sg_share_mounts_held (inside, pid), 1);
  ck_assert_str_eq (ask ("exec 7<&-"), "");
  ck_assert_uint_eq (sg_share_mounts_held (inside, pid), 0);
}
END_TEST

/* The shell never closes its descriptors; of another folder it keeps them. */
START_TEST (what_is_held_is_let_go)
{
  SgShareMount mount = attach (folder, TRUE), other = attach (folder, FALSE);
  g_autoptr (GArray) inside = NULL, kept = NULL;
  pid_t pid;

  ck_assert_str_eq (ask ("exec 5<>" SG_INSIDE_SHARES "/rw/0/file 6<" SG_INSIDE_SHARES
                         "/rw/0 7<" SG_INSIDE_SHARES "/ro/0/file"),
                    "");
  pid = shell_process ();
  inside = sg_share_mount_inside (&mount, pid);
  kept = sg_share_mount_inside (&other, pid);
  ck_assert_uint_eq (sg_share_mounts_held (inside, pid), 2);
  ck_assert (sg_share_mounts_detach (mounts, &mount, NULL));
  ck_assert_str_eq (ask ("echo x >&5"), "");
  ck_assert_uint_eq (sg_share_revoke (inside, pid), 0);
  ck_assert_uint_eq (sg_share_mounts_held (inside, pid), 0);
  ck_assert_uint_eq (sg_share_mounts_held (kept, pid), 1);
  ck_assert_str_ne (ask ("echo y >&5"), "");
  ck_assert_ptr_nonnull (strstr (ask ("cat <&5"), "Bad file descriptor"));
  ck_assert_ptr_nonnull (strstr (ask ("ls /proc/$$/fd/6/"), "Not a directory"));
  ck_assert_str_eq (ask ("cat <&7"), "x\nllo");
}
END_TEST

/* --- a folder that does not answer */

/* What an exec() would take from us. */
static void
keep_mounting (void)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];

  if (syscall (SYS_capget, &header, data) < 0)
    return;
  data[0].inheritable = data[0].permitted;
  if (syscall (SYS_capset, &header, data) == 0)
    prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0);
}

static pid_t
start_between (const char *const *argv, int in, int out, int err)
{
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  keep_mounting ();
  dup2 (in, 0);
  dup2 (out, 1);
  dup2 (err, 2);
  execv (argv[0], (char *const *)argv);
  _exit (127);
}

typedef struct
{
  char *place; /* owned */
  pid_t index, server;
} Far;

/* A file system by another process over the folder.  FALSE: that cannot be had here. */
static gboolean
far_start (Far *far)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = g_path_get_dirname (self);
  g_autofree char *index = g_build_filename (dir, "..", "sandglass-share-index", NULL);
  g_autofree char *server = g_build_filename (dir, "..", "guest", "sandglass-share", NULL);
  const char *index_argv[] = { index, folder, NULL };
  const char *server_argv[] = { server, folder, far->place, "rw", NULL };
  int up[2], down[2], said[2];
  char words[100];
  ssize_t n;

  ck_assert_int_eq (pipe2 (up, O_CLOEXEC) | pipe2 (down, O_CLOEXEC) | pipe2 (said, O_CLOEXEC), 0);
  far->index = start_between (index_argv, up[0], down[1], 2);
  far->server = start_between (server_argv, down[0], up[1], said[1]);
  close (up[0]);
  close (up[1]);
  close (down[0]);
  close (down[1]);
  close (said[1]);
  n = read (said[0], words, sizeof words - 1);
  words[MAX (n, 0)] = '\0';
  close (said[0]);
  return g_str_has_prefix (words, "shown");
}

static void
far_end (Far *far)
{
  kill (far->server, SIGCONT);
  umount2 (far->place, MNT_DETACH);
  kill (far->server, SIGKILL);
  kill (far->index, SIGKILL);
  waitpid (far->server, NULL, 0);
  waitpid (far->index, NULL, 0);
  g_free (far->place);
}

/* The last close of a file waits for an answer; who serves must not. */
START_TEST (what_hangs_is_let_go)
{
  Far far = { .place = g_build_filename (top, "far", NULL) };
  g_autoptr (GArray) inside = NULL;
  SgShareMount mount;
  pid_t pid;

  ck_assert_int_eq (mkdir (far.place, 0700), 0);
  if (!far_start (&far))
    {
      far_end (&far);
      puts ("note: no file system of a program may be mounted here");
      return;
    }
  mount = attach (far.place, TRUE);
  ck_assert_str_eq (ask ("exec 5<>" SG_INSIDE_SHARES "/rw/0/file 6<" SG_INSIDE_SHARES
                         "/rw/0/file; read -r word <&6; echo \"$word\""),
                    "hello");
  pid = shell_process ();
  inside = sg_share_mount_inside (&mount, pid);
  ck_assert_uint_eq (sg_share_mounts_held (inside, pid), 2);
  kill (far.server, SIGSTOP);
  ck_assert (sg_share_mounts_detach (mounts, &mount, NULL));
  ck_assert_uint_eq (sg_share_revoke (inside, pid), 0);
  ck_assert_str_eq (ask ("echo alive"), "alive");
  far_end (&far);
}
END_TEST

/* Looks at the names FROM to UP_TO of a folder, which exist. */
static void
look_at (const Far *far, char dir, guint from, guint up_to)
{
  struct stat st;

  for (guint i = from; i < up_to; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%c/%u", far->place, dir, i);
      ck_assert_int_eq (stat (path, &st), 0);
    }
}

/* Who goes through the folders a and b has c, d and e read before they are asked for, through the
 * mount.  What serves that read and waits for the index can be killed all the same. */
START_TEST (who_shows_it_can_be_killed)
{
  Far far = { .place = g_build_filename (top, "far", NULL) };
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  gboolean ended = FALSE;

  for (char dir = 'a'; dir <= 'e'; dir++)
    for (guint i = 0; i < 60; i++)
      {
        g_autofree char *path = g_strdup_printf ("%s/%c", folder, dir);
        g_autofree char *name = g_strdup_printf ("%u", i);

        g_mkdir (path, 0700);
        put (path, name, "");
      }
  ck_assert_int_eq (mkdir (far.place, 0700), 0);
  if (!far_start (&far))
    {
      far_end (&far);
      puts ("note: no file system of a program may be mounted here");
      return;
    }
  look_at (&far, 'b', 0, 1);
  look_at (&far, 'a', 0, 10);
  g_usleep (200000);
  kill (far.index, SIGSTOP);
  look_at (&far, 'b', 1, 10);
  g_usleep (200000);
  kill (far.server, SIGKILL);
  while (!ended && g_get_monotonic_time () < deadline)
    {
      ended = waitpid (far.server, NULL, WNOHANG) == far.server;
      g_usleep (10000);
    }
  umount2 (far.place, MNT_FORCE); /* what waits for an answer has an error */
  umount2 (far.place, MNT_DETACH);
  kill (far.index, SIGKILL);
  waitpid (far.index, NULL, 0);
  g_free (far.place);
  ck_assert_msg (ended, "it cannot be killed");
}
END_TEST

START_TEST (the_source_is_found_in_mountinfo)
{
  static const char text[] = "21 1 0:20 / /proc rw,nosuid - proc proc rw\n"
                             "35 21 8:1 / /media/stick rw shared:4 - ext4 /dev/sdb1 rw\n"
                             "broken\n\n9 x\n";
  SgShareMount mount = { FALSE, 0, 35 };

  ck_assert (sg_share_mount_has_source (&mount, text));
  mount.source_id = 3;
  ck_assert (!sg_share_mount_has_source (&mount, text));
  ck_assert (!sg_share_mount_has_source (&mount, ""));
}
END_TEST

static char *
root_now (const SgShareMount *mount)
{
  g_autofree char *text = NULL;

  ck_assert (g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL));
  return sg_share_mount_root (mount, text);
}

START_TEST (a_name_that_changed_is_seen)
{
  SgShareMount mount = attach (folder, FALSE);
  g_autofree char *moved = g_strconcat (folder, "-moved", NULL);
  g_autofree char *file = g_build_filename (moved, "file", NULL);
  g_autofree char *before = NULL, *renamed = NULL, *deleted = NULL, *text = NULL;
  SgShareMount other = mount;

  ck_assert (g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL));
  before = sg_share_mount_root (&mount, text);
  ck_assert_ptr_nonnull (before);
  other.id = G_MAXUINT64;
  ck_assert_ptr_null (sg_share_mount_root (&other, text));
  other.id = 0;
  ck_assert_ptr_null (sg_share_mount_root (&other, text));
  ck_assert_ptr_null (sg_share_mount_root (&mount, "\nbroken\n9\n9 x\n"));
  ck_assert_int_eq (rename (folder, moved), 0);
  renamed = root_now (&mount);
  ck_assert_str_ne (before, renamed);
  ck_assert (!g_str_has_suffix (renamed, "//deleted"));
  g_unlink (file);
  ck_assert_int_eq (g_rmdir (moved), 0);
  deleted = root_now (&mount);
  ck_assert (g_str_has_suffix (deleted, "//deleted"));
}
END_TEST

/* --- what the person is told */

static guint n_told;
static char *last_told;

static void
told (const char *kind, const char *message, gpointer data)
{
  n_told++;
  g_free (last_told);
  last_told = g_strconcat (kind, ": ", message, NULL);
}

static SgShareWatch *
watched (const char *shown)
{
  n_told = 0;
  return sg_share_watch_new ("/a/b", g_strdup (shown), g_strdup ("/b"), told, NULL);
}

START_TEST (a_name_that_changed_is_told_once)
{
  SgShareWatch *watch = watched ("/");

  sg_share_watch_look (watch, "/b");
  sg_share_watch_look (watch, NULL);
  ck_assert_uint_eq (n_told, 0);
  sg_share_watch_look (watch, "/c");
  sg_share_watch_look (watch, "/c");
  ck_assert_uint_eq (n_told, 1);
  ck_assert (g_str_has_prefix (last_told, "share-moved: The folder '/a/b' was moved or renamed"));
  sg_share_watch_look (watch, "/c//deleted");
  sg_share_watch_look (watch, "/c//deleted");
  ck_assert_uint_eq (n_told, 2);
  ck_assert (g_str_has_prefix (last_told, "share-deleted: The folder '/a/b' was deleted"));
  sg_share_watch_free (watch);
}
END_TEST

static void
let_it_ask (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
}

/* A guest may say that a disk is full which is not; a full one is told once. */
START_TEST (a_full_disk_is_told)
{
  g_autofree char *small = g_build_filename (top, "small", NULL);
  g_autofree char *file = g_build_filename (small, "file", NULL);
  g_autofree char *bytes = g_malloc0 (1 << 20);
  SgShareWatch *watch;
  sg_fd int fd = -1;

  ck_assert_int_eq (mkdir (small, 0700), 0);
  ck_assert_int_eq (mount ("small", small, "tmpfs", 0, "size=2m"), 0);
  watch = watched (small);
  sg_share_watch_hear (watch, SG_SHARE_FULL);
  let_it_ask ();
  ck_assert_uint_eq (n_told, 0);
  fd = open (file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  while (write (fd, bytes, 1 << 20) > 0)
    ;
  for (guint i = 0; i < 3; i++)
    {
      sg_share_watch_hear (watch, SG_SHARE_FULL);
      let_it_ask ();
    }
  ck_assert_uint_eq (n_told, 1);
  ck_assert (g_str_has_prefix (last_told, "share-full: There is no room left"));
  sg_share_watch_free (watch);
  umount2 (small, MNT_DETACH);
}
END_TEST

/* Freed while it is asked, and what is said too often. */
START_TEST (much_that_is_said_is_told_once)
{
  SgShareWatch *watch = watched ("/");

  for (guint i = 0; i < 100; i++)
    {
      sg_share_watch_hear (watch, SG_SHARE_SLOW);
      sg_share_watch_hear (watch, SG_SHARE_QUOTA);
      sg_share_watch_hear (watch, SG_SHARE_FULL);
    }
  sg_share_watch_free (watch);
  let_it_ask ();
  ck_assert_uint_eq (n_told, 2);
}
END_TEST

/* --- the filter */

static void
load_filter (void)
{
  sg_fd int fd = sg_share_filter (NULL);
  static char program[65536];
  ssize_t n = read (fd, program, sizeof program);
  struct sock_fprog prog = { (unsigned short)((gsize)n / sizeof (struct sock_filter)),
                             (struct sock_filter *)(void *)program };

  if (fd < 0 || n <= 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
      || prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
    _exit (99);
}

/* Exits with the number of the first thing that is not as it should be. */
static void
try_all (void)
{
  int n = 0, fd;

#define REFUSED(call, number)                                                                      \
  do                                                                                               \
    {                                                                                              \
      n++;                                                                                         \
      errno = 0;                                                                                   \
      if ((call) >= 0 || errno != (number))                                                        \
        _exit (n);                                                                                 \
    }                                                                                              \
  while (0)
#define WORKS(call)                                                                                \
  do                                                                                               \
    {                                                                                              \
      n++;                                                                                         \
      if ((call) < 0)                                                                              \
        _exit (n);                                                                                 \
    }                                                                                              \
  while (0)
  load_filter ();
  WORKS (fd = open ("file", O_CREAT | O_RDWR, 0755));                 /* 1 */
  WORKS (chmod ("file", 01777));                                      /* 2 */
  WORKS (fchmod (fd, 0600));                                          /* 3 */
  REFUSED (chmod ("file", 04755), EPERM);                             /* 4 */
  REFUSED (chmod ("file", 02755), EPERM);                             /* 5 */
  REFUSED (chmod ("file", 06777), EPERM);                             /* 6 */
  REFUSED (fchmod (fd, 04000), EPERM);                                /* 7 */
  REFUSED (fchmodat (AT_FDCWD, "file", 02000, 0), EPERM);             /* 8 */
  REFUSED (open ("new", O_CREAT | O_RDWR, 04755), EPERM);             /* 9 */
  REFUSED (openat (AT_FDCWD, "new", O_CREAT | O_RDWR, 02755), EPERM); /* 10 */
  REFUSED (open (".", O_TMPFILE | O_RDWR, 04755), EPERM);             /* 11 */
  WORKS (
      syscall (SYS_openat, AT_FDCWD, "file", O_RDONLY, 06777)); /* 12: the mode is not looked at */
  REFUSED (creat ("new", 04755), EPERM);                        /* 13 */
  REFUSED (mkdir ("dir", 02755), EPERM);                        /* 14 */
  WORKS (mkdir ("dir", 0755));                                  /* 15 */
  REFUSED (mknod ("node", S_IFCHR | 0666, 0x103), EPERM);       /* 16 */
  REFUSED (mknod ("node", S_IFBLK | 0666, 0x800), EPERM);       /* 17 */
  REFUSED (mknod ("node", S_IFREG | 04755, 0), EPERM);          /* 18 */
  WORKS (mknod ("pipe", S_IFIFO | 0600, 0));                    /* 19 */
  REFUSED (syscall (SYS_io_uring_setup, 1, NULL), ENOSYS);      /* 20 */
  REFUSED (syscall (SYS_openat2, AT_FDCWD, "file", NULL, 0), ENOSYS);     /* 21 */
  REFUSED (syscall (__NR_fchmodat2, AT_FDCWD, "file", 04755, 0), ENOSYS); /* 22 */
  _exit (0);
}

START_TEST (no_bits_no_devices)
{
  g_autofree char *dir = g_dir_make_tmp ("share-filter-XXXXXX", NULL);
  const char *argv[] = { "rm", "-rf", dir, NULL };
  int status;
  pid_t pid = fork ();

  if (pid == 0)
    {
      if (chdir (dir) < 0)
        _exit (98);
      try_all ();
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 0, "step %d (status %d)",
                 WEXITSTATUS (status), status);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("share mount");
  TCase *tcase = tcase_create ("mount"), *filter = tcase_create ("filter");
  SRunner *runner = srunner_create (suite);
  int failed;

  walls = sg_namespace_enter () ? 0 : errno;
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, a_folder_comes_and_goes);
  tcase_add_test (tcase, links_lead_nowhere);
  tcase_add_test (tcase, what_is_covered_is_empty);
  tcase_add_test (tcase, a_swapped_cover_is_refused);
  tcase_add_test (tcase, slots_end_and_come_back);
  tcase_add_test (tcase, what_is_held_is_counted);
  tcase_add_test (tcase, a_file_is_lent_alone);
  tcase_add_test (tcase, what_is_held_is_let_go);
  tcase_add_test (tcase, what_hangs_is_let_go);
  tcase_add_test (tcase, who_shows_it_can_be_killed);
  tcase_add_test (tcase, a_name_that_changed_is_seen);
  tcase_add_test (tcase, a_full_disk_is_told);
  tcase_add_test (filter, a_name_that_changed_is_told_once);
  tcase_add_test (filter, much_that_is_said_is_told_once);
  tcase_add_test (filter, the_source_is_found_in_mountinfo);
  tcase_add_test (filter, no_bits_no_devices);
  if (walls == 0)
    suite_add_tcase (suite, tcase);
  else
    puts ("note: this computer allows no user namespace, so no folder was mounted");
  suite_add_tcase (suite, filter);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
