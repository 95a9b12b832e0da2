/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thread reads what the host says, in its order: an answer is known to the nodes before the
 * word of a change that came after it is.  Another hands changes on to the kernel, which may make
 * that wait for requests that are under way. */
#include "baseimage/guest/share/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUESTIONS_MOST 64u
#define CHANGES_MOST 4096u

typedef struct
{
  bool used, done;
  uint32_t what;
  Node *node; /* what is listed, or whose entry */
  const char *name;
  SgShareAttr attr;
  int error;
  pthread_cond_t answered;
} Question;

typedef struct
{
  Node *parent, *child; /* held; the child may be NULL */
  char name[256];
  bool renamed; /* it came, went, or is another; else only what it says of itself */
} Change;

struct Index
{
  pthread_mutex_t asking; /* the stream to the host */
  Question questions[QUESTIONS_MOST];
  pthread_cond_t free, changed;
  Change changes[CHANGES_MOST];
  size_t first, n;
  bool all, over;
};

static bool
read_all (int fd, void *data, size_t length)
{
  for (size_t n = 0; n < length;)
    {
      ssize_t got = read (fd, (char *)data + n, length - n);

      if (got == 0 || (got < 0 && errno != EINTR))
        return false;
      n += got > 0 ? (size_t)got : 0;
    }
  return true;
}

static bool
write_all (int fd, const void *data, size_t length)
{
  for (size_t n = 0; n < length;)
    {
      ssize_t put = write (fd, (const char *)data + n, length - n);

      if (put < 0 && errno != EINTR)
        return false;
      n += put > 0 ? (size_t)put : 0;
    }
  return true;
}

/* --- asking -------------------------------------------------------------------------------------
 */

/* With the lock. */
static uint32_t
take_question (Share *share)
{
  struct Index *index = share->index;

  for (;;)
    {
      for (uint32_t i = 0; i < QUESTIONS_MOST; i++)
        if (!index->questions[i].used)
          {
            index->questions[i].used = true;
            index->questions[i].done = false;
            return i;
          }
      pthread_cond_wait (&index->free, &share->lock);
    }
}

static bool
send_question (Share *share, const SgShareAsk *ask, const char *path)
{
  char frame[sizeof *ask + SG_SHARE_PATH_MOST];
  bool sent;

  memcpy (frame, ask, sizeof *ask);
  memcpy (frame + sizeof *ask, path, ask->length);
  pthread_mutex_lock (&share->index->asking);
  sent = write_all (share->ask, frame, sizeof *ask + ask->length);
  pthread_mutex_unlock (&share->index->asking);
  return sent;
}

static int
question (Share *share, uint32_t what, Node *node, const char *name, SgShareAttr *attr)
{
  struct Index *index = share->index;
  char path[SG_SHARE_PATH_MOST + 1];
  Question *q;
  SgShareAsk ask = { .what = what };
  int error;

  pthread_mutex_lock (&share->lock);
  error = node_path (node, path);
  if (error == 0 && name != NULL && strlen (path) + 1 + strlen (name) > SG_SHARE_PATH_MOST)
    error = ENAMETOOLONG;
  if (error == 0 && name != NULL)
    strcat (strcat (path, *path != '\0' ? "/" : ""), name);
  if (error != 0 || index->over)
    {
      pthread_mutex_unlock (&share->lock);
      return error != 0 ? error : EIO;
    }
  ask.tag = take_question (share) + 1;
  q = &index->questions[ask.tag - 1];
  q->what = what;
  q->node = node;
  q->name = name;
  ask.length = (uint32_t)strlen (path);
  pthread_mutex_unlock (&share->lock);
  bool sent = send_question (share, &ask, path);
  pthread_mutex_lock (&share->lock);
  while (sent && !q->done && !index->over)
    pthread_cond_wait (&q->answered, &share->lock);
  error = q->done ? q->error : EIO;
  if (attr != NULL)
    *attr = q->attr;
  q->used = false;
  pthread_cond_signal (&index->free);
  pthread_mutex_unlock (&share->lock);
  return error;
}

int
index_stat (Share *share, Node *parent, const char *name, SgShareAttr *attr)
{
  return question (share, SG_SHARE_STAT, parent, name, attr);
}

int
index_list (Share *share, Node *node)
{
  return question (share, SG_SHARE_LIST, node, NULL, NULL);
}

