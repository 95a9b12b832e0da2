/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/printgate/http.h"

#include <string.h>

/* --- the head -----------------------------------------------------------------------------------
 */

static gboolean
take_start (char *line, gboolean is_answer, SgHttpHead *head)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  guint n = g_strv_length (words);
  guint64 status;

  if (is_answer)
    {
      if (n < 2 || !g_str_has_prefix (words[0], "HTTP/1.")
          || !g_ascii_string_to_unsigned (words[1], 10, 100, 599, &status, NULL))
        return FALSE;
      head->status = (guint)status;
      return TRUE;
    }
  return n == 3 && g_str_equal (words[2], "HTTP/1.1")
         && g_strlcpy (head->method, words[0], sizeof head->method) < sizeof head->method
         && g_strlcpy (head->path, words[1], sizeof head->path) < sizeof head->path;
}

static gboolean
take_length (const char *value, SgHttpHead *head)
{
  guint64 length;

  if (head->length >= 0 || head->chunked
      || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &length, NULL))
    return FALSE;
  head->length = (gint64)length;
  return TRUE;
}

static gboolean
take_coding (const char *value, SgHttpHead *head)
{
  if (head->length >= 0 || head->chunked || g_ascii_strcasecmp (value, "chunked") != 0)
    return FALSE;
  head->chunked = TRUE;
  return TRUE;
}

static gboolean
take_field (char *line, SgHttpHead *head)
{
  char *value = strchr (line, ':');

  if (value == NULL || value == line || strcspn (line, " \t") < (gsize)(value - line))
    return FALSE;
  *value++ = '\0';
  g_strstrip (value);
  if (g_ascii_strcasecmp (line, "Content-Length") == 0)
    return take_length (value, head);
  if (g_ascii_strcasecmp (line, "Transfer-Encoding") == 0)
    return take_coding (value, head);
  if (g_ascii_strcasecmp (line, "Expect") == 0)
    head->waits = g_ascii_strcasecmp (value, "100-continue") == 0;
  if (g_ascii_strcasecmp (line, "Content-Type") == 0)
    head->ipp = g_ascii_strcasecmp (value, "application/ipp") == 0;
  return TRUE;
}

/* Where the empty line ends; 0: nowhere. */
static gsize
end_of_head (const guint8 *bytes, gsize len)
{
  for (gsize i = 0; i + 3 < len; i++)
    if (memcmp (bytes + i, "\r\n\r\n", 4) == 0)
      return i + 4;
  return 0;
}

gssize
sg_http_head (const guint8 *bytes, gsize len, gboolean is_answer, SgHttpHead *ret)
{
  gsize end = end_of_head (bytes, MIN (len, SG_HTTP_HEAD_MOST));
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  *ret = (SgHttpHead){ .length = -1 };
  if (end == 0)
    return len >= SG_HTTP_HEAD_MOST ? -1 : 0;
  if (memchr (bytes, '\0', end) != NULL)
    return -1;
  text = g_strndup ((const char *)bytes, end - 4);
  lines = g_strsplit (text, "\r\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (strpbrk (*line, "\r\n") != NULL
        || !(line == lines ? take_start (*line, is_answer, ret) : take_field (*line, ret)))
      return -1;
  return (gssize)end;
}

/* --- the body -----------------------------------------------------------------------------------
 */

enum
{
  BODY_LENGTH,  /* `left` bytes */
  BODY_SIZE,    /* of a piece: a line */
  BODY_PIECE,   /* `left` bytes */
  BODY_BETWEEN, /* the line end behind a piece */
  BODY_TRAILER, /* lines until an empty one */
  BODY_UNTIL_END
};

#define LINE_MOST 256u

void
sg_http_body_init (SgHttpBody *body, const SgHttpHead *head)
{
  *body = (SgHttpBody){ .state = head->chunked       ? BODY_SIZE
                                 : head->length >= 0 ? BODY_LENGTH
                                                     : BODY_UNTIL_END };
  body->left = head->length >= 0 ? (guint64)head->length : 0;
}

/* A byte of the line with a piece's size. */
static SgHttpState
take_size (SgHttpBody *body, guint8 c)
{
  int digit = g_ascii_xdigit_value ((char)c);

  if (body->line++ >= LINE_MOST)
    return SG_HTTP_BAD;
  if (c == '\n')
    {
      if (!body->digits)
        return SG_HTTP_BAD;
      body->state = body->left > 0 ? BODY_PIECE : BODY_TRAILER;
      body->line = 0;
      return SG_HTTP_MORE;
    }
  if (c == '\r')
    return SG_HTTP_MORE;
  if (digit < 0 || body->line > 15) /* extensions are nobody's */
    return SG_HTTP_BAD;
  body->left = body->left * 16 + (guint64)digit;
  body->digits = TRUE;
  return SG_HTTP_MORE;
}

static SgHttpState
take_line (SgHttpBody *body, guint8 c)
{
  if (c == '\r')
    return SG_HTTP_MORE;
  if (c != '\n')
    return body->state == BODY_TRAILER && body->line++ < LINE_MOST ? SG_HTTP_MORE : SG_HTTP_BAD;
  if (body->state == BODY_TRAILER && body->line == 0)
    return SG_HTTP_END;
  if (body->state == BODY_BETWEEN)
    {
      body->state = BODY_SIZE;
      body->digits = FALSE;
    }
  body->line = 0;
  return SG_HTTP_MORE;
}

SgHttpState
sg_http_body_take (SgHttpBody *body, const guint8 *bytes, gsize len, GByteArray *out,
                   gsize *ret_used)
{
  SgHttpState state = SG_HTTP_MORE;
  gsize at = 0;

  while (state == SG_HTTP_MORE)
    {
      gboolean whole = body->state == BODY_LENGTH || body->state == BODY_PIECE;
      gsize n = body->state == BODY_UNTIL_END ? len - at
                : whole                       ? (gsize)MIN (body->left, len - at)
                                              : 0;

      if (n > 0)
        g_byte_array_append (out, bytes + at, (guint)n);
      at += n;
      body->left -= whole ? n : 0;
      if (whole && body->left == 0)
        {
          if (body->state == BODY_LENGTH)
            {
              state = SG_HTTP_END;
              break;
            }
          body->state = BODY_BETWEEN;
          body->line = 0;
        }
      if (at == len)
        break;
      state = body->state == BODY_SIZE ? take_size (body, bytes[at++])
              : whole && n > 0         ? SG_HTTP_MORE
                                       : take_line (body, bytes[at++]);
    }
  *ret_used = at;
  return state;
}
