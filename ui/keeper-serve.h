/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: a small process that can write where the confined viewer cannot, and does one thing
 * with it: save a picture of the sandbox as a new file.
 *
 * Everything that comes from the viewer is hostile.  A request is a header and raw pixels, both
 * bounded; the file's name is made here; an existing file is never touched; and pictures are
 * limited in number, so that a viewer that was taken over cannot fill the disk. */
#pragma once

#include <glib.h>

/* On the wire, in this computer's byte order: the header, then width * height * 3 bytes (red,
 * green, blue). */
typedef struct
{
  guint32 width, height;
} SgKeeperRequest;

/* Then `length` bytes of UTF-8: where it was saved, or why not. */
typedef struct
{
  guint32 saved; /* 1 or 0 */
  guint32 length;
} SgKeeperReply;

#define SG_KEEPER_SIDE_MAX 16384
#define SG_KEEPER_PIXELS_MAX (64 * 1024 * 1024)
#define SG_KEEPER_TEXT_MAX 4096
#define SG_KEEPER_PICTURES_MAX 200

/* Serves requests on FD until the other end closes or breaks the protocol.  DIRECTORY: where
 * pictures go; NULL: the person's folder for pictures. */
void sg_keeper_serve (int fd, const char *directory);
