/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names are the devices' own words: made one short printable line before anybody sees them. */
#include "launcher/usb-list.h"

#include "common/fd.h"
#include "common/report.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define DEVICES "sys/bus/usb/devices"
#define NAME_MOST 80          /* characters */
#define USB_MAJOR 189         /* Documentation/admin-guide/devices.txt */
#define DEVICES_OF_A_BUS 128u /* minors */

void
sg_usb_found_free (SgUsbFound *found)
{
  if (found == NULL)
    return;
  g_free (found->port);
  g_free (found->name);
  g_free (found->node);
  g_free (found->at);
  g_free (found->mounted);
  g_free (found);
}

char *
sg_usb_at (dev_t number)
{
  if (major (number) != USB_MAJOR)
    return NULL;
  return g_strdup_printf ("%03u/%03u", minor (number) / DEVICES_OF_A_BUS + 1,
                          minor (number) % DEVICES_OF_A_BUS + 1);
}

/* --- one device ---------------------------------------------------------------------------------
 */

/* A file of sysfs, its text without the end; "" where there is none.  Free with g_free(). */
static char *
fact (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_strstrip (text) : g_strdup ("");
}

static char *
short_line (const char *text)
{
  g_autofree char *safe = sg_printable_line (text);

  if (g_utf8_strlen (safe, -1) <= NAME_MOST)
    return g_steal_pointer (&safe);
  return g_utf8_substring (safe, 0, NAME_MOST);
}

static char *
name_of (const char *dir)
{
  g_autofree char *maker = fact (dir, "manufacturer"), *product = fact (dir, "product");
  g_autofree char *vendor_id = fact (dir, "idVendor"), *product_id = fact (dir, "idProduct");
  g_autofree char *both = NULL;

  if (*product == '\0')
    both = g_strdup_printf ("%s%s%s:%s", maker, *maker != '\0' ? " " : "", vendor_id, product_id);
  else if (*maker == '\0' || g_str_has_prefix (product, maker))
    both = g_strdup (product);
  else
    both = g_strdup_printf ("%s %s", maker, product);
  return short_line (both);
}

static gboolean
parse (SgUsbFound *found, const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "descriptors", NULL), *bytes = NULL;
  gsize length;

  return g_file_get_contents (path, &bytes, &length, NULL) && length <= SG_USB_DESCRIPTORS_MOST
         && sg_usb_device_parse (&found->device, (const guint8 *)bytes, length, NULL);
}

/* --- disks in it --------------------------------------------------------------------------------
 */

static gboolean
has_entries (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GDir) entries = g_dir_open (path, 0, NULL);

  return entries != NULL && g_dir_read_name (entries) != NULL;
}

/* The third field of a line of mountinfo is the device's number. */
static gboolean
is_mounted (const char *mountinfo, const char *number)
{
  g_autofree char *field = g_strdup_printf (" %s ", number);

  return *number != '\0' && strstr (mountinfo, field) != NULL;
}

/* A disk below DEVICE (a real path) that is mounted, or that something else lies on. */
static char *
disk_in_use (const char *root, const char *device)
{
  g_autofree char *class = g_build_filename (root, "sys/class/block", NULL);
  g_autofree char *mounts_path = g_build_filename (root, "proc/self/mountinfo", NULL);
  g_autofree char *mounts = NULL, *below = g_strconcat (device, "/", NULL);
  g_autoptr (GDir) blocks = g_dir_open (class, 0, NULL);
  const char *name;

  if (blocks == NULL || !g_file_get_contents (mounts_path, &mounts, NULL, NULL))
    return NULL;
  while ((name = g_dir_read_name (blocks)) != NULL)
    {
      g_autofree char *link = g_build_filename (class, name, NULL);
      char *real = realpath (link, NULL);
      gboolean used = FALSE;

      if (real != NULL && g_str_has_prefix (real, below))
        {
          g_autofree char *number = fact (real, "dev");
          used = is_mounted (mounts, number) || has_entries (real, "holders");
        }
      free (real);
      if (used)
        return g_strdup (name);
    }
  return NULL;
}

/* --- all ----------------------------------------------------------------------------------------
 */

static SgUsbFound *
look_at (const char *root, const char *port)
{
  g_autofree char *link = g_build_filename (root, DEVICES, port, NULL);
  g_autofree char *bus = fact (link, "busnum"), *number = fact (link, "devnum");
  guint64 b = g_ascii_strtoull (bus, NULL, 10), n = g_ascii_strtoull (number, NULL, 10);
  SgUsbFound *found;
  char *real;

  if (b == 0 || b > 999 || n == 0 || n > DEVICES_OF_A_BUS)
    return NULL;
  found = g_new0 (SgUsbFound, 1);
  real = realpath (link, NULL);
  found->port = g_strdup (port);
  found->name = name_of (link);
  found->at = g_strdup_printf ("%03u/%03u", (guint)b, (guint)n);
  found->node = g_build_filename (root, "dev/bus/usb", found->at, NULL);
  found->known = parse (found, link);
  found->mounted = real != NULL ? disk_in_use (root, real) : NULL;
  free (real);
  return found;
}

static int
by_port (gconstpointer a, gconstpointer b)
{
  const SgUsbFound *const *left = a, *const *right = b;

  return strcmp ((*left)->port, (*right)->port);
}

GPtrArray *
sg_usb_list (const char *root)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)sg_usb_found_free);
  g_autofree char *path = g_build_filename (root, DEVICES, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      /* "usb1" is a controller, "1-2:1.0" an interface. */
      g_autoptr (SgUsbFound) found
          = g_ascii_isdigit (*name) && strchr (name, ':') == NULL ? look_at (root, name) : NULL;

      if (found != NULL && !(found->known && sg_usb_device_has (&found->device, SG_USB_CLASS_HUB)))
        g_ptr_array_add (list, g_steal_pointer (&found));
    }
  g_ptr_array_sort (list, by_port);
  return list;
}

const SgUsbFound *
sg_usb_find (GPtrArray *list, const char *word, GError **error)
{
  for (guint i = 0; i < list->len; i++)
    {
      const SgUsbFound *found = list->pdata[i];

      if (g_str_equal (found->port, word) || g_str_equal (found->at, word))
        return found;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "There is no USB device '%s' on this computer", word);
  return NULL;
}
