/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/netgate/pcap.h"

#include "common/fd.h"

#define BUFFER (128 * 1024)
#define LIMIT_DEFAULT (1024ULL * 1024 * 1024)
#define SNAPLEN 262144
#define LINKTYPE_ETHERNET 1

struct _SgPcap
{
  int fd;
  guint64 left;
  gboolean ended;
  gsize used;
  guint8 buffer[BUFFER];
};

SgPcap *
sg_pcap_new (int fd, guint64 limit)
{
  /* In this machine's byte order: the magic number tells. */
  const struct
  {
    guint32 magic;
    guint16 major, minor;
    guint32 zone, accuracy, longest, link_type;
  } header = { 0xa1b2c3d4, 2, 4, 0, 0, SNAPLEN, LINKTYPE_ETHERNET };
  SgPcap *pcap = g_new (SgPcap, 1);

  pcap->fd = fd;
  pcap->left = limit != 0 ? limit : LIMIT_DEFAULT;
  pcap->ended = pcap->left < sizeof header;
  pcap->used = 0;
  if (!pcap->ended)
    {
      memcpy (pcap->buffer, &header, sizeof header);
      pcap->used = sizeof header;
      pcap->left -= sizeof header;
    }
  return pcap;
}

void
sg_pcap_free (SgPcap *pcap)
{
  sg_pcap_flush (pcap);
  sg_fd_clear (&pcap->fd);
  g_free (pcap);
}

void
sg_pcap_add (SgPcap *pcap, const guint8 *frame, gsize len, gint64 realtime)
{
  const guint32 header[4] = { (guint32)(realtime / G_USEC_PER_SEC),
                              (guint32)(realtime % G_USEC_PER_SEC), (guint32)len, (guint32)len };

  if (pcap->ended)
    return;
  if (sizeof header + len > pcap->left)
    {
      pcap->ended = TRUE;
      return;
    }
  if (pcap->used + sizeof header + len > BUFFER && !sg_pcap_flush (pcap))
    return;
  memcpy (pcap->buffer + pcap->used, header, sizeof header);
  memcpy (pcap->buffer + pcap->used + sizeof header, frame, len);
  pcap->used += sizeof header + len;
  pcap->left -= sizeof header + len;
}

gsize
sg_pcap_pending (const SgPcap *pcap)
{
  return pcap->used;
}

gboolean
sg_pcap_flush (SgPcap *pcap)
{
  gsize used = pcap->used;

  pcap->used = 0;
  if (used > 0 && !sg_write_all (pcap->fd, pcap->buffer, used, NULL))
    {
      pcap->ended = TRUE;
      pcap->left = 0;
    }
  return !pcap->ended;
}
