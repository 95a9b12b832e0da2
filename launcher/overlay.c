/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container is LUKS1, as QEMU's luks driver wants it.  libcryptsetup writes its header, because
 * it can be told not to measure this computer's speed first: the passphrase is 32 random bytes, so
 * the key derivation adds nothing, and the least number of iterations will do.  (QEMU itself would
 * measure for two seconds.)
 *
 * The file is given its final length at once, a hole; "sg-cap" is exactly that long.  So the cap is
 * QEMU's own arithmetic: a write beyond it is ENOSPC inside QEMU, whatever the host's disk does.
 *
 * Nothing is ever flushed to the host's disk on the guest's behalf: after a crash of the host
 * nobody can read it anyway. */
#include "launcher/overlay.h"

#include "common/fd.h"
#include "launcher/overlay-place.h"

#include <errno.h>
#include <libcryptsetup.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define KEY_BYTES 32
#define VOLUME_KEY_BYTES 64      /* AES-256 in XTS */
#define HEADER_ROOM (4ull << 20) /* more than a LUKS1 header takes */
#define GRANULE (64ull << 10)
#define OVERLAY_FDSET 100
#define LAYER_FDSET 101

struct SgOverlay
{
  SgOverlayPlace place;
  guint64 cap;
  char key[sizeof SG_QMP_SECRET]; /* base64; empty once forgotten */
};

/* --- making -------------------------------------------------------------------------------------
 */

static gboolean
make_key (SgOverlay *overlay, GError **error)
{
  guint8 bytes[KEY_BYTES];
  char *text;

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    return sg_errno (error, "Cannot get a random key");
  text = g_base64_encode (bytes, sizeof bytes);
  g_assert (strlen (text) == sizeof overlay->key - 1);
  memcpy (overlay->key, text, sizeof overlay->key);
  explicit_bzero (text, strlen (text));
  explicit_bzero (bytes, sizeof bytes);
  g_free (text);
  return TRUE;
}

/* libcryptsetup's words, the last error of them. */
static void
on_log (int level, const char *message, void *data)
{
  char **words = data;

  if (level == CRYPT_LOG_ERROR)
    {
      g_free (*words);
      *words = g_strchomp (g_strdup (message));
    }
}

static int
write_header (struct crypt_device *device, const char *key, size_t length)
{
  static const struct crypt_pbkdf_type kdf = { .type = CRYPT_KDF_PBKDF2,
                                               .hash = "sha256",
                                               .iterations = 1000,
                                               .flags = CRYPT_PBKDF_NO_BENCHMARK };
  struct crypt_params_luks1 params = { .hash = "sha256" };
  int r = crypt_set_pbkdf_type (device, &kdf);

  crypt_set_rng_type (device, CRYPT_RNG_URANDOM);
  if (r >= 0)
    r = crypt_format (device, CRYPT_LUKS1, "aes", "xts-plain64", NULL, NULL, VOLUME_KEY_BYTES,
                      &params);
  if (r >= 0)
    r = crypt_keyslot_add_by_volume_key (device, 0, NULL, 0, key, length);
  return r;
}

/* *ret_offset: where the encrypted bytes begin. */
static gboolean
format (SgOverlay *overlay, guint64 *ret_offset, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", overlay->place.fd);
  g_autofree char *words = NULL;
  struct crypt_device *device = NULL;
  int r;

  if (ftruncate (overlay->place.fd, HEADER_ROOM) < 0)
    return sg_errno (error, "Cannot size the sandbox's disk");
  r = crypt_init (&device, path);
  if (r >= 0)
    {
      crypt_set_log_callback (device, on_log, &words);
      r = write_header (device, overlay->key, strlen (overlay->key));
      *ret_offset = crypt_get_data_offset (device) * 512;
      crypt_free (device);
    }
  if (r >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (-r),
               "Cannot encrypt the sandbox's disk: %s", words != NULL ? words : g_strerror (-r));
  return FALSE;
}

