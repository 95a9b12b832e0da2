/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request is never passed on as it came: its operation must be in the first table, and of its
 * attributes those in the second are written into a new one.  So what is not known here (fetching
 * from a URI, subscriptions, administration) cannot be asked for, however it is spelt. */
#include "launcher/printgate/ipp.h"

#include <string.h>

#define HEADER 8 /* version (2), operation or status (2), number (4) */

enum
{
  GROUP_OPERATION = 0x01,
  GROUP_JOB = 0x02,
  GROUP_END = 0x03,
  GROUP_LAST = 0x0f,
  TAG_INTEGER = 0x21,
  TAG_TEXT = 0x41,
  TAG_NAME = 0x42,
  TAG_URI = 0x45,
  TAG_CHARSET = 0x47,
  TAG_LANGUAGE = 0x48
};

enum
{
  STATUS_OK = 0x0000,
  STATUS_BAD_REQUEST = 0x0400,
  STATUS_NOT_FOUND = 0x0406,
  STATUS_NOT_SUPPORTED = 0x0501
};

typedef enum
{
  ON_ALL,     /* printers in general */
  ON_PRINTER, /* one */
  ON_JOB,     /* one of the sandbox's own jobs */
  ON_JOBS     /* all of them */
} Target;

static const struct
{
  guint16 number;
  Target target;
  gboolean document, makes_job;
} operations[] = {
  { 0x0002, ON_PRINTER, TRUE, TRUE },   /* Print-Job */
  { 0x0004, ON_PRINTER, FALSE, FALSE }, /* Validate-Job */
  { 0x0005, ON_PRINTER, FALSE, TRUE },  /* Create-Job */
  { 0x0006, ON_JOB, TRUE, FALSE },      /* Send-Document */
  { 0x0008, ON_JOB, FALSE, FALSE },     /* Cancel-Job */
  { 0x0009, ON_JOB, FALSE, FALSE },     /* Get-Job-Attributes */
  { 0x000a, ON_JOBS, FALSE, FALSE },    /* Get-Jobs */
  { 0x000b, ON_PRINTER, FALSE, FALSE }, /* Get-Printer-Attributes */
  { 0x0015, ON_PRINTER, FALSE, FALSE }, /* Get-Printer-Supported-Values */
  { 0x003b, ON_JOB, FALSE, FALSE },     /* Close-Job */
  { 0x4001, ON_ALL, FALSE, FALSE },     /* CUPS-Get-Default */
  { 0x4002, ON_ALL, FALSE, FALSE },     /* CUPS-Get-Printers */
  { 0x4005, ON_ALL, FALSE, FALSE },     /* CUPS-Get-Classes */
};

/* Operation attributes that pass as they are; those about user, printer and job are written anew.
 */
static const char *const passed[] = { "job-name",
                                      "document-name",
                                      "document-format",
                                      "document-natural-language",
                                      "compression",
                                      "last-document",
                                      "limit",
                                      "ipp-attribute-fidelity",
                                      "printer-type",
                                      "printer-type-mask",
                                      "printer-location",
                                      "requested-attributes",
                                      "job-k-octets",
                                      "first-printer-name",
                                      "job-media-sheets",
                                      "job-impressions",
                                      "printer-info",
                                      NULL };

/* Job attributes that say more than how to print. */
static const char *const not_passed[]
    = { "notify-", "job-originating-", "job-authorization-", "job-printer-uri", "auth-info", NULL };

static guint
two (const guint8 *at)
{
  return (guint)at[0] << 8 | at[1];
}

static guint32
four (const guint8 *at)
{
  return (guint32)two (at) << 16 | two (at + 2);
}

/* --- reading ------------------------------------------------------------------------------------
 */

typedef struct
{
  guint8 group, tag; /* tag 0: a group begins */
  const char *name;
  guint name_len; /* 0: one more value of the last attribute, or of a collection */
  const guint8 *value;
  guint value_len;
  gsize len; /* of all of it */
} Attribute;

