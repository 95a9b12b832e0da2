/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/places.h"

#include "ui/words.h"

#include <glib/gi18n.h>

#define RECORDS "(a(ssttttxxyqsss))"

typedef struct
{
  SgPlace shown; /* first: what is given away is freed as one */
  guint64 bytes;
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->shown.title);
  g_free (place->shown.detail);
  g_free (place);
}

/* What was stopped is what a person looks for. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const Place *x = *(Place *const *)a, *y = *(Place *const *)b;

  if (x->shown.stopped != y->shown.stopped)
    return x->shown.stopped ? -1 : 1;
  return x->bytes > y->bytes ? -1 : x->bytes < y->bytes ? 1 : 0;
}

static char *
traffic (guint64 out, guint64 in)
{
  g_autofree char *sent = g_format_size (out), *received = g_format_size (in);

  return g_strdup_printf (_ ("%s sent, %s received"), sent, received);
}

static char *
stopped_words (guint64 times, const char *sentence, const char *source)
{
  g_autofree char *why = sg_words_name (sentence), *base = g_path_get_basename (source);
  g_autofree char *count
      = g_strdup_printf (g_dngettext (NULL, "Stopped %u time", "Stopped %u times", (gulong)times),
                         (guint)MIN (times, G_MAXUINT));

  if (*why == '\0')
    return g_steal_pointer (&count);
  return *source != '\0' ? g_strdup_printf ("%s: %s (%s)", count, why, base)
                         : g_strdup_printf ("%s: %s", count, why);
}

GPtrArray *
sg_places_from (GVariant *records, guint *ret_total)
{
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (place_free);
  g_autoptr (GVariantIter) iter = NULL;
  const char *address, *name, *reason, *sentence, *source;
  guint64 out, in, connections, stopped;
  gint64 first, last;
  guint8 protocol;
  guint16 port;

  *ret_total = 0;
  if (records == NULL || !g_variant_is_of_type (records, G_VARIANT_TYPE (RECORDS)))
    return g_steal_pointer (&places);
  g_variant_get (records, RECORDS, &iter);
  while (g_variant_iter_next (iter, "(&s&sttttxxyq&s&s&s)", &address, &name, &out, &in,
                              &connections, &stopped, &first, &last, &protocol, &port, &reason,
                              &sentence, &source))
    {
      Place *place = g_new0 (Place, 1);

      place->shown.title = sg_words_name (*name != '\0' ? name : address);
      place->shown.stopped = stopped > 0;
      place->shown.detail
          = stopped > 0 ? stopped_words (stopped, sentence, source) : traffic (out, in);
      place->bytes = out + in;
      g_ptr_array_add (places, place);
    }
  *ret_total = places->len;
  g_ptr_array_sort (places, compare);
  if (places->len > SG_PLACES_MAX)
    g_ptr_array_set_size (places, SG_PLACES_MAX);
  return g_steal_pointer (&places);
}