SgOverlay *
sg_overlay_new (guint64 wanted, GError **error)
{
  const char *places[] = { g_get_user_cache_dir (), "/var/tmp", NULL };
  g_autoptr (SgOverlay) overlay = g_new0 (SgOverlay, 1);
  guint64 offset = 0;

  overlay->place.fd = -1;
  if (!sg_overlay_place_find (places, SG_OVERLAY_LEAST + HEADER_ROOM, &overlay->place, error)
      || !make_key (overlay, error) || !format (overlay, &offset, error))
    return NULL;
  overlay->cap = MIN (wanted, overlay->place.room - HEADER_ROOM) / GRANULE * GRANULE;
  if (ftruncate (overlay->place.fd, (off_t)(offset + overlay->cap)) < 0)
    {
      sg_errno (error, "Cannot size the sandbox's disk");
      return NULL;
    }
  return g_steal_pointer (&overlay);
}

void
sg_overlay_free (SgOverlay *overlay)
{
  if (overlay == NULL)
    return;
  sg_overlay_forget_key (overlay);
  sg_overlay_place_clear (&overlay->place);
  g_free (overlay);
}

static void
make_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  SgOverlay *overlay = sg_overlay_new (*(guint64 *)data, &error);

  if (overlay != NULL)
    g_task_return_pointer (task, overlay, (GDestroyNotify)sg_overlay_free);
  else
    g_task_return_error (task, error);
}

void
sg_overlay_new_async (guint64 wanted, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, sg_overlay_new_async);
  g_task_set_task_data (task, g_memdup2 (&wanted, sizeof wanted), g_free);
  g_task_run_in_thread (task, make_in_thread);
}

SgOverlay *
sg_overlay_new_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- looking ------------------------------------------------------------------------------------
 */

guint64
sg_overlay_used (const SgOverlay *overlay)
{
  struct stat st;

  return fstat (overlay->place.fd, &st) == 0 ? (guint64)st.st_blocks * 512 : 0;
}

guint64
sg_overlay_free_space (const SgOverlay *overlay)
{
  struct statvfs fs;

  if (overlay->place.memory || fstatvfs (overlay->place.fd, &fs) < 0)
    return G_MAXUINT64;
  return (guint64)fs.f_bavail * fs.f_frsize;
}

int
sg_overlay_fd (const SgOverlay *overlay)
{
  return overlay->place.fd;
}

const char *
sg_overlay_memory_notice (const SgOverlay *overlay)
{
  return overlay->place.notice;
}

void
sg_overlay_forget_key (SgOverlay *overlay)
{
  explicit_bzero (overlay->key, sizeof overlay->key);
}

/* --- attaching ----------------------------------------------------------------------------------
 */

static void
add_layer (SgQmpSteps *steps, guint i, const SgOverlayLayer *layer)
{
  g_autofree char *name = g_strdup_printf ("sg-layer%u", i);
  g_autofree char *file = g_strdup_printf ("sg-layer%u-file", i);
  g_autofree char *below = i > 0 ? g_strdup_printf ("sg-layer%u", i - 1) : NULL;
  g_autofree char *path = g_strdup_printf ("/dev/fdset/%u", LAYER_FDSET + i);

  sg_qmp_steps_call_fd (steps, "add-fd", sg_qmp_args ("{'fdset-id': <%u>}", LAYER_FDSET + i),
                        layer->fd);
  sg_qmp_steps_call (steps, "blockdev-add",
                     sg_qmp_args ("{'driver': <'file'>, 'node-name': <%s>, 'filename': <%s>, "
                                  "'read-only': <true>, 'locking': <'off'>}",
                                  file, path));
  if (below != NULL)
    sg_qmp_steps_call (steps, "blockdev-add",
                       sg_qmp_args ("{'driver': <%s>, 'node-name': <%s>, 'file': <%s>, "
                                    "'read-only': <true>, 'backing': <%s>}",
                                    layer->format, name, file, below));
  else
    sg_qmp_steps_call (steps, "blockdev-add",
                       sg_qmp_args ("{'driver': <%s>, 'node-name': <%s>, 'file': <%s>, "
                                    "'read-only': <true>}",
                                    layer->format, name, file));
}

