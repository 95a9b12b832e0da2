/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/usb-device.h"

#include <glib/gi18n.h>

/* Universal Serial Bus Specification 2.0, chapter 9.6. */
#define TYPE_DEVICE 1
#define TYPE_INTERFACE 4
#define DEVICE_LENGTH 18
#define INTERFACE_LENGTH 9
/* Device classes that only say "look at the interfaces". */
#define CLASS_BY_INTERFACE 0x00
#define CLASS_MISCELLANEOUS 0xef

static void
add_class (SgUsbDevice *device, guint8 class)
{
  device->classes[class / 64] |= (guint64)1 << (class % 64);
}

gboolean
sg_usb_device_has (const SgUsbDevice *device, guint8 class)
{
  return (device->classes[class / 64] >> (class % 64) & 1) != 0;
}

gboolean
sg_usb_device_parse (SgUsbDevice *device, const guint8 *bytes, gsize length, GError **error)
{
  gsize at, n_interfaces = 0;

  *device = (SgUsbDevice){ 0 };
  if (length < DEVICE_LENGTH || bytes[0] != DEVICE_LENGTH || bytes[1] != TYPE_DEVICE)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "The device does not say what it is");
      return FALSE;
    }
  device->vendor = (guint16)(bytes[8] | bytes[9] << 8);
  device->product = (guint16)(bytes[10] | bytes[11] << 8);
  if (bytes[4] != CLASS_BY_INTERFACE && bytes[4] != CLASS_MISCELLANEOUS)
    add_class (device, bytes[4]);
  for (at = DEVICE_LENGTH; at + 2 <= length && bytes[at] >= 2 && bytes[at] <= length - at;
       at += bytes[at])
    if (bytes[at + 1] == TYPE_INTERFACE && bytes[at] >= INTERFACE_LENGTH)
      {
        add_class (device, bytes[at + 5]);
        n_interfaces++;
      }
  /* A rest that cannot be read may hold an interface. */
  if (at == length && n_interfaces > 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "The device does not say completely what it is");
  return FALSE;
}

const char *
sg_usb_device_kind (const SgUsbDevice *device)
{
  /* What it mostly is, first. */
  static const struct
  {
    guint8 class;
    const char *kind;
  } kinds[] = {
    { SG_USB_CLASS_HUB, N_ ("Hub") },
    { SG_USB_CLASS_VIDEO, N_ ("Camera") },
    { SG_USB_CLASS_PRINTER, N_ ("Printer") },
    { 0x06, N_ ("Photo camera or phone") },
    { SG_USB_CLASS_STORAGE, N_ ("Storage") },
    { SG_USB_CLASS_SMART_CARD, N_ ("Smart card reader") },
    { SG_USB_CLASS_AUDIO, N_ ("Sound") },
    { 0xe0, N_ ("Wireless") },
    { SG_USB_CLASS_HID, N_ ("Keyboard, mouse or the like") },
    { 0x02, N_ ("Modem, serial or network") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (sg_usb_device_has (device, kinds[i].class))
      return kinds[i].kind;
  return N_ ("Other");
}

/* Whether it is something else than sound or pictures. */
static gboolean
has_others (const SgUsbDevice *device)
{
  for (guint class = 0; class < 256; class ++)
    if (class != SG_USB_CLASS_AUDIO && class != SG_USB_CLASS_VIDEO
        && sg_usb_device_has (device, (guint8) class))
      return TRUE;
  return FALSE;
}

const char *
sg_usb_device_why_not (const SgUsbDevice *device, const SgUsbGrants *grants)
{
  if (!grants->usb && !grants->camera)
    return N_ ("USB devices are not granted to this sandbox.");
  if (sg_usb_device_has (device, SG_USB_CLASS_HUB))
    return N_ ("A hub stays with this computer; what is plugged into it can be given.");
  if (sg_usb_device_has (device, SG_USB_CLASS_VIDEO) && !grants->camera)
    return N_ ("It is a camera, and the camera is not granted to this sandbox.");
  if (sg_usb_device_has (device, SG_USB_CLASS_AUDIO) && !grants->microphone)
    return N_ ("It can listen, and the microphone is not granted to this sandbox.");
  if (has_others (device) && !grants->usb)
    return sg_usb_device_has (device, SG_USB_CLASS_VIDEO)
               ? N_ ("It is more than a camera, and only cameras are granted to this sandbox.")
               : N_ ("It is no camera, and only cameras are granted to this sandbox.");
  if (!has_others (device) && !sg_usb_device_has (device, SG_USB_CLASS_VIDEO) && !grants->usb)
    return N_ ("It is no camera, and only cameras are granted to this sandbox.");
  return NULL;
}

static gboolean
is_granted (guint8 class, const SgUsbGrants *grants)
{
  switch (class)
    {
    case SG_USB_CLASS_HUB:
      return FALSE;
    case SG_USB_CLASS_AUDIO:
      return grants->microphone && (grants->usb || grants->camera);
    case SG_USB_CLASS_VIDEO:
      return grants->camera;
    default:
      return grants->usb;
    }
}

/* A rule is CLASS:VENDOR:PRODUCT:VERSION:ALLOW, -1 stands for any; the first that fits decides
 * (usbredirfilter.h).  A device that was a disk when it was looked at does not become a keyboard.
 */
char *
sg_usb_filter (const SgUsbGrants *grants, const SgUsbDevice *device)
{
  GString *rules = g_string_new (NULL);

  if (device == NULL)
    g_string_printf (rules, "0x09:-1:-1:-1:0|0x01:-1:-1:-1:%d|0x0e:-1:-1:-1:%d|",
                     is_granted (SG_USB_CLASS_AUDIO, grants),
                     is_granted (SG_USB_CLASS_VIDEO, grants));
  for (guint class = 0; device != NULL && class < 256; class ++)
    if (sg_usb_device_has (device, (guint8) class) && is_granted ((guint8) class, grants))
      g_string_append_printf (rules, "0x%02x:0x%04x:0x%04x:-1:1|", class, device->vendor,
                              device->product);
  g_string_append_printf (rules, "-1:-1:-1:-1:%d", device == NULL && grants->usb);
  return g_string_free (rules, FALSE);
}
