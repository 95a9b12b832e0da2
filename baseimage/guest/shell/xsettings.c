/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xsettings.h"

#include <string.h>

enum
{
  NUMBER,
  TEXT
};

struct SgXsettings
{
  GByteArray *bytes;
  guint32 serial, n;
};

static void
add_32 (GByteArray *bytes, guint32 value)
{
  g_byte_array_append (bytes, (const guint8 *)&value, sizeof value);
}

static void
add_16 (GByteArray *bytes, guint16 value)
{
  g_byte_array_append (bytes, (const guint8 *)&value, sizeof value);
}

/* Bytes, filled up to a multiple of four. */
static void
add_padded (GByteArray *bytes, const char *text)
{
  static const guint8 nothing[4];
  gsize length = strlen (text);

  g_byte_array_append (bytes, (const guint8 *)text, (guint)length);
  g_byte_array_append (bytes, nothing, (guint)(-length & 3));
}

SgXsettings *
sg_xsettings_new (guint32 serial)
{
  SgXsettings *settings = g_new0 (SgXsettings, 1);
  const guint8 order[4] = { G_BYTE_ORDER == G_BIG_ENDIAN };

  settings->bytes = g_byte_array_new ();
  settings->serial = serial;
  g_byte_array_append (settings->bytes, order, sizeof order);
  add_32 (settings->bytes, serial);
  add_32 (settings->bytes, 0); /* how many: at the end */
  return settings;
}

static void
begin (SgXsettings *settings, guint8 type, const char *name)
{
  const guint8 head[2] = { type };

  g_byte_array_append (settings->bytes, head, sizeof head);
  add_16 (settings->bytes, (guint16)strlen (name));
  add_padded (settings->bytes, name);
  add_32 (settings->bytes, settings->serial);
  settings->n++;
}

void
sg_xsettings_add_number (SgXsettings *settings, const char *name, gint32 value)
{
  begin (settings, NUMBER, name);
  add_32 (settings->bytes, (guint32)value);
}

void
sg_xsettings_add_text (SgXsettings *settings, const char *name, const char *value)
{
  begin (settings, TEXT, name);
  add_32 (settings->bytes, (guint32)strlen (value));
  add_padded (settings->bytes, value);
}

GByteArray *
sg_xsettings_end (SgXsettings *settings)
{
  GByteArray *bytes = settings->bytes;

  memcpy (bytes->data + 8, &settings->n, sizeof settings->n);
  g_free (settings);
  return bytes;
}
