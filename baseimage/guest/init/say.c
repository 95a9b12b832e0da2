/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* The console only exists once its driver is loaded; the kernel's log always does. */
static void
write_line (const char *line, size_t len)
{
  static const char *const places[] = { "/dev/console", "/dev/kmsg" };

  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    {
      int fd = open (places[i], O_WRONLY | O_NOCTTY | O_CLOEXEC);
      int written = fd >= 0 && write (fd, line, len) == (ssize_t)len;

      if (fd >= 0)
        close (fd);
      if (written)
        return;
    }
}

void
sg_die (const char *format, ...)
{
  static const char prefix[] = "sandglass: the sandbox cannot start. ";
  char line[512];
  size_t len = sizeof prefix - 1;
  va_list args;

  memcpy (line, prefix, len);
  va_start (args, format);
  vsnprintf (line + len, sizeof line - len - 1, format, args);
  va_end (args);
  len = strlen (line);
  line[len++] = '\n';
  write_line (line, len);
  reboot (RB_POWER_OFF);
  for (;;)
    pause ();
}
