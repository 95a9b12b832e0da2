/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a large profile takes to become grants: `grants-speed [FOLDERS]`, 10,000 by default,
 * with a policy of a few globs.  The best and the median of 21 runs, and twice as many folders
 * beside it: it should take twice as long. */
#include "policies/grants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 21

static char *
make_profile (guint folders)
{
  GString *xml = g_string_new ("<Configuration>\n  <MappedFolders>\n");

  for (guint i = 0; i < folders; i++)
    g_string_append_printf (xml,
                            "    <MappedFolder><HostFolder>~/projects/some/part-%u</HostFolder>"
                            "<ReadOnly>true</ReadOnly></MappedFolder>\n",
                            i);
  g_string_append (xml, "  </MappedFolders>\n</Configuration>\n");
  return g_string_free (xml, FALSE);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

/* Microseconds of this thread: what others run on this computer does not count. */
static gint64
cpu_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
measure (guint folders)
{
  static const char rules[] = "[policy]\nMappedFoldersAllowed=/home/*;/srv/*\n"
                              "MappedFoldersDenied=/home/*/.ssh;/home/*/.gnupg;/srv/secret\n";
  const SgProfileHost host = { .home = "/home/maria", .user = "maria", .dir = "/home/maria" };
  const SgDefaults defaults = { .memory_mb = 16000, .cpus = 8 };
  g_autoptr (SgPolicy) policy = sg_policy_new ();
  g_autofree char *xml = make_profile (folders);
  gint64 took[RUNS], reading[RUNS];

  sg_policy_add_text (policy, "/etc/x.conf", rules, sizeof rules - 1);
  for (int i = 0; i < RUNS; i++)
    {
      gint64 start = cpu_time ();
      g_autoptr (SgProfile) profile = sg_profile_parse (xml, strlen (xml), "x.wsb", &host, NULL);
      reading[i] = cpu_time () - start;
      g_autoptr (SgGrants) grants = sg_grants_new (&defaults, profile, policy);

      if (grants->folders->len != MIN (folders, SG_PROFILE_FOLDERS_MAX))
        abort ();
      took[i] = cpu_time () - start;
    }
  qsort (took, RUNS, sizeof *took, compare);
  qsort (reading, RUNS, sizeof *reading, compare);
  printf ("%u folders, %zu bytes: best %.1f ms (%.1f ms of it reading), median %.1f ms\n", folders,
          strlen (xml), (double)took[0] / 1000, (double)reading[0] / 1000,
          (double)took[RUNS / 2] / 1000);
}

int
main (int argc, char **argv)
{
  guint folders = argc > 1 ? (guint)strtoul (argv[1], NULL, 10) : 10000;

  measure (folders);
  measure (2 * folders);
  return 0;
}
