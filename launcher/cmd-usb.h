/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sandglass usb`: this computer's USB devices, and which of them a sandbox has. */
#pragma once

int sg_cmd_usb (int argc, char **argv);