/* What is at BYTES: MORE and BAD as for a scan; WHOLE with *RET. */
static SgIppState
next (const guint8 *bytes, gsize len, Attribute *ret)
{
  guint name, value;

  if (len < 1)
    return SG_IPP_MORE;
  *ret = (Attribute){ .len = 1 };
  if (bytes[0] <= GROUP_LAST)
    {
      ret->group = bytes[0];
      return bytes[0] == 0 ? SG_IPP_BAD : SG_IPP_WHOLE;
    }
  if (len < 3)
    return SG_IPP_MORE;
  name = two (bytes + 1);
  if (name > 255)
    return SG_IPP_BAD;
  if (len < 5u + name)
    return SG_IPP_MORE;
  value = two (bytes + 3 + name);
  if (value > 32767)
    return SG_IPP_BAD;
  if (len < 5u + name + value)
    return SG_IPP_MORE;
  ret->tag = bytes[0];
  ret->name = (const char *)bytes + 3;
  ret->name_len = name;
  ret->value = bytes + 5 + name;
  ret->value_len = value;
  ret->len = 5u + name + value;
  return SG_IPP_WHOLE;
}

SgIppState
sg_ipp_scan (SgIppScan *scan, const guint8 *bytes, gsize len)
{
  Attribute attribute;
  SgIppState state;

  if (len < HEADER)
    return SG_IPP_MORE;
  scan->at = MAX (scan->at, HEADER);
  while ((state = next (bytes + scan->at, len - scan->at, &attribute)) == SG_IPP_WHOLE)
    {
      scan->at += attribute.len;
      if (scan->at > SG_IPP_MOST)
        return SG_IPP_BAD;
      if (attribute.tag == 0 && attribute.group == GROUP_END)
        return SG_IPP_WHOLE;
    }
  return state == SG_IPP_MORE && len > SG_IPP_MOST ? SG_IPP_BAD : state;
}

static gboolean
is (const Attribute *attribute, const char *name)
{
  return attribute->name_len == strlen (name)
         && memcmp (attribute->name, name, attribute->name_len) == 0;
}

/* --- what a request says ------------------------------------------------------------------------
 */

typedef struct
{
  const guint8 *bytes; /* whole, with its end */
  gsize len;
  char *path; /* owned; of the printer; NULL: none is named */
  gint job;   /* 0: none is named */
} Request;

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
path_of (const Attribute *uri)
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
take_job (Request *request, gint64 job)
{
  if (job <= 0 || job > G_MAXINT || (request->job != 0 && request->job != job))
    return FALSE;
  request->job = (gint)job;
  return TRUE;
}

static gboolean
take_job_uri (Request *request, const Attribute *uri)
{
  g_autofree char *path = path_of (uri);
  guint64 job;

  return path != NULL && g_str_has_prefix (path, "/jobs/")
         && g_ascii_string_to_unsigned (path + strlen ("/jobs/"), 10, 1, G_MAXINT, &job, NULL)
         && take_job (request, (gint64)job);
}

static gboolean
take_printer_uri (Request *request, const Attribute *uri)
{
  if (request->path != NULL)
    return FALSE;
  request->path = path_of (uri);
  return request->path != NULL
         && (g_str_equal (request->path, "/") || g_str_equal (request->path, "/jobs")
             || g_str_equal (request->path, "/jobs/") || sg_ipp_is_printer (request->path));
}

static gboolean
take (Request *request, const Attribute *attribute)
{
  if (is (attribute, "printer-uri"))
    return take_printer_uri (request, attribute);
  if (is (attribute, "job-uri"))
    return take_job_uri (request, attribute);
  if (is (attribute, "job-id"))
    return attribute->tag == TAG_INTEGER && attribute->value_len == 4
           && take_job (request, (gint32)four (attribute->value));
  return TRUE;
}

