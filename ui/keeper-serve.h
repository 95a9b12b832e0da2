/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: a small process that can do what the confined viewer cannot, and does three things
 * with it: save a picture of the sandbox as a new file; put a question to the person: may the
 * sandbox go, what is saved of it, may these files be copied in (put.h); and remember two numbers,
 * how large the window of a saved sandbox was (window-size.h).
 *
 * The question is a window of yet another process, which guests never reach (question.h): so it is
 * the person who decides that a file leaves the sandbox, whatever became of the viewer.
 *
 * Everything that comes from the viewer is hostile.  A request is a header and raw pixels, both
 * bounded; the file's name is made here; an existing file is never touched; and pictures are
 * limited in number, so that a viewer that was taken over cannot fill the disk. */
#pragma once

#include <glib.h>

/* On the wire, in this computer's byte order: the header; after that of a picture, width * height *
 * 3 bytes (red, green, blue), after that of files `length` bytes: paths, each ended by a NUL. */
typedef struct
{
  guint32 kind;
  guint32 a, b; /* picture: width, height; question: SgAsk, the viewer's window; files: length, window;
                   size: width, height, which is not answered */
} SgKeeperRequest;

#define SG_KEEPER_PICTURE 1
#define SG_KEEPER_QUESTION 2
#define SG_KEEPER_FILES 3
#define SG_KEEPER_SIZE 4

/* Then `length` bytes of UTF-8: where it was saved, or why not; nothing for the others. */
typedef struct
{
  guint32 saved; /* 1 or 0; of a question: its exit code, or 0 where it could not be put */
  guint32 length;
} SgKeeperReply;

#define SG_KEEPER_SIDE_MAX 16384
#define SG_KEEPER_PIXELS_MAX (64 * 1024 * 1024)
#define SG_KEEPER_TEXT_MAX 4096
#define SG_KEEPER_PICTURES_MAX 200
#define SG_KEEPER_QUESTIONS_MAX 200
#define SG_KEEPER_PATHS_MAX (256 * 1024)
#define SG_KEEPER_FILES_MAX 1000

/* Puts the question WHAT (an SgAsk, checked by it) on WINDOW, and returns its exit code; a negative
 * one: it could not be put.  FD: whose other end closes when nobody waits for the answer. */
typedef int (*SgKeeperAsk) (guint32 what, guint32 window, int fd, gpointer data);

/* Starts to ask whether these paths (LENGTH bytes, not looked at) may be copied in, and returns.
 * FALSE: it cannot, or too many are asked about already. */
typedef gboolean (*SgKeeperPut) (const char *paths, gsize length, guint32 window, gpointer data);

/* The window's size, as the viewer tells it: anything. */
typedef void (*SgKeeperSize) (guint32 width, guint32 height, gpointer data);

/* Serves requests on FD until the other end closes or breaks the protocol.  DIRECTORY: where
 * pictures go; NULL: the person's folder for pictures.  ASK may be NULL: no questions; so may PUT
 * and SIZE. */
void sg_keeper_serve (int fd, const char *directory, SgKeeperAsk ask, SgKeeperPut put,
                      SgKeeperSize size, gpointer data);
