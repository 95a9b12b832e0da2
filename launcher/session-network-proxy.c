/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/session-network-proxy.h"

#include "common/paths.h"
#include "policies/hosts.h"

#include <string.h>

/* A script of a company may ask its name server this and that. */
#define PATIENCE_MSEC 4000
#define LINES_MOST 8
#define ADDRESSES_MOST 8

SgProxies *
sg_proxies_new (void)
{
  return sg_proxies_parse ("");
}

void
sg_proxies_free (SgProxies *proxies)
{
  if (proxies == NULL)
    return;
  g_free (proxies->http);
  g_free (proxies->https);
  g_strfreev (proxies->names);
  g_strfreev (proxies->places);
  g_free (proxies);
}

/* --- what the program says ----------------------------------------------------------------------
 */

static GInetAddress *
parse_address (const char *text)
{
  GInetAddress *address = g_inet_address_new_from_string (text);

  if (address != NULL
      && (g_inet_address_get_is_loopback (address) || g_inet_address_get_is_any (address)))
    g_clear_object (&address);
  return address;
}

static char *
place_of (GInetAddress *address, guint64 port)
{
  g_autofree char *text = g_inet_address_to_string (address);

  return g_strdup_printf (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
                              ? "[%s]:%" G_GUINT64_FORMAT
                              : "%s:%" G_GUINT64_FORMAT,
                          text, port);
}

static void
add_once (GPtrArray *list, char *text)
{
  if (g_ptr_array_find_with_equal_func (list, text, g_str_equal, NULL))
    g_free (text);
  else
    g_ptr_array_add (list, text);
}

/* "http proxy.example 3128 192.0.2.1 ..." */
static void
take_line (SgProxies *proxies, GPtrArray *names, GPtrArray *places, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3 + ADDRESSES_MOST + 1);
  guint n = g_strv_length (words), usable = 0;
  char **uri;
  g_autofree char *host = n >= 4 ? sg_host_normalise (words[1]) : NULL;
  guint64 port;

  if (host == NULL || strpbrk (host, "*/") != NULL
      || !g_ascii_string_to_unsigned (words[2], 10, 1, G_MAXUINT16, &port, NULL))
    return;
  uri = g_str_equal (words[0], "http")    ? &proxies->http
        : g_str_equal (words[0], "https") ? &proxies->https
                                          : NULL;
  if (uri == NULL || *uri != NULL)
    return;
  for (guint i = 3; i < MIN (n, 3 + ADDRESSES_MOST); i++)
    {
      g_autoptr (GInetAddress) address = parse_address (words[i]);

      if (address == NULL)
        continue;
      usable++;
      add_once (places, place_of (address, port));
    }
  if (usable == 0)
    return;
  *uri = g_strdup_printf (strchr (host, ':') != NULL ? "http://[%s]:%" G_GUINT64_FORMAT
                                                     : "http://%s:%" G_GUINT64_FORMAT,
                          host, port);
  if (!g_hostname_is_ip_address (host))
    add_once (names, g_steal_pointer (&host));
}

SgProxies *
sg_proxies_parse (const char *text)
{
  SgProxies *proxies = g_new0 (SgProxies, 1);
  g_autoptr (GPtrArray) names = g_ptr_array_new (), places = g_ptr_array_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", LINES_MOST);

  for (char **line = lines; *line != NULL; line++)
    take_line (proxies, names, places, *line);
  g_ptr_array_add (names, NULL);
  g_ptr_array_add (places, NULL);
  proxies->names = (char **)g_ptr_array_steal (names, NULL);
  proxies->places = (char **)g_ptr_array_steal (places, NULL);
  return proxies;
}

/* --- asking -------------------------------------------------------------------------------------
 */

typedef struct
{
  GSubprocess *process; /* owned */
  guint deadline;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *asking = data;

  g_clear_handle_id (&asking->deadline, g_source_remove);
  g_clear_object (&asking->process);
  g_free (asking);
}

static gboolean
too_late (gpointer data)
{
  Asking *asking = data;

  asking->deadline = 0;
  g_subprocess_force_exit (asking->process);
  return G_SOURCE_REMOVE;
}

static void
said (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autofree char *text = NULL;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &text, NULL, NULL);
  g_task_return_pointer (task, sg_proxies_parse (text != NULL ? text : ""),
                         (GDestroyNotify)sg_proxies_free);
}

void
sg_proxies_ask_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  g_autofree char *program = sg_paths_program ("sandglass-proxy", NULL);
  Asking *asking = g_new0 (Asking, 1);

  g_task_set_task_data (task, asking, asking_free);
  if (program != NULL)
    asking->process = g_subprocess_new (
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, program, NULL);
  if (asking->process == NULL)
    {
      g_task_return_pointer (task, sg_proxies_new (), (GDestroyNotify)sg_proxies_free);
      g_object_unref (task);
      return;
    }
  asking->deadline = g_timeout_add (PATIENCE_MSEC, too_late, asking);
  g_subprocess_communicate_utf8_async (asking->process, NULL, cancellable, said, task);
}

SgProxies *
sg_proxies_ask_finish (GAsyncResult *result)
{
  SgProxies *proxies = g_task_propagate_pointer (G_TASK (result), NULL);

  return proxies != NULL ? proxies : sg_proxies_new ();
}
