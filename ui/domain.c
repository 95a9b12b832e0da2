/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/domain.h"

#include <libintl.h>
#include <locale.h>

void
sg_domain_init (void)
{
  setlocale (LC_ALL, "");
  bindtextdomain ("sandglass", SG_DATADIR "/locale");
  bind_textdomain_codeset ("sandglass", "UTF-8");
  textdomain ("sandglass");
}
