/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/names.h"
#include "launcher/netgate/flows.h"
#include "launcher/netgate/rules.h"

#define NAME_MAX_LEN 253
#define NONE G_MAXUINT32

typedef struct
{
  SgAddress address;
  char *name; /* owned; NULL: the slot is free */
  gint64 expiry;
  guint32 next; /* in its bucket, newest first */
} Entry;

struct _SgNames
{
  Entry *entries;
  guint32 *buckets;
  guint32 max, count, at, bucket_mask;
  guint8 key[16];
};

SgNames *
sg_names_new (guint32 max, const guint8 key[16])
{
  SgNames *names = g_new0 (SgNames, 1);
  guint32 buckets = 16;

  while (buckets < max)
    buckets *= 2;
  names->entries = g_new0 (Entry, max);
  names->buckets = g_new (guint32, buckets);
  memset (names->buckets, 0xff, buckets * sizeof *names->buckets);
  names->bucket_mask = buckets - 1;
  names->max = max;
  memcpy (names->key, key, sizeof names->key);
  return names;
}

void
sg_names_free (SgNames *names)
{
  for (guint32 i = 0; i < names->max; i++)
    g_free (names->entries[i].name);
  g_free (names->entries);
  g_free (names->buckets);
  g_free (names);
}

static guint32 *
bucket_of (const SgNames *names, const SgAddress *address)
{
  return &names->buckets[sg_siphash (names->key, address, sizeof *address) & names->bucket_mask];
}

static void
unlink_entry (SgNames *names, guint32 index)
{
  guint32 *at = bucket_of (names, &names->entries[index].address);

  while (*at != index)
    at = &names->entries[*at].next;
  *at = names->entries[index].next;
}

static void
link_entry (SgNames *names, guint32 index)
{
  guint32 *bucket = bucket_of (names, &names->entries[index].address);

  names->entries[index].next = *bucket;
  *bucket = index;
}

static guint32
find (const SgNames *names, const SgAddress *address, const char *name)
{
  guint32 i = *bucket_of (names, address);

  while (i != NONE
         && !(sg_address_equal (&names->entries[i].address, address)
              && (name == NULL || strcmp (names->entries[i].name, name) == 0)))
    i = names->entries[i].next;
  return i;
}

void
sg_names_learn (SgNames *names, const SgAddress *address, const char *name, gint64 expiry)
{
  guint32 index = find (names, address, name);

  if (strlen (name) > NAME_MAX_LEN)
    return;
  if (index != NONE)
    {
      Entry *entry = &names->entries[index];

      entry->expiry = MAX (entry->expiry, expiry);
      unlink_entry (names, index);
      link_entry (names, index);
      return;
    }
  index = names->at;
  names->at = (names->at + 1) % names->max;
  if (names->entries[index].name != NULL)
    {
      unlink_entry (names, index);
      g_free (names->entries[index].name);
      names->count--;
    }
  names->entries[index] = (Entry){ *address, g_strdup (name), expiry, NONE };
  names->count++;
  link_entry (names, index);
}

const char *
sg_names_latest (const SgNames *names, const SgAddress *address)
{
  guint32 index = find (names, address, NULL);

  return index == NONE ? NULL : names->entries[index].name;
}

const char *
sg_names_listed (const SgNames *names, const SgAddress *address, char *const *list, gint64 now)
{
  for (guint32 i = *bucket_of (names, address); i != NONE; i = names->entries[i].next)
    {
      const Entry *entry = &names->entries[i];

      if (entry->expiry > now && sg_address_equal (&entry->address, address)
          && sg_gate_name_listed (list, entry->name))
        return entry->name;
    }
  return NULL;
}
