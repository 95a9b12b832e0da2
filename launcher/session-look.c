/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-look.h"

#include "common/paths.h"

#include <string.h>

#define PATIENCE_MSEC 1000
#define PAUSE_USEC G_USEC_PER_SEC /* between two changes that are told */
#define TEXT_MOST 8192
#define READ_SIZE 4096

struct SgSessionLook
{
  GSubprocess *process;      /* NULL: there is nothing to ask */
  GCancellable *cancellable; /* of reading */
  GString *text;             /* that has come so far */
  char *words;               /* what LOOK was made from */
  SgLook *look;              /* or NULL */
  gboolean answered;
  guint patience, pause; /* sources; 0: none */
  gint64 told;           /* when CHANGED was called, monotonic */
  void (*known) (gpointer data);
  gpointer known_data;
  void (*changed) (gpointer data);
  gpointer data;
};

/* --- telling --- */

static void
tell_known (SgSessionLook *look)
{
  void (*known) (gpointer data) = g_steal_pointer (&look->known);

  look->answered = TRUE;
  g_clear_handle_id (&look->patience, g_source_remove);
  if (known != NULL)
    known (look->known_data);
}

/* It goes on without; what comes later is a change. */
static gboolean
too_late (gpointer data)
{
  SgSessionLook *look = data;

  look->patience = 0;
  tell_known (look);
  return G_SOURCE_REMOVE;
}

static gboolean
tell_changed (gpointer data)
{
  SgSessionLook *look = data;

  look->pause = 0;
  look->told = g_get_monotonic_time ();
  look->changed (look->data);
  return G_SOURCE_REMOVE;
}

static void
tell_changed_later (SgSessionLook *look)
{
  gint64 left = look->told + PAUSE_USEC - g_get_monotonic_time ();

  if (look->changed != NULL && look->pause == 0)
    look->pause = g_timeout_add (look->told > 0 && left > 0 ? (guint)(left / 1000) + 1 : 0,
                                 tell_changed, look);
}

/* --- the program --- */

static void
take (SgSessionLook *look, const char *words)
{
  if (g_strcmp0 (words, look->words) == 0)
    return;
  g_free (look->words);
  look->words = g_strdup (words);
  sg_look_free (look->look);
  look->look = *words != '\0' ? sg_look_parse (words) : NULL;
  if (look->answered)
    tell_changed_later (look);
}

/* Each of its answers ends with a NUL; only the last one is of use.  FALSE: it says too much. */
static gboolean
take_answers (SgSessionLook *look)
{
  const char *last;

  while ((last = memchr (look->text->str, '\0', look->text->len)) != NULL)
    {
      take (look, look->text->str);
      g_string_erase (look->text, 0, last - look->text->str + 1);
      if (!look->answered)
        tell_known (look);
    }
  return look->text->len <= TEXT_MOST;
}

static void
end_program (SgSessionLook *look)
{
  if (look->process != NULL)
    g_subprocess_force_exit (look->process);
  g_clear_object (&look->process);
}

static void read_on (SgSessionLook *look);

static void
on_read (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);
  SgSessionLook *look = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* it is gone */
  if (bytes != NULL)
    g_string_append_len (look->text, g_bytes_get_data (bytes, NULL),
                         (gssize)g_bytes_get_size (bytes));
  if (bytes != NULL && g_bytes_get_size (bytes) > 0 && take_answers (look))
    {
      read_on (look);
      return;
    }
  end_program (look);
  if (!look->answered)
    tell_known (look);
}

static void
read_on (SgSessionLook *look)
{
  g_input_stream_read_bytes_async (g_subprocess_get_stdout_pipe (look->process), READ_SIZE,
                                   G_PRIORITY_DEFAULT, look->cancellable, on_read, look);
}

/* --- the outside --- */

char *
sg_session_look_program (void)
{
  gboolean display = g_getenv ("DISPLAY") != NULL || g_getenv ("WAYLAND_DISPLAY") != NULL;

  return display ? sg_paths_program ("sandglass-look", NULL) : NULL;
}

SgSessionLook *
sg_session_look_new (const char *program, void (*changed) (gpointer data), gpointer data)
{
  SgSessionLook *look = g_new0 (SgSessionLook, 1);

  look->changed = changed;
  look->data = data;
  look->text = g_string_new (NULL);
  look->cancellable = g_cancellable_new ();
  if (program != NULL)
    look->process
        = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                            program, "--watch", NULL);
  look->answered = look->process == NULL;
  if (look->process != NULL)
    {
      look->patience = g_timeout_add (PATIENCE_MSEC, too_late, look);
      read_on (look);
    }
  return look;
}

void
sg_session_look_free (SgSessionLook *look)
{
  if (look == NULL)
    return;
  g_clear_handle_id (&look->patience, g_source_remove);
  g_clear_handle_id (&look->pause, g_source_remove);
  g_cancellable_cancel (look->cancellable);
  g_object_unref (look->cancellable);
  end_program (look);
  g_string_free (look->text, TRUE);
  sg_look_free (look->look);
  g_free (look->words);
  g_free (look);
}

gboolean
sg_session_look_granted (const SgGrants *grants, gboolean anonymous)
{
  return grants != NULL && sg_grants_number (grants, SG_SETTING_DESKTOP_LOOK) != 0 && !anonymous;
}

void
sg_session_look_await (SgSessionLook *look, void (*known) (gpointer data), gpointer data)
{
  if (look->answered)
    {
      known (data);
      return;
    }
  look->known = known;
  look->known_data = data;
}

const SgLook *
sg_session_look_get (const SgSessionLook *look)
{
  return look->look;
}
