/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/records.h"
#include "launcher/netgate/flows.h"

#define NONE G_MAXUINT32
#define NAME_MAX_LEN 255

struct _SgRecords
{
  SgRecord *records; /* [0] is for all that find no room */
  guint32 *buckets;
  guint32 max, count, bucket_mask;
  guint8 key[16];
};

SgRecords *
sg_records_new (guint32 max, const guint8 key[16])
{
  SgRecords *records = g_new0 (SgRecords, 1);
  guint32 buckets = 16;

  while (buckets < max)
    buckets *= 2;
  records->records = g_new0 (SgRecord, max);
  records->buckets = g_new (guint32, buckets);
  memset (records->buckets, 0xff, buckets * sizeof *records->buckets);
  records->bucket_mask = buckets - 1;
  records->max = max;
  memcpy (records->key, key, sizeof records->key);
  records->records[SG_RECORD_OTHERS].name = g_strdup ("others");
  records->count = 1;
  return records;
}

void
sg_records_free (SgRecords *records)
{
  for (guint32 i = 0; i < records->count; i++)
    g_free (records->records[i].name);
  g_free (records->records);
  g_free (records->buckets);
  g_free (records);
}

static guint32 *
bucket_of (SgRecords *records, const SgAddress *address, const char *name)
{
  guint64 hash = sg_siphash (records->key, address, sizeof *address)
                 ^ sg_siphash (records->key, name, strlen (name));

  return &records->buckets[hash & records->bucket_mask];
}

guint32
sg_records_for (SgRecords *records, const SgAddress *address, const char *name, gint64 now)
{
  g_autofree char *shortened = NULL;
  guint32 *bucket, i;

  if (name == NULL)
    name = "";
  else if (strlen (name) > NAME_MAX_LEN)
    name = shortened = g_strndup (name, NAME_MAX_LEN);
  bucket = bucket_of (records, address, name);
  for (i = *bucket; i != NONE; i = records->records[i].next)
    if (sg_address_equal (&records->records[i].address, address)
        && strcmp (records->records[i].name, name) == 0)
      break;
  if (i == NONE && records->count < records->max)
    {
      i = records->count++;
      records->records[i] = (SgRecord){
        .address = *address, .name = g_strdup (name), .first = now, .next = *bucket
      };
      *bucket = i;
    }
  else if (i == NONE)
    i = SG_RECORD_OTHERS;
  if (records->records[i].first == 0)
    records->records[i].first = now;
  records->records[i].last = now;
  return i;
}

SgRecord *
sg_records_get (SgRecords *records, guint32 index)
{
  return &records->records[index];
}

guint32
sg_records_count (const SgRecords *records)
{
  return records->count;
}
