/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A keyboard for a Wayland desktop without one, for tests: each line on standard input is pressed, as xdotool
 * writes it ("ctrl+v", "Escape"), and let go.  It has the usual layout and stays until its input ends: programs
 * see what they see of a real keyboard.
 *
 * The protocol (virtual-keyboard-unstable-v1) is one of wlroots'; its four requests are written down here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>
#include <xkbcommon/xkbcommon.h>

#define CREATE 0
#define KEYMAP 0
#define KEY 1
#define MODIFIERS 2
#define KEYS_AT_ONCE 4

static const struct wl_interface keyboard_interface;
static const struct wl_interface *no_types[] = { NULL, NULL, NULL, NULL };
static const struct wl_interface *create_types[] = { &wl_seat_interface, &keyboard_interface };
static const struct wl_message keyboard_requests[] = {
  { "keymap", "uhu", no_types },
  { "key", "uuu", no_types },
  { "modifiers", "uuuu", no_types },
  { "destroy", "", no_types },
};
static const struct wl_interface keyboard_interface
    = { "zwp_virtual_keyboard_v1", 1, 4, keyboard_requests, 0, NULL };
static const struct wl_message manager_requests[] = { { "create_virtual_keyboard", "on", create_types } };
static const struct wl_interface manager_interface
    = { "zwp_virtual_keyboard_manager_v1", 1, 1, manager_requests, 0, NULL };

static struct
{
  struct wl_display *display;
  struct wl_seat *seat;
  struct wl_proxy *manager, *keyboard;
  struct xkb_keymap *keymap;
  struct xkb_state *state;
} keys;

static void
on_global (void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
  if (strcmp (interface, "wl_seat") == 0 && keys.seat == NULL)
    keys.seat = wl_registry_bind (registry, name, &wl_seat_interface, 1);
  else if (strcmp (interface, manager_interface.name) == 0)
    keys.manager = wl_registry_bind (registry, name, &manager_interface, 1);
}

static void
on_global_remove (void *data, struct wl_registry *registry, uint32_t name)
{
}

static int
connect_all (void)
{
  static const struct wl_registry_listener listener = { on_global, on_global_remove };

  keys.display = wl_display_connect (NULL);
  if (keys.display == NULL)
    return 0;
  wl_registry_add_listener (wl_display_get_registry (keys.display), &listener, NULL);
  wl_display_roundtrip (keys.display);
  return keys.seat != NULL && keys.manager != NULL;
}

static int
make_keyboard (void)
{
  const struct xkb_rule_names usual = { .rules = "evdev", .model = "pc105", .layout = "us" };
  struct xkb_context *context = xkb_context_new (XKB_CONTEXT_NO_FLAGS);
  char *text;
  size_t size;
  int fd = memfd_create ("keymap", MFD_CLOEXEC);

  keys.keymap = context != NULL ? xkb_keymap_new_from_names (context, &usual, XKB_KEYMAP_COMPILE_NO_FLAGS) : NULL;
  if (keys.keymap == NULL || fd < 0)
    return 0;
  keys.state = xkb_state_new (keys.keymap);
  text = xkb_keymap_get_as_string (keys.keymap, XKB_KEYMAP_FORMAT_TEXT_V1);
  size = strlen (text) + 1;
  if (write (fd, text, size) != (ssize_t)size)
    return 0;
  keys.keyboard = wl_proxy_marshal_constructor (keys.manager, CREATE, &keyboard_interface, keys.seat, NULL);
  wl_proxy_marshal (keys.keyboard, KEYMAP, XKB_KEYMAP_FORMAT_TEXT_V1, fd, (uint32_t)size);
  free (text);
  close (fd);
  return wl_display_roundtrip (keys.display) >= 0;
}

static void
turn (xkb_keycode_t code, int down)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  wl_proxy_marshal (keys.keyboard, KEY, (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000), code - 8,
                    (uint32_t)down);
  xkb_state_update_key (keys.state, code, down ? XKB_KEY_DOWN : XKB_KEY_UP);
  wl_proxy_marshal (keys.keyboard, MODIFIERS, xkb_state_serialize_mods (keys.state, XKB_STATE_MODS_DEPRESSED),
                    0u, 0u, 0u);
  wl_display_roundtrip (keys.display);
  usleep (12000);
}

/* 0: no key has it. */
static xkb_keycode_t
find (const char *name)
{
  static const char *const short_names[][2] = { { "ctrl", "Control_L" }, { "alt", "Alt_L" }, { "shift", "Shift_L" } };
  const xkb_keysym_t *symbols;
  xkb_keysym_t wanted;

  for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
    if (strcmp (name, short_names[i][0]) == 0)
      name = short_names[i][1];
  wanted = xkb_keysym_from_name (name, XKB_KEYSYM_NO_FLAGS);
  for (xkb_keycode_t code = xkb_keymap_min_keycode (keys.keymap); code <= xkb_keymap_max_keycode (keys.keymap); code++)
    if (wanted != XKB_KEY_NoSymbol && xkb_keymap_key_get_syms_by_level (keys.keymap, code, 0, 0, &symbols) == 1
        && *symbols == wanted)
      return code;
  return 0;
}

static void
press (char *line)
{
  xkb_keycode_t codes[KEYS_AT_ONCE];
  int n = 0;

  for (char *name = strtok (line, "+\n"); name != NULL && n < KEYS_AT_ONCE; name = strtok (NULL, "+\n"))
    {
      codes[n] = find (name);
      if (codes[n++] == 0)
        {
          fprintf (stderr, "no key has %s\n", name);
          return;
        }
    }
  for (int i = 0; i < n; i++)
    turn (codes[i], 1);
  while (n > 0)
    turn (codes[--n], 0);
}

int
main (void)
{
  char line[128];

  if (!connect_all () || !make_keyboard ())
    {
      fprintf (stderr, "no keyboard can be made here\n");
      return 1;
    }
  while (fgets (line, sizeof line, stdin) != NULL)
    press (line);
  return 0;
}
