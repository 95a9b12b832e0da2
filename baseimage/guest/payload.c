/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In order: the host's own start-up goes (units), then ours comes (tables), then what depends on
 * what the host has (the bus, sudo, the home directory). */
#include "baseimage/guest/payload-internal.h"

#include "baseimage/guest/administrators.h"
#include "common/paths.h"

#include <string.h>
#include <sys/stat.h>

#define HOME "/home/sandbox"

/* A file of the tree again, in another directory and with its owner; its contents stay linked. */
static gboolean
copy_file (SgTree *tree, const SgNode *from, SgNode *into, GError **error)
{
  SgInode *inode = sg_tree_inode (tree);

  *inode = *from->inode;
  inode->nlink = 0;
  inode->uid = into->inode->uid;
  inode->gid = into->inode->gid;
  if (inode->data != NULL)
    g_bytes_ref (inode->data);
  return sg_tree_add (tree, into, from->name, inode, error) != NULL;
}

/* A home like that of any new user of this computer: /etc/skel. */
static gboolean
add_home (SgTree *tree, const SgGuestFacts *facts, GError **error)
{
  SgNode *home = sg_tree_put_dir (tree, HOME, 0750, facts->user_uid, facts->user_gid);
  SgNode *skeleton = sg_tree_lookup (tree, "/etc/skel");

  for (guint i = 0; skeleton != NULL && i < skeleton->n_children; i++)
    {
      const SgNode *from = skeleton->children[i];

      if (S_ISREG (from->inode->mode) && sg_tree_child (home, from->name) == NULL
          && !copy_file (tree, from, home, error))
        return FALSE;
    }
  return TRUE;
}

/* What may be started over the system bus; what serves the host's own life (NetworkManager, package
 * and firmware daemons, logins) may not.  dbus.conf puts this directory in the place of the host's.
 */
static gboolean
add_bus_services (SgTree *tree, GError **error)
{
  static const char *const allowed[] = {
    "org.freedesktop.PolicyKit1.service", /* programs ask it for rights */
    "org.freedesktop.hostname1.service",  /* settings programs read the computer's name */
    "org.freedesktop.locale1.service",    /* ... and the keyboard */
    "org.freedesktop.timedate1.service",  /* ... and the time zone */
  };
  SgNode *ours = sg_tree_put_dir (tree, "/usr/lib/sandglass/bus-services", 0755, 0, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      g_autofree char *path
          = g_build_filename ("/usr/share/dbus-1/system-services", allowed[i], NULL);
      SgNode *service = sg_tree_lookup (tree, path);

      if (service != NULL && S_ISREG (service->inode->mode)
          && !copy_file (tree, service, ours, error))
        return FALSE;
    }
  return TRUE;
}

/* The host's sudo, told that the user may; where there is none that works, ours. */
static gboolean
add_sudo (SgTree *tree, const char *guest, GError **error)
{
  static const char rule[] = "# The sandbox's user may do everything: it is thrown away.\n"
                             "sandbox ALL=(ALL:ALL) NOPASSWD: ALL\n";
  SgNode *sudo = sg_tree_lookup (tree, "/usr/bin/sudo");
  g_autofree char *ours = NULL;
  g_autofree char *data = NULL;
  gsize len;

  sg_tree_put_file (tree, SG_GUEST_SUDO_RULE, 0440, 0, 0, rule, sizeof rule - 1);
  if (sudo != NULL && S_ISREG (sudo->inode->mode) && (sudo->inode->mode & S_ISUID) != 0
      && (sudo->inode->mode & S_IROTH) != 0 /* Fedora's: its contents would be an error inside */
      && sg_tree_lookup (tree, "/etc/sudoers") != NULL)
    return TRUE;
  ours = g_build_filename (guest, "sandglass-sudo", NULL);
  if (!g_file_get_contents (ours, &data, &len, error))
    return FALSE;
  sg_tree_put_file (tree, "/usr/bin/sudo", 04755, 0, 0, data, len);
  return TRUE;
}

gboolean
sg_guest_payload_add (SgTree *tree, const SgGuestFacts *facts, GError **error)
{
  g_autofree char *guest = sg_paths_guest (error);
  g_autoptr (GHashTable) allowed = NULL;

  if (guest == NULL)
    return FALSE;
  allowed = sg_payload_units_read (guest, error);
  if (allowed == NULL)
    return FALSE;
  sg_payload_units (tree, allowed);
  return sg_payload_tables (tree, facts, guest, error) && add_bus_services (tree, error)
         && add_home (tree, facts, error) && add_sudo (tree, guest, error);
}
