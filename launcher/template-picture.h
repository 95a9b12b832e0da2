/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a window shows, dimmed, until a sandbox has drawn its first frame: the template's desktop,
 * taken when the template is made.  No person has used that machine, so nothing of anybody's
 * session is in it.
 *
 * CACHE/first-picture: a PPM, of the template that was made last; a viewer only reads it
 * (ui/first-picture.h). */
#pragma once

#include "launcher/qmp-steps.h"

typedef struct SgTemplatePicture SgTemplatePicture;

/* A file without a name; NULL where it cannot be: then there is no picture, which is no error. */
SgTemplatePicture *sg_template_picture_new (const char *cache);

/* Adds what takes it; QEMU may fail at that.  PICTURE may be NULL. */
void sg_template_picture_take (SgTemplatePicture *picture, SgQmpSteps *steps);

/* Gives it its name, where there is a whole one; when QEMU is gone. */
void sg_template_picture_publish (SgTemplatePicture *picture);

/* Unless it was published, the file is gone with it. */
void sg_template_picture_free (SgTemplatePicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SgTemplatePicture, sg_template_picture_free)