/* Groups in their order, character set and language first: what a reader may expect. */
static gboolean
read_request (Request *request)
{
  guint8 group = 0;
  guint n = 0;
  Attribute attribute;

  for (gsize at = HEADER; at < request->len; at += attribute.len)
    {
      if (next (request->bytes + at, request->len - at, &attribute) != SG_IPP_WHOLE)
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
      if (group == 0 || (n == 0 && !is (&attribute, "attributes-charset"))
          || (n == 1 && !is (&attribute, "attributes-natural-language")))
        return FALSE;
      if (group == GROUP_OPERATION && !take (request, &attribute))
        return FALSE;
      n++;
    }
  return FALSE;
}

/* --- writing ------------------------------------------------------------------------------------
 */

static void
put_two (GByteArray *out, guint value)
{
  guint8 bytes[] = { (guint8)(value >> 8), (guint8)value };

  g_byte_array_append (out, bytes, 2);
}

static void
put (GByteArray *out, guint8 tag, const char *name, const void *value, gsize len)
{
  g_byte_array_append (out, &tag, 1);
  put_two (out, (guint)strlen (name));
  g_byte_array_append (out, (const guint8 *)name, (guint)strlen (name));
  put_two (out, (guint)len);
  g_byte_array_append (out, value, (guint)len);
}

static void
put_text (GByteArray *out, guint8 tag, const char *name, const char *value)
{
  put (out, tag, name, value, MIN (strlen (value), 1023));
}

static void
put_int (GByteArray *out, const char *name, gint value)
{
  guint32 big = GUINT32_TO_BE ((guint32)value);

  put (out, TAG_INTEGER, name, &big, sizeof big);
}

static void
put_group (GByteArray *out, guint8 group)
{
  g_byte_array_append (out, &group, 1);
}

/* To REQUEST: its version and number. */
static GByteArray *
answer (const guint8 *request, guint status, const char *words)
{
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, request, 2);
  put_two (out, status);
  g_byte_array_append (out, request + 4, 4);
  put_group (out, GROUP_OPERATION);
  put_text (out, TAG_CHARSET, "attributes-charset", "utf-8");
  put_text (out, TAG_LANGUAGE, "attributes-natural-language", "en");
  if (words != NULL)
    put_text (out, TAG_TEXT, "status-message", words);
  put_group (out, GROUP_END);
  return out;
}

static gboolean
passes (const Attribute *attribute, guint8 group)
{
  g_autofree char *name = g_strndup (attribute->name, attribute->name_len);

  if (group == GROUP_OPERATION)
    return g_strv_contains (passed, name);
  for (const char *const *no = not_passed; *no != NULL; no++)
    if (g_str_has_prefix (name, *no))
      return FALSE;
  return TRUE;
}

/* The attributes that pass, with all their values; without the end. */
static void
copy_attributes (GByteArray *out, const Request *request)
{
  guint8 group = 0;
  gboolean pass = FALSE;
  Attribute attribute;

  for (gsize at = HEADER; at < request->len; at += attribute.len)
    {
      if (next (request->bytes + at, request->len - at, &attribute) != SG_IPP_WHOLE
          || (attribute.tag == 0 && attribute.group == GROUP_END))
        return;
      if (attribute.tag == 0)
        {
          if (group != 0) /* the first one is there */
            put_group (out, attribute.group);
          group = attribute.group;
          pass = FALSE;
          continue;
        }
      if (attribute.name_len > 0)
        pass = passes (&attribute, group);
      if (pass)
        g_byte_array_append (out, request->bytes + at, (guint)attribute.len);
    }
}

static void
put_jobs (GByteArray *out, const GArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    put_int (out, i == 0 ? "job-ids" : "", g_array_index (jobs, gint, i));
}

