/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints what a screen reader sees of a program: "role<TAB>name", a line each.
 *
 *   shell-names PROGRAM    exit status 1 when it is not on the accessibility bus within 10 s */
/* Its header declares functions the old way. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <atspi/atspi.h>
#pragma GCC diagnostic pop
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print (AtspiAccessible *node, int depth)
{
  g_autofree char *name = atspi_accessible_get_name (node, NULL);
  g_autofree char *role = atspi_accessible_get_role_name (node, NULL);
  int n = depth < 30 ? atspi_accessible_get_child_count (node, NULL) : 0;

  printf ("%s\t%s\n", role ? role : "?", name ? name : "");
  for (int i = 0; i < n; i++)
    {
      AtspiAccessible *child = atspi_accessible_get_child_at_index (node, i, NULL);
      if (child)
        print (child, depth + 1);
      g_clear_object (&child);
    }
}

static AtspiAccessible *
find (const char *program)
{
  AtspiAccessible *desktop = atspi_get_desktop (0), *found = NULL;
  int n = atspi_accessible_get_child_count (desktop, NULL);

  for (int i = 0; i < n && !found; i++)
    {
      AtspiAccessible *child = atspi_accessible_get_child_at_index (desktop, i, NULL);
      g_autofree char *name = child ? atspi_accessible_get_name (child, NULL) : NULL;
      if (name && strcmp (name, program) == 0)
        found = g_object_ref (child);
      g_clear_object (&child);
    }
  g_clear_object (&desktop);
  return found;
}

int
main (int argc, char **argv)
{
  AtspiAccessible *program = NULL;

  if (argc != 2 || atspi_init () > 1)
    return EXIT_FAILURE;
  for (int i = 0; i < 100 && !program; i++)
    {
      program = find (argv[1]);
      if (!program)
        g_usleep (100 * 1000);
    }
  if (!program)
    return EXIT_FAILURE;
  print (program, 0);
  return EXIT_SUCCESS;
}
