/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/share-guest.h"

#include "launcher/inside-run.h"

/* Finding the new device and loading its driver takes seconds under emulation. */
#define MOUNT_SEC 60
#define UNMOUNT_SEC 10

/* $1 ro or rw, $2 slot, $3 place, $4 the device's tag.
 *
 * cache=mmap: nothing that the host changes is shown stale, and files can be mapped for writing;
 * access=any: the server has one user, so one attachment; the rights that are checked are those of
 * the files.  The folder that all shares come through is root's alone. */
static const char mount_script[]
    = "set -u\n"
      "all=/run/sandglass/shares root=/run/sandglass/shares/$1 place=$3\n"
      "say () { echo \"$1\" >&2; exit 1; }\n"
      "make () {\n"
      "  [ ! -d \"$1\" ] || return 0\n"
      "  [ ! -e \"$1\" ] && [ ! -L \"$1\" ] || say 'there is a file of that name'\n"
      "  above=${1%/*}\n"
      "  make \"${above:-/}\"\n"
      "  above=${1%/*}\n"
      "  mkdir \"$1\" && chown --reference=\"${above:-/}\" \"$1\" || exit 1\n"
      "}\n"
      "mkdir -p \"$root\" && chmod 0700 \"$all\"\n"
      "if ! mountpoint -q \"$root\"; then\n"
      "  modprobe -q -a 9pnet_virtio 9p\n"
      "  n=0\n"
      "  until said=$(mount -t 9p -o "
      "trans=virtio,version=9p2000.L,msize=512000,cache=mmap,access=any,nosuid,nodev,$1 \"$4\" "
      "\"$root\" 2>&1); do\n"
      "    n=$((n + 1)); [ $n -lt 200 ] || say \"${said##*: }\"\n"
      "    sleep 0.1\n"
      "  done\n"
      "fi\n"
      "[ -d \"$place\" ] || new=yes\n"
      "make \"$place\"\n"
      "! mountpoint -q \"$place\" || say 'something is mounted there'\n"
      "[ -z \"$(ls -A \"$place\")\" ] || say 'there are files there'\n"
      /* private: what is laid over it is not laid over the slot */
      "mount --bind \"$root/$2\" \"$place\" && mount --make-private \"$place\" || exit 1\n"
      "[ \"$1\" = rw ] || mount -o remount,bind,ro \"$place\" || exit 1\n"
      "[ -z \"${new:-}\" ] || : >\"$all/$1-$2-new\"\n";

static const char unmount_script[] = "all=/run/sandglass/shares\n"
                                     "umount \"$3\" 2>/dev/null || umount -l \"$3\" || exit 1\n"
                                     /* where a view was laid over it */
                                     "umount \"$3\" 2>/dev/null || umount -l \"$3\" 2>/dev/null\n"
                                     "[ ! -e \"$all/$1-$2-new\" ] || rmdir \"$3\" 2>/dev/null\n"
                                     "rm -f \"$all/$1-$2-new\"\n";

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
  const char *argv[]
      = { "sh", "-c", unmount_script, "share", writable ? "rw" : "ro", number, place, NULL };

  sg_inside_run_async (agent, argv, UNMOUNT_SEC, cancellable, callback, data);
}

gboolean
sg_share_guest_finish (SgAgent *agent, GAsyncResult *result, GError **error)
{
  return sg_inside_run_finish (agent, result, error);
}
