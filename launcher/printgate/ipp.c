/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request is never passed on as it came: its operation must be in the first table, and of its
 * attributes those in the second are written into a new one.  So what is not known here (fetching
 * from a URI, subscriptions, administration) cannot be asked for, however it is spelt. */
#include "launcher/printgate/ipp-internal.h"

#include <string.h>

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

/* Job attributes, by their beginnings, that say more than how to print.  CUPS looks for the
 * printer, the job and the user in all groups (before 2.4), and by names in any case. */
static const char *const not_passed[] = { "printer-uri",
                                          "job-uri",
                                          "job-id",
                                          "requesting-user-",
                                          "document-uri",
                                          "notify-",
                                          "job-originating-",
                                          "job-authorization-",
                                          "job-printer-uri",
                                          "auth-info",
                                          NULL };

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
passes (const SgIppAttribute *attribute, guint8 group)
{
  g_autofree char *name = g_strndup (attribute->name, attribute->name_len);

  if (group == GROUP_OPERATION)
    return g_strv_contains (passed, name);
  for (const char *const *no = not_passed; *no != NULL; no++)
    if (g_ascii_strncasecmp (name, *no, strlen (*no)) == 0)
      return FALSE;
  return TRUE;
}

/* The attributes that pass, with all their values; without the end. */
static void
copy_attributes (GByteArray *out, const SgIppRequest *request)
{
  guint8 group = 0;
  gboolean pass = FALSE;
  SgIppAttribute attribute;

  for (gsize at = HEADER; at < request->len; at += attribute.len)
    {
      if (sg_ipp_next (request->bytes + at, request->len - at, &attribute) != SG_IPP_WHOLE
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
write_request (const SgIppRequest *request, Target target, const char *user, const GArray *jobs)
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
refuse (SgIppRequest *request, Target target, const GArray *jobs)
{
  if (!sg_ipp_read_request (request))
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
  SgIppRequest request = { .bytes = bytes, .len = len };
  guint number = sg_ipp_two (bytes + 2), i = 0;

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
