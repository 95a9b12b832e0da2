/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/share-guest.h"

#include "launcher/inside-run.h"

#include <string.h>

/* Finding the new device and loading its driver takes seconds under emulation. */
#define MOUNT_SEC 60
#define UNMOUNT_SEC 10

/* Mounts all slots of a kind, once.
 *
 * cache=mmap: nothing that the host changes is shown stale, and files can be mapped for writing;
 * access=any: the server has one user, so one attachment; the rights that are checked are those of
 * the files.  The folder that all shares come through is root's alone. */
/* clang-format off */
#define MOUNT_ALL \
      "set -u\n" \
      "all=/run/sandglass/shares root=/run/sandglass/shares/$1 place=$3\n" \
      "say () { echo \"$1\" >&2; exit 1; }\n" \
      "mkdir -p \"$root\" && chmod 0700 \"$all\"\n" \
      "if ! mountpoint -q \"$root\"; then\n" \
      "  modprobe -q -a 9pnet_virtio 9p\n" \
      "  n=0\n" \
      "  until said=$(mount -t 9p -o " \
      "trans=virtio,version=9p2000.L,msize=512000,cache=mmap,access=any,nosuid,nodev,$1 \"$4\" " \
      "\"$root\" 2>&1); do\n" \
      "    n=$((n + 1)); [ $n -lt 200 ] || say \"${said##*: }\"\n" \
      "    sleep 0.1\n" \
      "  done\n" \
      "fi\n"
/* clang-format on */

/* $1 ro or rw, $2 slot, $3 place, $4 the device's tag. */
static const char mount_script[]
    = MOUNT_ALL
      "make () {\n"
      "  [ ! -d \"$1\" ] || return 0\n"
      "  [ ! -e \"$1\" ] && [ ! -L \"$1\" ] || say 'there is a file of that name'\n"
      "  above=${1%/*}\n"
      "  make \"${above:-/}\"\n"
      "  above=${1%/*}\n"
      "  mkdir \"$1\" && chown --reference=\"${above:-/}\" \"$1\" || exit 1\n"
      "}\n"
      "[ -d \"$place\" ] || new=yes\n"
      "make \"$place\"\n"
      "! mountpoint -q \"$place\" || say 'something is mounted there'\n"
      "[ -z \"$(ls -A \"$place\")\" ] || say 'there are files there'\n"
      /* private: what is laid over it is not laid over the slot */
      "mount --bind \"$root/$2\" \"$place\" && mount --make-private \"$place\" || exit 1\n"
      "[ \"$1\" = rw ] || mount -o remount,bind,ro \"$place\" || exit 1\n"
      "[ -z \"${new:-}\" ] || : >\"$all/$1-$2-new\"\n";

/* $1 ro or rw, $2 slot, $3 place, $4 the same as in mountinfo.
 *
 * Where the folder does not answer, a look at its place may not come back, nor does who shows it
 * end: the view's connection is cut (fusectl), so that those who wait for it do not wait for ever.
 */
static const char unmount_script[]
    = "all=/run/sandglass/shares state=/run/sandglass/shares/$1-$2-state\n"
      "cut () {\n"
      "  control=/sys/fs/fuse/connections\n"
      "  [ -e $control/$1/abort ] || mount -t fusectl fusectl $control 2>/dev/null\n"
      "  echo 1 >$control/$1/abort\n"
      "}\n"
      "rm -f $state\n"
      "(umount \"$3\"; echo $? >$state) >/dev/null 2>&1 &\n"
      "n=0\n"
      "until [ -s $state ] || [ $n = 40 ]; do sleep 0.1; n=$((n + 1)); done\n"
      "hangs=\n"
      "if [ ! -s $state ]; then\n"
      "  hangs=yes\n"
      "  while read -r id parent device root at rest; do\n"
      "    case $at:$rest in \"$4\":*fuse.sandglass-share*) cut ${device#*:} ;; esac\n"
      "  done </proc/self/mountinfo\n"
      "  umount -l -c \"$3\" 2>/dev/null; umount -l -c \"$3\" 2>/dev/null\n"
      "elif [ \"$(cat $state)\" != 0 ]; then\n"
      "  umount -l \"$3\" || exit 1\n"
      "fi\n"
      "rm -f $state\n"
      /* where a view was laid over it */
      "[ -n \"$hangs\" ] || umount \"$3\" 2>/dev/null || umount -l \"$3\" 2>/dev/null\n"
      "[ ! -e \"$all/$1-$2-new\" ] || rmdir \"$3\" 2>/dev/null\n"
      "rm -f \"$all/$1-$2-new\"\n";

/* As mount_script. */
static const char lend_script[]
    = MOUNT_ALL
      "mkdir -p -m 0755 \"${place%/*}\" && : >\"$place\" || exit 1\n"
      "mount --bind \"$root/$2/file\" \"$place\" && mount -o remount,bind,ro \"$place\" && exit 0\n"
      "umount -l \"$place\" 2>/dev/null; rm -f \"$place\"; exit 1\n";

/* $1 place; -c: a file that does not answer is not looked at. */
static const char end_loan_script[] = "umount -l -c \"$1\" && rm -f \"$1\"\n";

/* As the kernel spells a path in its list of mounts; free with g_free(). */
static char *
in_mountinfo (const char *path)
{
  GString *spelt = g_string_new (NULL);

  for (; *path != '\0'; path++)
    if (strchr (" \t\n\\", *path) != NULL)
      g_string_append_printf (spelt, "\\%03o", (unsigned)(unsigned char)*path);
    else
      g_string_append_c (spelt, *path);
  return g_string_free (spelt, FALSE);
}

char *
sg_share_guest_below (gboolean writable, guint slot)
{
  return g_strdup_printf ("/run/sandglass/shares/%s/%u", writable ? "rw" : "ro", slot);
}

void
sg_share_guest_mount_async (SgAgent *agent, const char *tag, gboolean writable, guint slot,
                            const char *place, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *number = g_strdup_printf ("%u", slot);
  const char *argv[]
      = { "sh", "-c", mount_script, "share", writable ? "rw" : "ro", number, place, tag, NULL };

  sg_inside_run_async (agent, argv, MOUNT_SEC, cancellable, callback, data);
}

void
sg_share_guest_unmount_async (SgAgent *agent, gboolean writable, guint slot, const char *place,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data)
{
  g_autofree char *number = g_strdup_printf ("%u", slot);
  g_autofree char *spelt = in_mountinfo (place);
  const char *argv[]
      = { "sh", "-c", unmount_script, "share", writable ? "rw" : "ro", number, place, spelt, NULL };

  sg_inside_run_async (agent, argv, UNMOUNT_SEC, cancellable, callback, data);
}

void
sg_share_guest_lend_async (SgAgent *agent, const char *tag, guint slot, const char *place,
                           GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *number = g_strdup_printf ("%u", slot);
  const char *argv[] = { "sh", "-c", lend_script, "share", "ro", number, place, tag, NULL };

  sg_inside_run_async (agent, argv, MOUNT_SEC, NULL, callback, data);
}

void
sg_share_guest_end_loan_async (SgAgent *agent, const char *place, GAsyncReadyCallback callback,
                               gpointer data)
{
  const char *argv[] = { "sh", "-c", end_loan_script, "share", place, NULL };

  sg_inside_run_async (agent, argv, UNMOUNT_SEC, NULL, callback, data);
}

gboolean
sg_share_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  return sg_inside_run_finish (agent, result, error);
}
