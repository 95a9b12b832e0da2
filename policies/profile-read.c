/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of `.wsb` files: bytes -> text -> elements -> what is asked (profile-values.c).
 *
 * Where things are: GMarkup tells its own place only after it has read a tag, so the text is fed to
 * it in pieces that begin with "<".  Whatever it calls us about lies in the piece that it is being
 * fed, and the place of a tag is the place of its piece.
 *
 * Bounds: the size of the file is bounded before it is read; nesting while it is read, and text of
 * one element too.  There are no entities but XML's own five and characters by number: GMarkup
 * knows no others, and a document type, which could declare some, is refused. */
#include "common/fd.h"
#include "policies/profile-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALUE_MAX (32 * 1024)

typedef struct
{
  SgReading reading;
  SgPlace piece; /* where the piece that is being fed begins */

  const SgElement *stack[SG_PROFILE_DEPTH_MAX];
  guint depth;
  gboolean had_root;

  GString *text; /* of the leaf on top of the stack */
  SgPlace leaf;
  gboolean as_root; /* Command@user */

  guint foreign_depth; /* inside an element that is not ours to read */
  GString *foreign;    /* owned; NULL: it is not kept */
} Reader;

static gboolean refuse (Reader *reader, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (Reader *reader, GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%u:%u: %s", reader->piece.line,
               reader->piece.column, message);
  return FALSE;
}

static gboolean
is_blank (const char *text, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;
  return TRUE;
}

/* ---- elements of others: skipped, and those of the top level kept to be written back */

static void
foreign_append (Reader *reader, const char *before, const char *text, gsize len, const char *after)
{
  if (reader->foreign == NULL)
    return;
  g_autofree char *escaped = g_markup_escape_text (text, (gssize)len);
  g_string_append (reader->foreign, before);
  g_string_append (reader->foreign, escaped);
  g_string_append (reader->foreign, after);
}

static void
foreign_start (Reader *reader, const char *name, const char **names, const char **values)
{
  foreign_append (reader, "<", name, strlen (name), "");
  for (guint i = 0; names[i] != NULL; i++)
    {
      foreign_append (reader, " ", names[i], strlen (names[i]), "=\"");
      foreign_append (reader, "", values[i], strlen (values[i]), "\"");
    }
  foreign_append (reader, ">", "", 0, "");
  reader->foreign_depth++;
}

static void
foreign_end (Reader *reader, const char *name)
{
  foreign_append (reader, "</", name, strlen (name), ">");
  if (--reader->foreign_depth > 0 || reader->foreign == NULL)
    return;
  g_ptr_array_add (reader->reading.profile->foreign, g_string_free (reader->foreign, FALSE));
  reader->foreign = NULL;
}

/* ---- elements of ours */

static const SgElement *
top (const Reader *reader)
{
  return reader->depth > 0 ? reader->stack[reader->depth - 1] : NULL;
}

static gboolean
start_root (Reader *reader, const char *name, GError **error)
{
  g_autofree char *word = g_strndup (name, 60);

  if (reader->had_root)
    return refuse (reader, error, "a second root element <%s>; a profile has one <Configuration>",
                   word);
  if (sg_element_find (SG_ELEMENT_NONE, name) == NULL)
    return refuse (reader, error,
                   "this is no profile: it begins with <%s>, and a profile with <Configuration>",
                   word);
  reader->had_root = TRUE;
  return TRUE;
}

static void
read_attributes (Reader *reader, const SgElement *element, const char **names, const char **values)
{
  static const char *const root[] = { "root", "administrator", "system" };
  static const char *const user[] = { "user", "sandbox", "existinglogin" };

  reader->as_root = FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean known = FALSE;

      if (element->id != SG_ELEMENT_COMMAND || g_ascii_strcasecmp (names[i], "user") != 0)
        {
          if (!g_str_has_prefix (names[i], "xml"))
            sg_reading_note (&reader->reading, SG_NOTE_IGNORED, reader->piece,
                             "the attribute '%.60s' of <%s> is not known here and has no effect",
                             names[i], element->name);
          continue;
        }
      for (gsize j = 0; j < G_N_ELEMENTS (root); j++)
        {
          gboolean is_root = g_ascii_strcasecmp (values[i], root[j]) == 0;
          known |= is_root || g_ascii_strcasecmp (values[i], user[j]) == 0;
          reader->as_root |= is_root;
        }
      if (!known)
        sg_reading_note (&reader->reading, SG_NOTE_ERROR, reader->piece,
                         "there is no user '%.60s' inside; write 'user' or 'root'", values[i]);
    }
}

