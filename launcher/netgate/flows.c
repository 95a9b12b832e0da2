/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/flows.h"

#define EXPIRE_BATCH 256

typedef struct
{
  guint32 newest, oldest;
} List;

struct _SgFlows
{
  SgFlow *flows;
  guint32 *buckets;
  guint32 max, count, bucket_mask;
  guint32 free; /* a list through SgFlow.next */
  guint32 last; /* the one that was found last: packets of one flow come in a row */
  List lists[2];
  guint8 key[16];
};

G_STATIC_ASSERT (sizeof (SgFlowKey) == 24);

/* --- SipHash, as its authors' paper has it
 * --------------------------------------------------------- */

#define ROTATE(x, b) (guint64) (((x) << (b)) | ((x) >> (64 - (b))))

static inline void
sip_round (guint64 v[4])
{
  v[0] += v[1];
  v[1] = ROTATE (v[1], 13) ^ v[0];
  v[0] = ROTATE (v[0], 32);
  v[2] += v[3];
  v[3] = ROTATE (v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = ROTATE (v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = ROTATE (v[1], 17) ^ v[2];
  v[2] = ROTATE (v[2], 32);
}

static inline void
sip_word (guint64 v[4], guint64 word)
{
  v[3] ^= word;
  sip_round (v);
  sip_round (v);
  v[0] ^= word;
}

static inline guint64
load64 (const guint8 *p)
{
  guint64 value;

  memcpy (&value, p, 8);
  return GUINT64_FROM_LE (value);
}

guint64
sg_siphash (const guint8 key[16], const void *data, gsize len)
{
  guint64 k0 = load64 (key), k1 = load64 (key + 8), last = (guint64)len << 56;
  guint64 v[4] = { k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
                   k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL };
  const guint8 *p = data;

  for (gsize i = 0; i < len / 8; i++, p += 8)
    sip_word (v, load64 (p));
  for (gsize i = 0; i < len % 8; i++)
    last |= (guint64)p[i] << (8 * i);
  sip_word (v, last);
  v[2] ^= 0xff;
  for (int i = 0; i < 4; i++)
    sip_round (v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* --- the table
 * ------------------------------------------------------------------------------------- */

SgFlows *
sg_flows_new (guint32 max, const guint8 key[16])
{
  SgFlows *flows = g_new0 (SgFlows, 1);
  guint32 buckets = 16;

  flows->max = MAX (max, 16);
  while (buckets < flows->max)
    buckets *= 2;
  flows->flows = g_new0 (SgFlow, flows->max);
  flows->buckets = g_new (guint32, buckets);
  memset (flows->buckets, 0xff, buckets * sizeof *flows->buckets);
  flows->bucket_mask = buckets - 1;
  memcpy (flows->key, key, sizeof flows->key);
  for (guint32 i = 0; i < flows->max; i++)
    flows->flows[i].next = i + 1 < flows->max ? i + 1 : SG_FLOW_NONE;
  memset (flows->lists, 0xff, sizeof flows->lists);
  return flows;
}

void
sg_flows_free (SgFlows *flows)
{
  g_free (flows->flows);
  g_free (flows->buckets);
  g_free (flows);
}

static guint32 *
bucket_of (SgFlows *flows, const SgFlowKey *key)
{
  return &flows->buckets[sg_siphash (flows->key, key, sizeof *key) & flows->bucket_mask];
}

SgFlow *
sg_flows_find (SgFlows *flows, const SgFlowKey *key)
{
  /* A free one's protocol is zero, which no key's is. */
  if (memcmp (&flows->flows[flows->last].key, key, sizeof *key) == 0)
    return &flows->flows[flows->last];
  for (guint32 i = *bucket_of (flows, key); i != SG_FLOW_NONE; i = flows->flows[i].next)
    if (memcmp (&flows->flows[i].key, key, sizeof *key) == 0)
      {
        flows->last = i;
        return &flows->flows[i];
      }
  return NULL;
}

static void
unlink_from_list (SgFlows *flows, SgFlow *flow)
{
  List *list = &flows->lists[flow->class];

  *(flow->newer == SG_FLOW_NONE ? &list->newest : &flows->flows[flow->newer].older) = flow->older;
  *(flow->older == SG_FLOW_NONE ? &list->oldest : &flows->flows[flow->older].newer) = flow->newer;
}

static void
link_as_newest (SgFlows *flows, SgFlow *flow)
{
  List *list = &flows->lists[flow->class];
  guint32 index = (guint32)(flow - flows->flows);

  flow->newer = SG_FLOW_NONE;
  flow->older = list->newest;
  *(list->newest == SG_FLOW_NONE ? &list->oldest : &flows->flows[list->newest].newer) = index;
  list->newest = index;
}

SgFlow *
sg_flows_add (SgFlows *flows, const SgFlowKey *key, guint32 now, SgFlowGone gone, gpointer data)
{
  guint32 *bucket, index;
  SgFlow *flow;

  if (flows->count == flows->max)
    {
      guint32 oldest = flows->lists[SG_FLOW_BRIEF].oldest;

      if (oldest == SG_FLOW_NONE)
        oldest = flows->lists[SG_FLOW_LASTING].oldest;
      sg_flows_remove (flows, &flows->flows[oldest], gone, data);
    }
  index = flows->free;
  flow = &flows->flows[index];
  flows->free = flow->next;
  flows->count++;
  memset (flow, 0, sizeof *flow);
  flow->key = *key;
  flow->last_used = now;
  flow->record = SG_FLOW_NONE;
  flow->class = SG_FLOW_BRIEF;
  bucket = bucket_of (flows, key);
  flow->next = *bucket;
  *bucket = index;
  link_as_newest (flows, flow);
  return flow;
}

void
sg_flows_touch (SgFlows *flows, SgFlow *flow, SgFlowClass class, guint32 now)
{
  flow->last_used = now;
  if (flow->class == class && flow->newer == SG_FLOW_NONE)
    return;
  unlink_from_list (flows, flow);
  flow->class = class;
  link_as_newest (flows, flow);
}

void
sg_flows_remove (SgFlows *flows, SgFlow *flow, SgFlowGone gone, gpointer data)
{
  guint32 index = (guint32)(flow - flows->flows), *at = bucket_of (flows, &flow->key);

  if (gone != NULL)
    gone (flow, data);
  while (*at != index)
    at = &flows->flows[*at].next;
  *at = flow->next;
  unlink_from_list (flows, flow);
  flow->next = flows->free;
  flows->free = index;
  flow->key.protocol = 0; /* free */
  flows->count--;
}

void
sg_flows_expire (SgFlows *flows, guint32 now, guint32 brief_seconds, guint32 lasting_seconds,
                 SgFlowGone gone, gpointer data)
{
  const guint32 limits[2] = { brief_seconds, lasting_seconds };

  for (int class = 0; class < 2; class ++)
    for (int i = 0; i < EXPIRE_BATCH; i++)
      {
        guint32 oldest = flows->lists[class].oldest;

        if (oldest == SG_FLOW_NONE || now - flows->flows[oldest].last_used <= limits[class])
          break;
        sg_flows_remove (flows, &flows->flows[oldest], gone, data);
      }
}

guint32
sg_flows_count (const SgFlows *flows)
{
  return flows->count;
}

void
sg_flows_foreach (SgFlows *flows, void (*each) (SgFlow *flow, gpointer data), gpointer data)
{
  for (guint32 i = 0; i < flows->max; i++)
    if (flows->flows[i].key.protocol != 0)
      each (&flows->flows[i], data);
}
