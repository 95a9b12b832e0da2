/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When does a clone need more memory?  Told by what its process takes of the host's: every page
 * that the guest uses for the first time shows there, and nobody inside has to be asked. */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct SgAppetite SgAppetite;

/* Called once, when PROCESS and its descendants hold more than BYTES beyond what they hold now. */
typedef void (*SgAppetiteGrown) (gpointer data);
SgAppetite *sg_appetite_new (pid_t process, guint64 bytes, SgAppetiteGrown grown, gpointer data);
void sg_appetite_free (SgAppetite *appetite);

/* Resident bytes of PROCESS and its descendants; pages shared with others count in full. */
guint64 sg_appetite_resident (pid_t process);
