/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may become root inside without a password: one name a line, root's own file.  `su` (PAM) and
 * our sudo read it; for the host's sudo there is a rule that says the same.  The agent changes both
 * ("settings", administrator). */
#pragma once

#define SG_GUEST_ADMINISTRATORS "/etc/sandglass-administrators"
#define SG_GUEST_SUDO_RULE "/etc/sudoers.d/sandglass"