/* The nameless file, decrypted and capped: node "sg-cap". */
static void
add_container (SgQmpSteps *steps, SgOverlay *overlay)
{
  g_autofree char *path = g_strdup_printf ("/dev/fdset/%u", OVERLAY_FDSET);

  sg_qmp_steps_call_fd (steps, "add-fd", sg_qmp_args ("{'fdset-id': <%u>}", OVERLAY_FDSET),
                        overlay->place.fd);
  sg_qmp_steps_call_secret (steps, "object-add",
                            sg_qmp_args ("{'qom-type': <'secret'>, 'id': <'sg-key'>, "
                                         "'data': <%s>}",
                                         SG_QMP_SECRET),
                            overlay->key);
  sg_qmp_steps_call (steps, "blockdev-add",
                     sg_qmp_args ("{'driver': <'file'>, 'node-name': <'sg-file'>, "
                                  "'filename': <%s>, 'locking': <'off'>, "
                                  "'cache': <{'no-flush': <true>}>}",
                                  path));
  sg_qmp_steps_call (steps, "blockdev-add",
                     sg_qmp_args ("{'driver': <'luks'>, 'node-name': <'sg-luks'>, "
                                  "'file': <'sg-file'>, 'key-secret': <'sg-key'>}"));
  sg_qmp_steps_call (steps, "object-del", sg_qmp_args ("{'id': <'sg-key'>}"));
  sg_qmp_steps_call (steps, "blockdev-add",
                     sg_qmp_args ("{'driver': <'raw'>, 'node-name': <'sg-cap'>, "
                                  "'file': <'sg-luks'>, 'size': <%t>}",
                                  overlay->cap));
}

static void
add_layers (SgQmpSteps *steps, const SgOverlayLayer *layers, guint n_layers)
{
  for (guint i = 0; i < n_layers; i++)
    add_layer (steps, i, &layers[i]);
}

/* The qcow2 in NODE, over the uppermost of the layers, becomes the guest's disk. */
static void
put_in_place (SgQmpSteps *steps, const char *node, guint n_layers)
{
  g_autofree char *below = g_strdup_printf ("sg-layer%u", n_layers - 1);

  sg_qmp_steps_call (steps, "blockdev-add",
                     sg_qmp_args ("{'driver': <'qcow2'>, 'node-name': <'sg-top'>, 'file': <%s>, "
                                  "'backing': <%s>, 'discard': <'unmap'>, "
                                  "'cache': <{'no-flush': <true>}>}",
                                  node, below));
  sg_qmp_steps_call (steps, "blockdev-reopen",
                     sg_qmp_args ("{'options': <[{'driver': <'raw'>, 'node-name': <%s>, "
                                  "'file': <'sg-top'>, 'discard': <'unmap'>}]>}",
                                  SG_OVERLAY_DISK_NODE));
}

SgQmpSteps *
sg_overlay_attach_over (const char *node, const SgOverlayLayer *layers, guint n_layers,
                        guint64 size)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  add_layers (steps, layers, n_layers);
  sg_qmp_steps_create (
      steps, sg_qmp_args ("{'driver': <'qcow2'>, 'file': <%s>, 'size': <%t>}", node, size));
  put_in_place (steps, node, n_layers);
  return steps;
}

SgQmpSteps *
sg_overlay_attach (SgOverlay *overlay, const SgOverlayLayer *layers, guint n_layers, guint64 size)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  add_container (steps, overlay);
  sg_qmp_steps_append (steps, sg_overlay_attach_over ("sg-cap", layers, n_layers, size));
  return steps;
}

SgQmpSteps *
sg_overlay_attach_again (SgOverlay *overlay, const SgOverlayLayer *layers, guint n_layers)
{
  SgQmpSteps *steps = sg_qmp_steps_new ();

  add_container (steps, overlay);
  add_layers (steps, layers, n_layers);
  put_in_place (steps, "sg-cap", n_layers);
  return steps;
}

/* --- trouble ------------------------------------------------------------------------------------
 */

/* A host disk with less than this left is what stopped the machine, not the cap. */
#define HOST_FULL_BELOW (64ull << 20)

SgOverlayTrouble
sg_overlay_trouble (const SgOverlay *overlay, const char *event, JsonObject *data)
{
  if (!g_str_equal (event, "BLOCK_IO_ERROR"))
    return SG_OVERLAY_NO_TROUBLE;
  if (!g_str_equal (sg_qmp_string (data, "action"), "stop"))
    return SG_OVERLAY_NO_TROUBLE;
  if (!sg_qmp_boolean (data, "nospace"))
    return SG_OVERLAY_BROKEN;
  return sg_overlay_free_space (overlay) < HOST_FULL_BELOW ? SG_OVERLAY_HOST_FULL
                                                           : SG_OVERLAY_CAP_REACHED;
}
