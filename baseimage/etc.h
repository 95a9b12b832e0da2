/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Sandglass writes into /etc and below / in place of the host's own.  Replaces what the tree
 * has. */
#pragma once

#include "baseimage/tree.h"

/* Folders directly below / that every system has, and where the sandbox's own things go. */
void sg_etc_add_folders (SgTree *tree);

/* Host name, name service, accounts' gates (PAM), sudo, machine-id, mounts. */
void sg_etc_add_files (SgTree *tree);

/* /var: the folders that programs expect where no package made them. */
void sg_etc_add_var (SgTree *tree);
