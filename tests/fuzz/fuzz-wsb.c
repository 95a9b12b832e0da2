/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the profile's reader what people and strangers might hand it, and checks what must hold
 * whatever comes: no crash, a place in every refusal, bounds kept, and what is written back is read
 * again as the same, byte for byte. */
#include "policies/grants.h"
#include "tests/fuzz/mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t len);

static void
require (gboolean holds, const char *what)
{
  if (!holds)
    {
      fprintf (stderr, "fuzz-wsb: violated: %s\n", what);
      abort ();
    }
}

static const char *const environment[] = { "WORK=/srv/work", NULL };
static const SgProfileHost host = { .home = "/home/maria",
                                    .user = "maria",
                                    .dir = "/home/maria/saved",
                                    .environment = (char *const *)environment };

static void
check_grants (const SgProfile *profile)
{
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, NULL);
  g_autofree char *report = sg_grants_text_report (grants);
  g_autofree char *json = sg_grants_json (grants, profile, NULL);
  g_auto (GStrv) sentences = sg_grants_sentences (grants);

  require (g_utf8_validate (report, -1, NULL) && g_utf8_validate (json, -1, NULL), "text is UTF-8");
  require (grants->folders->len == profile->folders->len, "a grant for each folder");
  for (guint i = 0; i < grants->folders->len; i++)
    {
      const SgGrantedFolder *folder = grants->folders->pdata[i];
      require (!folder->granted || (folder->host_path[0] == '/' && folder->sandbox_path[0] == '/'),
               "whole paths");
      require (folder->granted || !folder->writable, "nothing of what is not given");
    }
  require (!grants->may_run || !sg_profile_has_errors (profile), "errors do not run");
}

static void
check_written (const SgProfile *profile)
{
  g_autofree char *once = sg_profile_to_xml (profile);
  g_autoptr (SgProfile) again = sg_profile_parse (once, strlen (once), "again", &host, NULL);

  require (again != NULL, "what is written can be read");
  if (sg_profile_has_errors (profile))
    return;
  g_autofree char *twice = sg_profile_to_xml (again);
  require (strcmp (once, twice) == 0, "written twice, the same");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SgProfile) profile = sg_profile_parse (data, len, "f", &host, &error);

  if (profile == NULL)
    {
      require (error != NULL && g_str_has_prefix (error->message, "f:"),
               "a refusal names the file");
      return 0;
    }
  require (profile->notes->len <= 1002, "notes are bounded");
  check_grants (profile);
  check_written (profile);
  return 0;
}

static void
one (const guint8 *data, gsize len)
{
  LLVMFuzzerTestOneInput (data, len);
}

#ifndef SG_LIBFUZZER
int
main (int argc, char **argv)
{
  static const char *const words[] = { "<Configuration>",
                                       "</Configuration>",
                                       "<MappedFolder>",
                                       "<HostFolder>",
                                       "<!DOCTYPE a [<!ENTITY b \"c\">]>",
                                       "&b;",
                                       "&#0;",
                                       "<![CDATA[",
                                       "]]>",
                                       "<!--",
                                       "C:\\Users\\x\\",
                                       "%USERPROFILE%",
                                       "${WORK}",
                                       "Default",
                                       "-1",
                                       "<NetworkMode>lan</NetworkMode>",
                                       "\xff\xfe",
                                       "\xef\xbb\xbf",
                                       "\xe2\x80\xae",
                                       "99999999999999999999999",
                                       "../../..",
                                       NULL };

  return fuzz_main (argc, argv, "tests/wsb", words, 3000, one);
}
#endif
