/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the listener inside (main.c) and the gate to the printers outside (launcher/printgate/):
 * connections of programs inside, many over one stream.
 *
 *   kind (1 byte), 0 (1 byte), channel (2 bytes, big endian), length (4 bytes, big endian), then as
 *   many bytes
 *
 * Inside opens channels.  Each side ends each of them once; a number is free again when both have.
 * Data after an own end is not sent, after the other's end not looked at.  Anything else ends all.
 */
#ifndef SG_PRINT_WIRE_H
#define SG_PRINT_WIRE_H

enum
{
  SG_PRINT_OPEN = 1, /* length 0; from inside only */
  SG_PRINT_DATA,     /* length 1 to SG_PRINT_DATA_MOST */
  SG_PRINT_END       /* length 0 */
};

#define SG_PRINT_HEADER 8
#define SG_PRINT_CHANNELS 16 /* numbers below */
#define SG_PRINT_DATA_MOST 16384

#endif