/* An element without a meaning here. */
static void
start_foreign (Reader *reader, const SgElement *element, const SgElement *parent, const char *name,
               const char **names, const char **values)
{
  sg_reading_note (&reader->reading, SG_NOTE_IGNORED, reader->piece,
                   element != NULL ? "<%.60s> has no meaning here and no effect"
                                   : "<%.60s> is not known here and has no effect",
                   name);
  if (parent->id == SG_ELEMENT_CONFIGURATION)
    reader->foreign = g_string_new (NULL);
  foreign_start (reader, name, names, values);
}

static void
start_element (GMarkupParseContext *context, const char *name, const char **names,
               const char **values, gpointer data, GError **error)
{
  Reader *reader = data;
  const SgElement *parent = top (reader), *element;

  if (reader->depth + reader->foreign_depth >= SG_PROFILE_DEPTH_MAX)
    {
      refuse (reader, error, "elements are nested deeper than %d; no profile needs that",
              SG_PROFILE_DEPTH_MAX);
      return;
    }
  if (reader->foreign_depth > 0)
    {
      foreign_start (reader, name, names, values);
      return;
    }
  if (parent == NULL && !start_root (reader, name, error))
    return;
  element = parent == NULL      ? sg_element_find (SG_ELEMENT_NONE, name)
            : parent->container ? sg_element_find (parent->id, name)
                                : NULL;
  if (element == NULL || element->id == SG_ELEMENT_FOREIGN)
    {
      start_foreign (reader, element, parent, name, names, values);
      return;
    }
  read_attributes (reader, element, names, values);
  reader->stack[reader->depth++] = element;
  reader->leaf = reader->piece;
  g_string_truncate (reader->text, 0);
  if (element->id == SG_ELEMENT_MAPPED_FOLDER)
    sg_reading_begin_folder (&reader->reading, reader->piece);
}

static void
end_leaf (Reader *reader, const SgElement *element)
{
  const char *text = g_strstrip (reader->text->str);

  if (*text == '\0')
    sg_reading_note (&reader->reading,
                     element->id == SG_ELEMENT_HOST_FOLDER ? SG_NOTE_ERROR : SG_NOTE_IGNORED,
                     reader->leaf, "<%s> is empty and has no effect", element->name);
  else
    sg_reading_value (&reader->reading, element, text, reader->as_root, reader->leaf);
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reader *reader = data;
  const SgElement *element = top (reader);

  if (reader->foreign_depth > 0)
    {
      foreign_end (reader, name);
      return;
    }
  if (element->id == SG_ELEMENT_MAPPED_FOLDER)
    sg_reading_end_folder (&reader->reading);
  else if (!element->container)
    end_leaf (reader, element);
  reader->depth--;
}

static void
text (GMarkupParseContext *context, const char *text, gsize len, gpointer data, GError **error)
{
  Reader *reader = data;
  const SgElement *element = top (reader);

  if (reader->foreign_depth > 0)
    foreign_append (reader, "", text, len, "");
  else if (element != NULL && !element->container)
    {
      if (reader->text->len + len > VALUE_MAX)
        refuse (reader, error, "the text in <%s> is longer than %d bytes", element->name,
                VALUE_MAX);
      else
        g_string_append_len (reader->text, text, (gssize)len);
    }
  else if (!is_blank (text, len))
    {
      if (element == NULL)
        refuse (reader, error, "there is text outside of <Configuration>");
      else
        sg_reading_note (&reader->reading, SG_NOTE_IGNORED, reader->piece,
                         "text between the elements of <%s> has no effect", element->name);
    }
}

/* Comments, processing instructions, and what declares a document type. */
static void
passthrough (GMarkupParseContext *context, const char *passed, gsize len, gpointer data,
             GError **error)
{
  if (g_str_has_prefix (passed, "<!") && !g_str_has_prefix (passed, "<!--"))
    refuse (data, error,
            "a document type (<!DOCTYPE) is not taken, since it can make a small file huge");
}

static const GMarkupParser callbacks = { start_element, end_element, text, passthrough, NULL };

/* ---- the whole text */

static gboolean
feed (Reader *reader, GMarkupParseContext *context, const char *xml, gsize len, GError **error)
{
  for (gsize at = 0; at < len;)
    {
      const char *next = memchr (xml + at + 1, '<', len - at - 1);
      gsize piece = next != NULL ? (gsize)(next - xml) - at : len - at;

      if (!g_markup_parse_context_parse (context, xml + at, (gssize)piece, error))
        return FALSE;
      sg_place_advance (&reader->piece, xml + at, piece);
      at += piece;
    }
  return g_markup_parse_context_end_parse (context, error);
}

