/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests: what assistive technology sees of the windows, and can do with it.
 *
 *   tree print                 everything that is shown: "role | name", indented
 *   tree has ROLE NAME         waits up to 40 s for one that shows; NAME may end in *
 *   tree press ROLE NAME       the same, then its first action
 *   tree press ROLE NAME FRAME only in the window of that name
 *   tree where ROLE NAME [FRAME]   the same; prints the middle of it on the screen, "X Y"
 *   tree nameless              what can have the keyboard and has no name: a line each
 *   tree stops FRAME           what can have the keyboard in that window: "role | name", a line each
 *   tree focus                 what has it
 *
 * ROLE as AT-SPI names it ("push button", "frame", "radio menu item"); "any": whichever. */
#include <atspi/atspi.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST 40
#define WIDEST 400
#define PATIENCE_USEC (40 * G_USEC_PER_SEC) /* a busy computer: only a failure takes that long */
/* For one answer.  The library's own 0.8 s would take a press that a busy window answers late for one
 * that was not made, and press again: what the first one opened, the second one shuts. */
#define ANSWER_MSEC 10000

/* Not every version of the library has these. */
typedef AtspiAccessible Accessible;
typedef AtspiStateSet StateSet;
typedef AtspiAction Action;
typedef AtspiComponent Component;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Accessible, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StateSet, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Action, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Component, g_object_unref)

typedef gboolean (*Visit) (AtspiAccessible *object, const char *role, const char *name, int depth,
                           gpointer data);

static gboolean
is_in (AtspiAccessible *object, AtspiStateType state)
{
  g_autoptr (StateSet) states = atspi_accessible_get_state_set (object);

  return states != NULL && atspi_state_set_contains (states, state);
}

/* TRUE: VISIT has found what it wants. */
static gboolean
walk (AtspiAccessible *object, int depth, Visit visit, gpointer data)
{
  int n = MIN (atspi_accessible_get_child_count (object, NULL), WIDEST);

  for (int i = 0; i < n && depth < DEEPEST; i++)
    {
      g_autoptr (Accessible) child = atspi_accessible_get_child_at_index (object, i, NULL);
      g_autofree char *role = NULL, *name = NULL;
      gboolean application;

      if (child == NULL)
        continue;
      role = atspi_accessible_get_role_name (child, NULL);
      name = atspi_accessible_get_name (child, NULL);
      application = g_strcmp0 (role, "application") == 0;
      if (!application && !is_in (child, ATSPI_STATE_SHOWING))
        continue;
      if (visit (child, role != NULL ? role : "", name != NULL ? name : "", depth, data)
          || walk (child, depth + 1, visit, data))
        return TRUE;
    }
  return FALSE;
}

static gboolean
print (AtspiAccessible *object, const char *role, const char *name, int depth, gpointer data)
{
  printf ("%*s%s | %s\n", depth * 2, "", role, name);
  return FALSE;
}

/* A screen of a guest is an area that keys go to; so is a list's row that has its words inside. */
static gboolean
nameless (AtspiAccessible *object, const char *role, const char *name, int depth, gpointer data)
{
  if (*name == '\0' && is_in (object, ATSPI_STATE_FOCUSABLE)
      && is_in (object, ATSPI_STATE_SENSITIVE) && strcmp (role, "scroll pane") != 0
      && strcmp (role, "drawing area") != 0)
    printf ("%s\n", role);
  return FALSE;
}

/* Of what is pressed by the keyboard, not of what only holds others. */
static gboolean
is_stop (AtspiAccessible *object)
{
  return is_in (object, ATSPI_STATE_FOCUSABLE) && is_in (object, ATSPI_STATE_SENSITIVE);
}

typedef struct
{
  const char *frame;
  gboolean inside;
} Stops;

static gboolean
print_stop (AtspiAccessible *object, const char *role, const char *name, int depth, gpointer data)
{
  Stops *stops = data;

  if (depth == 1) /* a window or a dialog */
    stops->inside = strcmp (name, stops->frame) == 0;
  else if (stops->inside && is_stop (object))
    printf ("%s | %s\n", role, name);
  return FALSE;
}

static gboolean
print_focus (AtspiAccessible *object, const char *role, const char *name, int depth, gpointer data)
{
  if (depth <= 1 || !is_in (object, ATSPI_STATE_FOCUSED))
    return FALSE;
  printf ("%s | %s\n", role, name);
  return TRUE;
}

typedef struct
{
  const char *role, *name, *frame; /* FRAME: NULL: in any window */
  gboolean press, where, inside;
} Wanted;

static gboolean
print_middle (AtspiAccessible *object)
{
  g_autoptr (Component) component = atspi_accessible_get_component_iface (object);
  AtspiRect *at = component != NULL
                      ? atspi_component_get_extents (component, ATSPI_COORD_TYPE_SCREEN, NULL)
                      : NULL;
  gboolean ok = at != NULL && at->width > 0 && at->height > 0;

  if (ok)
    printf ("%d %d\n", at->x + at->width / 2, at->y + at->height / 2);
  g_free (at);
  return ok;
}

static gboolean
find (AtspiAccessible *object, const char *role, const char *name, int depth, gpointer data)
{
  Wanted *wanted = data;
  gsize length = strlen (wanted->name);
  g_autoptr (Action) action = NULL;

  if (strcmp (role, "frame") == 0)
    wanted->inside = wanted->frame == NULL || strcmp (wanted->frame, name) == 0;
  if (!wanted->inside)
    return FALSE;
  if (strcmp (wanted->role, "any") != 0 && strcmp (wanted->role, role) != 0)
    return FALSE;
  if (length > 0 && wanted->name[length - 1] == '*' ? strncmp (name, wanted->name, length - 1) != 0
                                                    : strcmp (name, wanted->name) != 0)
    return FALSE;
  if (wanted->where)
    return print_middle (object);
  if (!wanted->press)
    return TRUE;
  action = atspi_accessible_get_action_iface (object);
  return action != NULL && atspi_action_do_action (action, 0, NULL);
}

int
main (int argc, char **argv)
{
  Wanted wanted = { 0 };
  gint64 until = g_get_monotonic_time () + PATIENCE_USEC;
  AtspiAccessible *desktop;

  if (argc < 2 || atspi_init () > 1)
    return 2;
  atspi_set_timeout (ANSWER_MSEC, ANSWER_MSEC);
  desktop = atspi_get_desktop (0);
  if (strcmp (argv[1], "print") == 0)
    return walk (desktop, 0, print, NULL);
  if (strcmp (argv[1], "nameless") == 0)
    return walk (desktop, 0, nameless, NULL);
  if (strcmp (argv[1], "focus") == 0)
    return !walk (desktop, 0, print_focus, NULL);
  if (strcmp (argv[1], "stops") == 0 && argc == 3)
    return walk (desktop, 0, print_stop, &(Stops){ argv[2], FALSE });
  if (argc < 4 || argc > 5)
    return 2;
  wanted.role = argv[2];
  wanted.name = argv[3];
  wanted.frame = argv[4];
  wanted.press = strcmp (argv[1], "press") == 0;
  wanted.where = strcmp (argv[1], "where") == 0;
  do
    {
      if (walk (desktop, 0, find, &wanted))
        return 0;
      g_usleep (200000);
      atspi_accessible_clear_cache (desktop);
    }
  while (g_get_monotonic_time () < until);
  fprintf (stderr, "there is no %s \"%s\"\n", wanted.role, wanted.name);
  return 1;
}
