/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which package of which distribution brings what.  The distribution is recognised by
 * os-release(5): ID first, then each word of ID_LIKE. */
#include "launcher/doctor-internal.h"

typedef enum
{
  APT,
  DNF,
  PACMAN,
  ZYPPER,
  N_MANAGERS
} Manager;

static const char *const commands[N_MANAGERS]
    = { "sudo apt install", "sudo dnf install", "sudo pacman -S", "sudo zypper install" };

static const struct
{
  const char *id;
  Manager manager;
} families[] = {
  { "debian", APT },
  { "ubuntu", APT },
  { "fedora", DNF },
  { "rhel", DNF },
  { "centos", DNF },
  { "arch", PACMAN },
  { "archlinux", PACMAN },
  { "suse", ZYPPER },
  { "opensuse", ZYPPER },
  { "opensuse-leap", ZYPPER },
  { "opensuse-tumbleweed", ZYPPER },
};

static const struct
{
  const char *tool;
  const char *packages[N_MANAGERS];
} table[] = {
  { "qemu", { "qemu-system-x86", "qemu-system-x86-core", "qemu-system-x86", "qemu-x86" } },
  /* Debian 12 has it in qemu-system-common; from Debian 13 on it is a package of its own. */
  { "qemu-spice",
    { "qemu-system-modules-spice", "qemu-ui-spice-core qemu-audio-spice qemu-char-spice",
      "qemu-ui-spice-core qemu-audio-spice qemu-chardev-spice",
      "qemu-ui-spice-core qemu-audio-spice qemu-chardev-spice" } },
  { "qemu-display",
    { "qemu-system-common", "qemu-device-display-virtio-vga qemu-device-display-virtio-gpu",
      "qemu-hw-display-virtio-vga qemu-hw-display-virtio-gpu",
      "qemu-hw-display-virtio-vga qemu-hw-display-virtio-gpu" } },
  /* Debian 13 has a package of its own for it. */
  { "qemu-gl",
    { "qemu-system-gui", "qemu-device-display-virtio-vga-gl qemu-ui-egl-headless",
      "qemu-hw-display-virtio-vga-gl qemu-hw-display-virtio-gpu-gl qemu-ui-egl-headless",
      "qemu-hw-display-virtio-vga qemu-hw-display-virtio-gpu qemu-ui-opengl" } },
  { "nbdkit", { "nbdkit", "nbdkit", "nbdkit", "nbdkit" } },
  { "bubblewrap", { "bubblewrap", "bubblewrap", "bubblewrap", "bubblewrap" } },
  { "kernel", { "linux-image-amd64", "kernel-core kernel-modules", "linux", "kernel-default" } },
  { "mke2fs", { "e2fsprogs", "e2fsprogs", "e2fsprogs", "e2fsprogs" } },
  { "xorg",
    { "xserver-xorg-core xserver-xorg-input-libinput", "xorg-x11-server-Xorg xorg-x11-drv-libinput",
      "xorg-server xf86-input-libinput", "xorg-x11-server xf86-input-libinput" } },
  { "window-manager", { "openbox", "openbox", "openbox", "openbox" } },
  { "vdagent", { "spice-vdagent", "spice-vdagent", "spice-vdagent", "spice-vdagent" } },
};

static Manager
find_family (const char *ids)
{
  g_auto (GStrv) words = g_strsplit (ids, " ", -1);

  for (char **word = words; *word != NULL; word++)
    for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
      if (g_str_equal (families[i].id, *word))
        return families[i].manager;
  return N_MANAGERS;
}

/* os-release is shell assignments; a key file's parser reads it once it has a group. */
static Manager
find_manager (const SgDoctorHost *host)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = sg_host_read (host, "/etc/os-release");
  g_autofree char *grouped = NULL;
  static const char *const keys[] = { "ID", "ID_LIKE" };

  if (text == NULL)
    text = sg_host_read (host, "/usr/lib/os-release");
  grouped = g_strconcat ("[os]\n", text, NULL);
  if (!g_key_file_load_from_data (file, grouped, (gsize)-1, G_KEY_FILE_NONE, NULL))
    return N_MANAGERS;
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *value = g_key_file_get_string (file, "os", keys[i], NULL);
      g_autofree char *bare = g_shell_unquote (value != NULL ? value : "", NULL);
      Manager manager = bare != NULL ? find_family (bare) : N_MANAGERS;

      if (manager != N_MANAGERS)
        return manager;
    }
  return N_MANAGERS;
}

static gboolean
is_debian_12 (const SgDoctorHost *host)
{
  g_autofree char *version = sg_host_read (host, "/etc/debian_version");

  return version != NULL && g_str_has_prefix (version, "12");
}

char *
sg_host_install (const SgDoctorHost *host, const char *tool)
{
  Manager manager = find_manager (host);

  if (manager == N_MANAGERS)
    return NULL;
  if (manager == APT && g_str_equal (tool, "qemu-spice") && is_debian_12 (host))
    tool = "qemu-display";
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].tool, tool))
      return g_strdup_printf ("%s %s", commands[manager], table[i].packages[manager]);
  return NULL;
}