/* GMarkup's own words get our form of a place in front. */
static void
dress_error (GMarkupParseContext *context, GError **error)
{
  int line, column;

  if ((*error)->domain != G_MARKUP_ERROR)
    return;
  g_markup_parse_context_get_position (context, &line, &column);
  g_autofree char *message = g_strdup ((*error)->message);
  gboolean empty = g_error_matches (*error, G_MARKUP_ERROR, G_MARKUP_ERROR_EMPTY);
  g_clear_error (error);
  if (empty)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "1:1: the file is empty; a profile begins with <Configuration>");
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "%d:%d: this is not well-formed, and nothing of it is used (%s)", line, column,
                 message);
}

static gboolean
read_text (Reader *reader, const char *xml, gsize len, GError **error)
{
  g_autoptr (GMarkupParseContext) context
      = g_markup_parse_context_new (&callbacks, G_MARKUP_TREAT_CDATA_AS_TEXT, reader, NULL);
  GError *local = NULL;

  if (feed (reader, context, xml, len, &local))
    return reader->had_root
           || refuse (reader, error, "there is no <Configuration> in it; this is no profile");
  dress_error (context, &local);
  g_propagate_error (error, local);
  return FALSE;
}

SgProfile *
sg_profile_parse (const void *data, gsize len, const char *name, const SgProfileHost *host,
                  GError **error)
{
  Reader reader = { .piece = { 1, 1 },
                    .reading = { .host = host,
                                 .networking = { -1 },
                                 .clipboard = { -1 },
                                 .direction_in = { -1 },
                                 .direction_out = { -1 },
                                 .ask = { -1 } } };
  g_autoptr (SgProfile) profile = sg_profile_new (name);
  g_autofree char *xml = NULL;
  gsize xml_len;
  gboolean fine;

  if (len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s:1:1: the file is empty; a profile begins with <Configuration>", name);
      return NULL;
    }
  if (len > SG_PROFILE_BYTES_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s: this is no profile: it is larger than %d MB", name,
                   SG_PROFILE_BYTES_MAX >> 20);
      return NULL;
    }
  reader.reading.profile = profile;
  reader.text = g_string_new (NULL);
  xml = sg_profile_decode (data, len, &xml_len, error);
  fine = xml != NULL && read_text (&reader, xml, xml_len, error);
  if (fine)
    sg_reading_settle (&reader.reading);
  else
    g_prefix_error (error, "%s:", name);
  g_string_free (reader.text, TRUE);
  if (reader.foreign != NULL)
    g_string_free (reader.foreign, TRUE);
  sg_asked_folder_free (reader.reading.folder);
  sg_asked_clear (&reader.reading.mode);
  if (!fine)
    return NULL;
  profile->sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, len);
  return g_steal_pointer (&profile);
}

/* ---- files */

static GBytes *
read_file (int fd, const char *path, GError **error)
{
  g_autofree guint8 *data = NULL;
  struct stat st;
  gssize got;

  if (fstat (fd, &st) < 0)
    {
      sg_errno (error, "%s", path);
      return NULL;
    }
  if (!S_ISREG (st.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s: this is %s, not a profile",
                   path, S_ISDIR (st.st_mode) ? "a folder" : "no ordinary file");
      return NULL;
    }
  /* One byte more than may be: a file can have grown since. */
  data = g_malloc (SG_PROFILE_BYTES_MAX + 1);
  got = sg_read_all (fd, data, SG_PROFILE_BYTES_MAX + 1, error);
  if (got < 0)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_bytes_new (data, (gsize)got);
}

static char *
real_path (int fd)
{
  char link[64];

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  return g_file_read_link (link, NULL);
}

SgProfile *
sg_profile_read (const char *path, const SgProfileHost *host, GError **error)
{
  SgProfileHost from_here = *host;
  sg_fd int fd = sg_open_at (AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, error);
  g_autoptr (GBytes) bytes = fd >= 0 ? read_file (fd, path, error) : NULL;

  if (bytes == NULL)
    return NULL;
  g_autofree char *real = real_path (fd);
  if (real == NULL)
    real = g_canonicalize_filename (path, NULL);
  g_autofree char *dir = g_path_get_dirname (real);
  from_here.dir = dir;
  SgProfile *profile = sg_profile_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                         path, &from_here, error);
  if (profile != NULL)
    profile->path = g_steal_pointer (&real);
  return profile;
}

void
sg_profile_host_init (SgProfileHost *host)
{
  *host = (SgProfileHost){ .home = g_get_home_dir (),
                           .user = g_get_user_name (),
                           .environment = environ };
}