/* --- what the host says -------------------------------------------------------------------------
 */

/* With the lock. */
static void
on_stat (Question *q, const SgShareSay *say, const char *body)
{
  Listing *listing = q->node->listing;

  if (say->error == 0 && say->length == sizeof q->attr)
    memcpy (&q->attr, body, sizeof q->attr);
  else if (say->error == 0)
    q->error = EIO;
  if (q->name == NULL && q->error == 0)
    q->node->root = q->attr;
  if (q->name != NULL && listing != NULL && (q->error == 0 || q->error == ENOENT))
    listing_put (listing, q->name, q->error == 0 ? ENTRY_THERE : ENTRY_ABSENT,
                 q->error == 0 ? &q->attr : NULL);
}

/* With the lock. */
static void
on_answer (Share *share, const SgShareSay *say, const char *body)
{
  Question *q = &share->index->questions[say->tag - 1];

  q->error = (int)say->error;
  if (q->what == SG_SHARE_STAT)
    on_stat (q, say, body);
  else if (say->error == 0)
    {
      Listing *listing = listing_parse (body, say->length, (say->what & SG_SHARE_WATCHED) != 0);

      nodes_list (share->nodes, q->node, listing);
      if (listing == NULL)
        q->error = EIO;
    }
  q->done = true;
  pthread_cond_signal (&q->answered);
}

/* With the lock. */
static void
release (Share *share, Change *change)
{
  nodes_forget (share->nodes, change->parent, 1);
  if (change->child != NULL)
    nodes_forget (share->nodes, change->child, 1);
}

/* With the lock.  The nodes stay until the kernel was told. */
static void
add_change (Share *share, Node *parent, Node *child, const char *name, bool renamed)
{
  struct Index *index = share->index;
  Change *change;

  if (index->n == CHANGES_MOST)
    {
      index->all = true;
      for (; index->n > 0; index->n--, index->first = (index->first + 1) % CHANGES_MOST)
        release (share, &index->changes[index->first]);
    }
  change = &index->changes[(index->first + index->n++) % CHANGES_MOST];
  *change = (Change){ .parent = parent, .child = child, .renamed = renamed };
  strncpy (change->name, name, sizeof change->name - 1);
  parent->lookups++;
  if (child != NULL)
    child->lookups++;
  pthread_cond_signal (&index->changed);
}

void
index_forget_names (Share *share, Node *node)
{
  add_change (share, node, node, "", false);
}

/* With the lock. */
static void
on_told (Share *share, const SgShareSay *say, const char *body)
{
  size_t n = strnlen (body, say->length);
  const char *name = body + n + 1;
  Node *parent, *child;

  if (say->what == SG_SHARE_ALL)
    {
      nodes_unlist_all (share->nodes);
      share->index->all = true;
      pthread_cond_signal (&share->index->changed);
      return;
    }
  parent = n < say->length && strlen (name) < 256 ? nodes_walk (share->nodes, body) : NULL;
  if (parent == NULL)
    return;
  node_stale (parent, name);
  /* A name that came or went is a new time of its directory, which no watch tells. */
  if (say->what == SG_SHARE_NAME && parent->parent != NULL)
    node_stale (parent->parent, parent->name);
  child = nodes_find (share->nodes, parent, name);
  if (child != NULL && say->what == SG_SHARE_NAME)
    nodes_let_go (share->nodes, child);
  if (parent->lookups > 0)
    add_change (share, parent, child != NULL && child->lookups > 0 ? child : NULL, name,
                say->what == SG_SHARE_NAME);
}

static void *
listen_thread (void *data)
{
  Share *share = data;
  SgShareSay say;

  while (read_all (share->told, &say, sizeof say) && say.length <= SG_SHARE_SAY_MOST
         && say.tag <= QUESTIONS_MOST)
    {
      char *body = malloc (say.length + 1);

      if (body == NULL || !read_all (share->told, body, say.length))
        break;
      body[say.length] = '\0';
      pthread_mutex_lock (&share->lock);
      if (say.tag == 0)
        on_told (share, &say, body);
      else if (share->index->questions[say.tag - 1].used)
        on_answer (share, &say, body);
      pthread_mutex_unlock (&share->lock);
      free (body);
    }
  pthread_mutex_lock (&share->lock);
  share->index->over = true;
  nodes_unlist_all (share->nodes);
  for (uint32_t i = 0; i < QUESTIONS_MOST; i++)
    pthread_cond_broadcast (&share->index->questions[i].answered);
  pthread_mutex_unlock (&share->lock);
  return NULL;
}

