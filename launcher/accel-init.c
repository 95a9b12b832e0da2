/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole userspace of the probing machine: reaches its first instruction, lets the clock
 * interrupt it once, uses a vector register, and says so through QEMU's isa-debug-exit port.
 * Freestanding: it is a few hundred bytes inside the library, so that nothing has to be found or
 * installed for a probe. */

/* The exit status of QEMU is (value << 1) | 1; see accel-boot.h. */
#define DEBUG_PORT 0xf4
#define ALIVE 0x2a

#define NR_WRITE_AT 18
#define NR_OPEN 2
#define NR_NANOSLEEP 35
#define NR_IOPERM 173
#define O_WRONLY 1

static long
call3 (long number, long a, long b, long c)
{
  long result;

  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c)
                   : "rcx", "r11", "memory");
  return result;
}

static long
call4 (long number, long a, long b, long c, long d)
{
  register long fourth __asm__ ("r10") = d;
  long result;

  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                   : "rcx", "r11", "memory");
  return result;
}

__attribute__ ((noreturn)) void _start (void);

void
_start (void)
{
  struct
  {
    long sec, nsec;
  } moment = { 0, 1000000 };
  unsigned char value = ALIVE;
  long port = call3 (NR_OPEN, (long)"/port", O_WRONLY, 0);

  call3 (NR_NANOSLEEP, (long)&moment, 0, 0);
  __asm__ volatile("pxor %%xmm0, %%xmm0" : : : "xmm0");
  /* By the kernel: a KVM that QEMU emulates (7.2) refuses the instruction to a program that may use
   * it.  Where a kernel is built without that device, by the instruction. */
  if (port >= 0)
    call4 (NR_WRITE_AT, port, (long)&value, 1, DEBUG_PORT);
  call3 (NR_IOPERM, DEBUG_PORT, 1, 1);
  for (;;)
    {
      __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"((unsigned short)DEBUG_PORT));
      call3 (NR_NANOSLEEP, (long)&moment, 0, 0);
    }
}
