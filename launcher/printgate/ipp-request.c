/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which printer and which job a request is about.  Each may be said once, or twice the same. */
#include "launcher/printgate/ipp-internal.h"

#include <string.h>

#define COLLECTIONS_DEEP 8

gboolean
sg_ipp_is_printer (const char *path)
{
  static const char plain[] = G_CSET_A_2_Z G_CSET_a_2_z "0123456789-._~!$&'()*+,;=:@%";
  const char *name = g_str_has_prefix (path, "/printers/")  ? path + strlen ("/printers/")
                     : g_str_has_prefix (path, "/classes/") ? path + strlen ("/classes/")
                                                            : "";

  if (*name == '\0' || *name == '.' || strlen (name) > 255 || name[strspn (name, plain)] != '\0'
      || strstr (name, "..") != NULL || g_str_has_suffix (name, "."))
    return FALSE;
  /* Names in other scripts are written with %XX; a part of a path is not: CUPS undoes it. */
  for (const char *at = strchr (name, '%'); at != NULL; at = strchr (at + 1, '%'))
    if (!g_ascii_isxdigit (at[1]) || !g_ascii_isxdigit (at[2]) || g_ascii_xdigit_value (at[1]) < 8)
      return FALSE;
  return TRUE;
}

/* The path of "ipp://HOST/PATH"; NULL: not of that kind.  Free with g_free(). */
static char *
path_of (const SgIppAttribute *uri)
{
  g_autofree char *text = g_strndup ((const char *)uri->value, uri->value_len);
  const char *host, *path;

  if (uri->tag != TAG_URI || strlen (text) != uri->value_len)
    return NULL;
  if (!g_str_has_prefix (text, "ipp://") && !g_str_has_prefix (text, "ipps://"))
    return NULL;
  host = strstr (text, "://") + 3;
  path = strchr (host, '/');
  return g_strdup (path != NULL ? path : "/");
}

/* FALSE: it does not name a job, or two different ones. */
static gboolean
take_job (SgIppRequest *request, gint64 job)
{
  if (job <= 0 || job > G_MAXINT || (request->job != 0 && request->job != job))
    return FALSE;
  request->job = (gint)job;
  return TRUE;
}

static gboolean
take_job_uri (SgIppRequest *request, const SgIppAttribute *uri)
{
  g_autofree char *path = path_of (uri);
  guint64 job;

  return path != NULL && g_str_has_prefix (path, "/jobs/")
         && g_ascii_string_to_unsigned (path + strlen ("/jobs/"), 10, 1, G_MAXINT, &job, NULL)
         && take_job (request, (gint64)job);
}

static gboolean
take_printer_uri (SgIppRequest *request, const SgIppAttribute *uri)
{
  if (request->path != NULL)
    return FALSE;
  request->path = path_of (uri);
  return request->path != NULL
         && (g_str_equal (request->path, "/") || g_str_equal (request->path, "/jobs")
             || g_str_equal (request->path, "/jobs/") || sg_ipp_is_printer (request->path));
}

static gboolean
take (SgIppRequest *request, const SgIppAttribute *attribute)
{
  if (sg_ipp_is (attribute, "printer-uri"))
    return take_printer_uri (request, attribute);
  if (sg_ipp_is (attribute, "job-uri"))
    return take_job_uri (request, attribute);
  if (sg_ipp_is (attribute, "job-id"))
    return attribute->tag == TAG_INTEGER && attribute->value_len == 4
           && take_job (request, (gint32)sg_ipp_four (attribute->value));
  return TRUE;
}

/* Collections are closed before anything else comes: in an open one CUPS takes the end of the
 * attributes for the collection's, and reads the document as more of them. */
static gboolean
take_collection (const SgIppAttribute *attribute, guint *depth)
{
  gboolean inside = *depth > 0;

  if (inside && (attribute->tag == 0 || attribute->name_len > 0))
    return FALSE;
  switch (attribute->tag)
    {
    case TAG_COLLECTION:
      return attribute->value_len == 0 && ++*depth <= COLLECTIONS_DEEP;
    case TAG_END_COLLECTION:
      return inside && attribute->value_len == 0 && (*depth)-- > 0;
    case TAG_MEMBER:
      return inside;
    default:
      return TRUE;
    }
}

/* Groups in their order, character set and language first: what a reader may expect. */
gboolean
sg_ipp_read_request (SgIppRequest *request)
{
  guint8 group = 0;
  guint n = 0, depth = 0;
  SgIppAttribute attribute;

  for (gsize at = HEADER; at < request->len; at += attribute.len)
    {
      if (sg_ipp_next (request->bytes + at, request->len - at, &attribute) != SG_IPP_WHOLE
          || !take_collection (&attribute, &depth))
        return FALSE;
      if (attribute.tag == 0 && attribute.group == GROUP_END)
        return group != 0 && n >= 2;
      if (attribute.tag == 0)
        {
          if (group == 0 ? attribute.group != GROUP_OPERATION : attribute.group != GROUP_JOB)
            return FALSE;
          group = attribute.group;
          continue;
        }
      if (group == 0 || (n == 0 && !sg_ipp_is (&attribute, "attributes-charset"))
          || (n == 1 && !sg_ipp_is (&attribute, "attributes-natural-language")))
        return FALSE;
      if (group == GROUP_OPERATION && !take (request, &attribute))
        return FALSE;
      n++;
    }
  return FALSE;
}
