/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Sets the locale and where translations of our texts are.  First thing in main(). */
void sg_domain_init (void);
