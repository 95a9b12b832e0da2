/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nbdkit plugin: one read-only export, the virtual disk of a base.
 *
 *   nbdkit -f -s nbdkit-sandglass-plugin.so base=DIR [root=/] [notice-fd=N]
 *
 * nbdkit checks each request against the size before it calls; serve.c checks again. */
#include "baseimage/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

/* The plugin's settings and its one disk: nbdkit's callbacks carry no other place for them. */
static struct
{
  char *base;
  char *root;
  int notice_fd;
  SgDisk *disk;
} plugin_state = { .notice_fd = -1 };

static void
plugin_unload (void)
{
  sg_disk_free (plugin_state.disk);
  free (plugin_state.base);
  free (plugin_state.root);
}

static int
set_path (char **where, const char *value)
{
  free (*where);
  *where = nbdkit_realpath (value);
  return *where != NULL ? 0 : -1;
}

static int
set_notice_fd (const char *value)
{
  if (nbdkit_parse_int ("notice-fd", value, &plugin_state.notice_fd) < 0)
    return -1;
  if (plugin_state.notice_fd < 3 || fcntl (plugin_state.notice_fd, F_GETFD) < 0)
    {
      nbdkit_error ("notice-fd=%s is not an open descriptor above 2", value);
      return -1;
    }
  return 0;
}

static int
plugin_config (const char *key, const char *value)
{
  if (strcmp (key, "base") == 0)
    return set_path (&plugin_state.base, value);
  if (strcmp (key, "root") == 0)
    return set_path (&plugin_state.root, value);
  if (strcmp (key, "notice-fd") == 0)
    return set_notice_fd (value);
  nbdkit_error ("unknown parameter '%s'", key);
  return -1;
}

static int
plugin_config_complete (void)
{
  if (plugin_state.base != NULL)
    return 0;
  nbdkit_error ("the parameter base=DIR is missing");
  return -1;
}

static int
plugin_get_ready (void)
{
  g_autoptr (GError) error = NULL;
  const char *root = plugin_state.root != NULL ? plugin_state.root : "/";

  plugin_state.disk = sg_disk_open (plugin_state.base, root, plugin_state.notice_fd, &error);
  if (plugin_state.disk != NULL)
    return 0;
  nbdkit_error ("%s", error->message);
  return -1;
}

static void *
plugin_open (int readonly)
{
  return plugin_state.disk;
}

static int64_t
plugin_get_size (void *handle)
{
  return (int64_t)sg_disk_size (handle);
}

static int
plugin_can_multi_conn (void *handle)
{
  return 1;
}

static int
plugin_block_size (void *handle, uint32_t *minimum, uint32_t *preferred, uint32_t *maximum)
{
  *minimum = 1;
  *preferred = 4096;
  *maximum = 0xffffffff;
  return 0;
}

static int
plugin_pread (void *handle, void *buf, uint32_t count, uint64_t offset, uint32_t flags)
{
  g_autoptr (GError) error = NULL;
  gboolean first_time = FALSE;

  if (sg_disk_read (handle, buf, count, offset, &first_time, &error))
    return 0;
  /* A guest asks again and again: one line per file is enough. */
  if (first_time)
    nbdkit_error ("%s", error->message);
  else
    nbdkit_debug ("%s", error->message);
  nbdkit_set_error (EIO);
  return -1;
}

static struct nbdkit_plugin plugin = {
  .name = "sandglass",
  .version = SG_VERSION,
  .longname = "Sandglass base",
  .description = "A read-only disk whose contents are files of this computer",
  .unload = plugin_unload,
  .config = plugin_config,
  .config_complete = plugin_config_complete,
  .config_help = "base=<DIR>      (required) The base, as `sandglass base build` made it.\n"
                 "root=<DIR>      The tree that it was made from (default /).\n"
                 "notice-fd=<N>   Descriptor for notices about changed files.",
  .get_ready = plugin_get_ready,
  .open = plugin_open,
  .get_size = plugin_get_size,
  .can_multi_conn = plugin_can_multi_conn,
  .block_size = plugin_block_size,
  .pread = plugin_pread,
};

NBDKIT_REGISTER_PLUGIN (plugin)
