/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/passed-fd.h"

int
sg_passed_fd (GUnixFDList *fds, gint32 handle, const char *words, GError **error)
{
  if (fds != NULL && handle >= 0 && handle < g_unix_fd_list_get_length (fds))
    return g_unix_fd_list_get (fds, handle, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, words);
  return -1;
}
