/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of an object that is being built, for `--json`.  Inline, so that only who prints JSON is
 * linked with json-glib. */
#pragma once

#include "common/report.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

/* TEXT made valid UTF-8; NULL: null. */
static inline void
sg_json_text (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

/* The same as sg_printable() shows it: a name of a file, or what somebody else said. */
static inline void
sg_json_printable (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *shown = text != NULL ? sg_printable (text) : NULL;

  sg_json_text (builder, name, shown);
}

static inline void
sg_json_flag (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static inline void
sg_json_number (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/* What was built, on stdout, at once: on one line, or PRETTY.  As many names in it are a guest's,
 * and stdout may be a terminal, nothing in it can move a cursor or turn text around. */
static inline void
sg_json_print (JsonBuilder *builder, gboolean pretty)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, pretty);
  g_autofree char *safe = sg_printable_json (text);

  puts (safe);
  fflush (stdout);
}
