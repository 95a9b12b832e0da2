/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Exit code of a viewer whose session was gone before it had said a word: its starter knows why. */
#define SG_VIEWER_NO_SESSION 3

/* The person closed the window before the session could be reached: its starter throws it away. */
#define SG_VIEWER_CLOSED_EARLY 4
