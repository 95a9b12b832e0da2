/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests that need a real QEMU: started with its monitor on a socket pair, spoken to in turns of
 * the main loop. */
#pragma once

#include "launcher/qmp.h"

#include <sys/types.h>

typedef struct
{
  pid_t pid;
  SgQmp *qmp;
  char *closed; /* why, once it has */
} QmpKit;

/* Where QEMU is; NULL where it is not (the test says "skipped" then). */
const char *qmp_kit_qemu (void);

/* `before`: what stands before QEMU on its command line (bubblewrap), or NULL.  `more`: arguments
 * behind "-nodefaults -no-user-config -display none" and the monitor's; NULL at
 * the end.  Descriptors without close-on-exec go along. */
void qmp_kit_start_in (QmpKit *kit, const char *const *before, const char *const *more);
void qmp_kit_start (QmpKit *kit, const char *const *more);
void qmp_kit_stop (QmpKit *kit);

/* One command and its answer; `error` NULL: it must succeed.  Free with json_node_unref(). */
JsonNode *
qmp_kit_call_fd (SgQmp *qmp, const char *command, JsonNode *arguments, int fd, GError **error);
JsonNode *qmp_kit_call (SgQmp *qmp, const char *command, JsonNode *arguments, GError **error);

/* A callback that keeps its result in *data, and turns of the loop until *what is set. */
void qmp_kit_keep (GObject *source, GAsyncResult *result, gpointer data);
void qmp_kit_spin (gconstpointer *what);
#define QMP_KIT_SPIN(what) qmp_kit_spin ((gconstpointer *)&(what))