/* --- what the kernel is told --------------------------------------------------------------------
 */

static uint64_t
number (const Node *node)
{
  return node->parent == NULL ? FUSE_ROOT_ID : (uintptr_t)node;
}

static void
tell_inode (Share *share, uint64_t id)
{
  struct fuse_notify_inval_inode_out out = { .ino = id };

  tell (share, FUSE_NOTIFY_INVAL_INODE, &out, sizeof out, NULL);
}

static void
tell_name (Share *share, uint64_t parent, const char *name)
{
  struct fuse_notify_inval_entry_out out = { .parent = parent, .namelen = (uint32_t)strlen (name) };

  tell (share, FUSE_NOTIFY_INVAL_ENTRY, &out, sizeof out, name);
}

typedef struct
{
  struct
  {
    uint64_t parent, child;
    char *name;
  } * all;
  size_t n, room;
} Known;

static void
add_known (Node *node, void *data)
{
  Known *known = data;

  if (node->lookups == 0 || node->parent == NULL || node_is_gone (node))
    return;
  if (known->n == known->room)
    {
      known->room = known->room * 2 + 256;
      known->all = reallocarray (known->all, known->room, sizeof *known->all);
      if (known->all == NULL)
        abort ();
    }
  known->all[known->n].parent = number (node->parent);
  known->all[known->n].child = number (node);
  /* A directory without a name would be the end of who works in it. */
  known->all[known->n++].name = node->is_dir ? NULL : strdup (node->name);
}

static void
tell_all (Share *share)
{
  Known known = { 0 };

  pthread_mutex_lock (&share->lock);
  nodes_each (share->nodes, add_known, &known);
  pthread_mutex_unlock (&share->lock);
  tell_inode (share, FUSE_ROOT_ID);
  for (size_t i = 0; i < known.n; i++)
    {
      tell_inode (share, known.all[i].child);
      if (known.all[i].name != NULL)
        tell_name (share, known.all[i].parent, known.all[i].name);
      free (known.all[i].name);
    }
  free (known.all);
}

/* Is it what the kernel knows under that name?  It is when we ourselves made it. */
static bool
is_same (Share *share, const Change *change)
{
  SgShareAttr attr;

  return change->child != NULL && index_stat (share, change->parent, change->name, &attr) == 0
         && attr.ino == change->child->ino;
}

static void
tell_change (Share *share, const Change *change)
{
  if (change->child != NULL)
    tell_inode (share, number (change->child));
  if (!change->renamed)
    return;
  tell_inode (share, number (change->parent));
  if (!is_same (share, change))
    tell_name (share, number (change->parent), change->name);
}

static void *
change_thread (void *data)
{
  Share *share = data;
  struct Index *index = share->index;

  pthread_mutex_lock (&share->lock);
  for (;;)
    {
      while (index->n == 0 && !index->all)
        pthread_cond_wait (&index->changed, &share->lock);
      if (index->all)
        {
          index->all = false;
          pthread_mutex_unlock (&share->lock);
          tell_all (share);
          pthread_mutex_lock (&share->lock);
          continue;
        }
      Change change = index->changes[index->first];
      index->first = (index->first + 1) % CHANGES_MOST;
      index->n--;
      pthread_mutex_unlock (&share->lock);
      tell_change (share, &change);
      pthread_mutex_lock (&share->lock);
      release (share, &change);
    }
  return NULL;
}

int
index_start (Share *share)
{
  struct Index *index = calloc (1, sizeof *index);
  pthread_t thread;

  if (index == NULL)
    return ENOMEM;
  share->index = index;
  pthread_mutex_init (&index->asking, NULL);
  pthread_cond_init (&index->free, NULL);
  pthread_cond_init (&index->changed, NULL);
  for (uint32_t i = 0; i < QUESTIONS_MOST; i++)
    pthread_cond_init (&index->questions[i].answered, NULL);
  if (pthread_create (&thread, NULL, listen_thread, share) != 0
      || pthread_create (&thread, NULL, change_thread, share) != 0)
    return EAGAIN;
  return 0;
}
