/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes frames as a pcap file (the classic format, Ethernet, microseconds) to a descriptor. */
#pragma once

#include <glib.h>

typedef struct _SgPcap SgPcap;

/* Takes FD over; writes at most LIMIT bytes (0: 1 GiB). */
SgPcap *sg_pcap_new (int fd, guint64 limit);
void sg_pcap_free (SgPcap *pcap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgPcap, sg_pcap_free)

/* Adds a frame, at REALTIME microseconds. */
void sg_pcap_add (SgPcap *pcap, const guint8 *frame, gsize len, gint64 realtime);

/* Bytes that are not in the file yet. */
gsize sg_pcap_pending (const SgPcap *pcap);

/* Writes what is buffered.  FALSE: the limit is reached, or the file cannot be written. */
gboolean sg_pcap_flush (SgPcap *pcap);
