/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A saved sandbox in the list: its name, in words and pictures what it is granted here, and a menu
 * whose actions (of a group "saved", with the path as parameter) belong to the list. */
#pragma once

#include "ui/look.h"

#include <gtk/gtk.h>

/* NAME: as shown; LOOK: not kept. */
GtkWidget *sg_card_new (const char *path, const char *name, const SgLook *look);

/* The file; NULL: ROW is no card. */
const char *sg_card_path (GtkListBoxRow *row);

/* A line of words with their pictures, as on a card; floating. */
GtkWidget *sg_card_words_new (const SgLook *look);
