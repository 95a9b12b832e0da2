/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policies/hosts.h"

#include <gio/gio.h>
#include <string.h>

#define NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63

static gboolean
plain_name (const char *name)
{
  gsize label = 0, len = strlen (name);

  if (len == 0 || len > NAME_MAX_LEN)
    return FALSE;
  for (const char *p = name;; p++)
    {
      if (*p == '.' || *p == '\0')
        {
          if (label == 0 || label > LABEL_MAX_LEN || p[-1] == '-')
            return FALSE;
          label = 0;
          if (*p == '\0')
            return TRUE;
          continue;
        }
      if (!g_ascii_isalnum (*p) && *p != '_' && (*p != '-' || label == 0))
        return FALSE;
      label++;
    }
}

/* GLib takes what is behind the slash for 0, everything there is, where it is too large. */
static gboolean
has_good_length (const char *text)
{
  const char *slash = strchr (text, '/');
  guint64 most = strchr (text, ':') != NULL ? 128 : 32;

  return slash == NULL || g_ascii_string_to_unsigned (slash + 1, 10, 0, most, NULL, NULL);
}

/* An address or prefix in its shortest spelling, or NULL. */
static char *
numeric (const char *text)
{
  g_autoptr (GInetAddressMask) mask = NULL;

  if (text[strspn (text, "0123456789abcdefABCDEF.:/")] != '\0' || !has_good_length (text))
    return NULL;
  mask = g_inet_address_mask_new_from_string (text, NULL);
  return mask != NULL ? g_inet_address_mask_to_string (mask) : NULL;
}

char *
sg_host_normalise (const char *text)
{
  g_autofree char *number = numeric (text);
  gboolean below = g_str_has_prefix (text, "*.");
  g_autofree char *ascii = NULL, *lower = NULL;

  if (number != NULL)
    return g_steal_pointer (&number);
  if (strlen (text) > 4 * NAME_MAX_LEN)
    return NULL;
  ascii = g_hostname_to_ascii (below ? text + 2 : text);
  if (ascii == NULL)
    return NULL;
  lower = g_ascii_strdown (ascii, -1);
  if (g_str_has_suffix (lower, "."))
    lower[strlen (lower) - 1] = '\0';
  /* "1.2.3" or "10.0.0.300" would be a mistaken address rather than a name. */
  if (!plain_name (lower) || lower[strspn (lower, "0123456789.")] == '\0')
    return NULL;
  return g_strconcat (below ? "*." : "", lower, NULL);
}

gboolean
sg_host_is_network (const char *host)
{
  return sg_host_network_bits (host) > 0 || g_str_has_suffix (host, "/0");
}

guint
sg_host_network_bits (const char *host)
{
  g_autofree char *number = numeric (host);
  g_autoptr (GInetAddressMask) mask
      = number != NULL ? g_inet_address_mask_new_from_string (number, NULL) : NULL;

  return mask != NULL ? g_inet_address_mask_get_length (mask) : 0;
}

typedef struct
{
  const char *text;
  GInetAddressMask *mask; /* of an address or prefix; NULL: a name */
} Host;

static Host *
parse (char *const *list, guint *ret_n)
{
  guint n = g_strv_length ((char **)list);
  Host *hosts = g_new0 (Host, n + 1);

  for (guint i = 0; i < n; i++)
    {
      gboolean digits = list[i][strspn (list[i], "0123456789abcdef.:/")] == '\0';

      hosts[i].text = list[i];
      hosts[i].mask = digits ? g_inet_address_mask_new_from_string (list[i], NULL) : NULL;
    }
  *ret_n = n;
  return hosts;
}

static void
parsed_free (Host *hosts, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_object (&hosts[i].mask);
  g_free (hosts);
}

static gboolean
within (const Host *a, const Host *b)
{
  if (a->mask != NULL && b->mask != NULL)
    return g_inet_address_mask_get_family (a->mask) == g_inet_address_mask_get_family (b->mask)
           && g_inet_address_mask_get_length (a->mask) >= g_inet_address_mask_get_length (b->mask)
           && g_inet_address_mask_matches (b->mask, g_inet_address_mask_get_address (a->mask));
  if (a->mask != NULL || b->mask != NULL)
    return FALSE;
  if (strcmp (a->text, b->text) == 0)
    return TRUE;
  /* "*.b": the name, or everything below a name, that ends in ".b" */
  return b->text[0] == '*' && g_str_has_suffix (a->text, b->text + 1)
         && !(a->text[0] == '*' && strlen (a->text) < strlen (b->text));
}

char **
sg_hosts_intersect (char *const *a, char *const *b)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_a, n_b;
  Host *of_a = parse (a, &n_a), *of_b = parse (b, &n_b);

  for (guint i = 0; i < n_a + n_b; i++)
    {
      const Host *one = i < n_a ? &of_a[i] : &of_b[i - n_a];
      const Host *other = i < n_a ? of_b : of_a;
      guint n = i < n_a ? n_b : n_a;
      gboolean inside = FALSE;

      for (guint j = 0; j < n && !inside; j++)
        inside = within (one, &other[j]);
      if (inside && g_hash_table_add (seen, (gpointer)one->text))
        g_ptr_array_add (out, g_strdup (one->text));
    }
  parsed_free (of_a, n_a);
  parsed_free (of_b, n_b);
  g_ptr_array_add (out, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&out), FALSE);
}
