/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole page that tells about a problem: what happened, what it means, the next step, *Copy
 * Details*, and buttons of the window it is in. */
#pragma once

#include "ui/problem.h"

#include <gtk/gtk.h>

#define SG_TYPE_PROBLEM_PAGE (sg_problem_page_get_type ())
G_DECLARE_FINAL_TYPE (SgProblemPage, sg_problem_page, SG, PROBLEM_PAGE, GtkBox)

/* PROBLEM is copied. */
void sg_problem_page_show (SgProblemPage *page, const SgProblem *problem);

/* As sg_problem_report() of what is shown; NULL: nothing was.  Free with g_free(). */
char *sg_problem_page_report (SgProblemPage *page);

/* Puts the keyboard on *Copy Details*, when the page is visible. */
void sg_problem_page_focus (SgProblemPage *page);

/* Adds a button; the last one added stands rightmost. */
void sg_problem_page_add_button (SgProblemPage *page, GtkWidget *button);
