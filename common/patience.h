/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a machine may take.  A build for a computer that is itself emulated multiplies that:
 * make SLOW=20 (tests/long/kvm-really-works.sh).  No option and no variable of the environment: to
 * wait longer for a machine that hangs is of no use to a person. */
#ifndef SG_COMMON_PATIENCE_H
#define SG_COMMON_PATIENCE_H

/* TIME: in any unit, as an integer. */
#define SG_PATIENCE(time) ((time) * SG_SLOW)

#endif