/* USER, printer and job are ours to say. */
static GByteArray *
write_request (const Request *request, Target target, const char *user, const GArray *jobs)
{
  GByteArray *out = g_byte_array_new ();
  g_autofree char *uri = g_strconcat ("ipp://localhost", request->path, NULL);
  g_autofree char *job = g_strdup_printf ("ipp://localhost/jobs/%d", request->job);

  g_byte_array_append (out, request->bytes, HEADER);
  put_group (out, GROUP_OPERATION);
  put_text (out, TAG_CHARSET, "attributes-charset", "utf-8");
  put_text (out, TAG_LANGUAGE, "attributes-natural-language", "en");
  if (target == ON_PRINTER || target == ON_JOBS)
    put_text (out, TAG_URI, "printer-uri", uri);
  if (target == ON_JOB)
    put_text (out, TAG_URI, "job-uri", job);
  put_text (out, TAG_NAME, "requesting-user-name", user);
  if (target == ON_JOBS)
    put_jobs (out, jobs);
  copy_attributes (out, request);
  put_group (out, GROUP_END);
  return out;
}

/* --- judging ------------------------------------------------------------------------------------
 */

static gboolean
is_own (const GArray *jobs, gint job)
{
  for (guint i = 0; i < jobs->len; i++)
    if (g_array_index (jobs, gint, i) == job)
      return TRUE;
  return FALSE;
}

/* An answer in place of CUPS'; NULL: it may pass. */
static GByteArray *
refuse (Request *request, Target target, const GArray *jobs)
{
  if (!read_request (request))
    return answer (request->bytes, STATUS_BAD_REQUEST, "This request is not understood.");
  if (target == ON_PRINTER && (request->path == NULL || !sg_ipp_is_printer (request->path)))
    return answer (request->bytes, STATUS_NOT_FOUND, "There is no such printer.");
  if (target == ON_JOB && !is_own (jobs, request->job))
    return answer (request->bytes, STATUS_NOT_FOUND, "This sandbox has no such print job.");
  if (target == ON_JOBS && jobs->len == 0)
    return answer (request->bytes, STATUS_OK, NULL);
  return NULL;
}

SgIppVerdict
sg_ipp_judge (const guint8 *bytes, gsize len, const char *user, const GArray *jobs,
              SgIppJudged *ret)
{
  Request request = { .bytes = bytes, .len = len };
  guint number = two (bytes + 2), i = 0;

  *ret = (SgIppJudged){ 0 };
  while (i < G_N_ELEMENTS (operations) && operations[i].number != number)
    i++;
  if (i == G_N_ELEMENTS (operations))
    ret->answer = answer (bytes, STATUS_NOT_SUPPORTED,
                          "A sandbox may print and look at printers, and nothing else.");
  else
    ret->answer = refuse (&request, operations[i].target, jobs);
  if (ret->answer == NULL)
    {
      if (operations[i].target == ON_ALL || request.path == NULL)
        {
          g_free (request.path);
          request.path = g_strdup ("/");
        }
      ret->request = write_request (&request, operations[i].target, user, jobs);
      ret->path = g_strdup (sg_ipp_is_printer (request.path) ? request.path : "/");
      ret->document = operations[i].document;
      ret->makes_job = operations[i].makes_job;
    }
  g_free (request.path);
  return ret->answer != NULL ? SG_IPP_ANSWER : SG_IPP_PASS;
}

void
sg_ipp_judged_clear (SgIppJudged *judged)
{
  g_clear_pointer (&judged->request, g_byte_array_unref);
  g_clear_pointer (&judged->answer, g_byte_array_unref);
  g_clear_pointer (&judged->path, g_free);
}

gint
sg_ipp_job (const guint8 *bytes, gsize len)
{
  SgIppScan scan = { 0 };
  Attribute attribute;

  if (len < HEADER || two (bytes + 2) >= 0x0100 || sg_ipp_scan (&scan, bytes, len) != SG_IPP_WHOLE)
    return 0;
  for (gsize at = HEADER; at < scan.at; at += attribute.len)
    {
      if (next (bytes + at, scan.at - at, &attribute) != SG_IPP_WHOLE)
        return 0;
      if (attribute.tag == TAG_INTEGER && is (&attribute, "job-id") && attribute.value_len == 4)
        return MAX ((gint32)four (attribute.value), 0);
    }
  return 0;
}
