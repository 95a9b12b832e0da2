/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order matters in one place: devices get their PCI addresses in the order they are named, so new
 * ones go to the end, and a template's key holds this command line. */
#include "launcher/qemu-args.h"

#include "baseimage/guest/protocol.h"
#include "baseimage/guest/serials.h"
#include "launcher/overlay.h"
#include "launcher/share-mount.h"

#define MIB (1024ull * 1024)

static void add (GPtrArray *argv, const char *option, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
add (GPtrArray *argv, const char *option, const char *format, ...)
{
  va_list args;

  g_ptr_array_add (argv, g_strdup (option));
  va_start (args, format);
  g_ptr_array_add (argv, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
add_alone (GPtrArray *argv, const char *option)
{
  g_ptr_array_add (argv, g_strdup (option));
}

/* A comma in a value is doubled (QEMU's option syntax). */
static char *
escaped (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", -1);

  return g_strjoinv (",,", parts);
}

static void
add_process (GPtrArray *argv, const SgQemuSettings *s)
{
  add (argv, "-name", "sandglass-%s", s->id);
  /* Nothing that we did not name, nothing from the host's or the user's configuration. */
  add_alone (argv, "-nodefaults");
  add_alone (argv, "-no-user-config");
  if (s->render_node == NULL)
    add (argv, "-display", "none");
  else
    {
      /* Pictures are drawn by the card and read back for the display's wire: no window ever gets a
       * buffer of the card. */
      g_autofree char *node = escaped (s->render_node);
      add (argv, "-display", "egl-headless,rendernode=%s", node);
    }
  /* What a restart inside means is the session's to say: session-machine-restart.c. */
  add_alone (argv, "-no-reboot");
  /* QEMU's own lock on system calls: no new programs, no other user, no priorities. */
  add (argv, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
  /* Stopped until the scratch disk is in place. */
  add_alone (argv, "-S");
  if (s->incoming)
    add (argv, "-incoming", "defer");
}

static void
add_machine (GPtrArray *argv, const SgQemuSettings *s)
{
  /* No device emulated that a guest does not need (each is code that it could attack); its memory
   * not in core dumps, and not merged with others' (KSM tells what others have). */
  add (argv, "-machine",
       "q35,usb=off,vmport=off,smbus=off,sata=off,dump-guest-core=off,mem-merge=off,"
       "memory-backend=ram");
  /* Old interrupt controllers and timers in QEMU, which is confined, and not in the host's kernel:
   * what a sandbox has interrupts by message. */
  add (argv, "-accel",
       s->accel == SG_ACCEL_KVM ? "kvm,kernel-irqchip=split" : "tcg,thread=multi");
  /* No virtualization inside: it is a grant of its own.  No counters of the processor's events:
   * they tell of the host's other work, and are more of its kernel to attack.  Emulated five-level
   * page tables cost time and give nothing to a small machine. */
  if (s->nested)
    add (argv, "-cpu", s->accel == SG_ACCEL_KVM ? "host,pmu=off" : "max,la57=off");
  else
    add (argv, "-cpu",
         s->accel == SG_ACCEL_KVM ? "host,vmx=off,svm=off,pmu=off" : "max,svm=off,la57=off");
  if (s->cpus_max > s->cpus)
    add (argv, "-smp", "cpus=%u,maxcpus=%u", s->cpus, s->cpus_max);
  else
    add (argv, "-smp", "cpus=%u", s->cpus);
  if (s->memory_max_mb > s->memory_mb)
    add (argv, "-m", "size=%uM,maxmem=%uM", s->memory_mb, s->memory_max_mb);
  else
    add (argv, "-m", "size=%uM", s->memory_mb);
  add (argv, "-rtc", "base=utc,clock=host");
}

static void
add_memory (GPtrArray *argv, const SgQemuSettings *s)
{
  g_autofree char *path = s->ram_path != NULL ? escaped (s->ram_path) : NULL;

  if (s->ram == SG_RAM_OWN)
    add (argv, "-object", "memory-backend-ram,id=ram,size=%uM", s->memory_mb);
  else
    add (argv, "-object", "memory-backend-file,id=ram,size=%uM,mem-path=%s,share=%s%s",
         s->memory_mb, path, s->ram == SG_RAM_TEMPLATE ? "on" : "off",
         s->ram == SG_RAM_CLONE && s->ram_readonly ? ",readonly=on,rom=off" : "");
}

static void
add_kernel (GPtrArray *argv, const SgQemuSettings *s)
{
  add (argv, "-kernel", "%s", s->kernel);
  add (argv, "-initrd", "%s", s->initrd);
  add (argv, "-append", "%s", s->command_line);
}

/* The monitor, and the guest's three ports: its console, the agent, the display's agent. */
static void
add_channels (GPtrArray *argv)
{
  add (argv, "-chardev", "socket,id=qmp,fd=%d", SG_QEMU_FD_QMP);
  add (argv, "-mon", "chardev=qmp,mode=control");
  add (argv, "-chardev", "socket,id=agent,fd=%d", SG_QEMU_FD_AGENT);
  add (argv, "-chardev", "socket,id=console,fd=%d", SG_QEMU_FD_CONSOLE);
  add (argv, "-chardev", "spicevmc,id=vdagent,name=vdagent");
  add (argv, "-device", "virtio-serial-pci,id=ports,max_ports=8");
  add (argv, "-device", "virtconsole,bus=ports.0,nr=0,chardev=console");
  add (argv, "-device", "virtserialport,bus=ports.0,nr=1,chardev=agent,name=" SG_AGENT_PORT);
  add (argv, "-device", "virtserialport,bus=ports.0,nr=2,chardev=vdagent,name=com.redhat.spice.0");
}

static void
add_disks (GPtrArray *argv, const SgQemuSettings *s)
{
  add (argv, "-blockdev",
       "driver=nbd,node-name=" SG_NODE_BASE ",read-only=on,server.type=fd,server.str=%d",
       SG_QEMU_FD_BASE);
  /* A file of the host that is not what it was reads as EIO, and only that file. */
  add (argv, "-device",
       "virtio-blk-pci,drive=" SG_NODE_BASE ",serial=" SG_SERIAL_BASE ",rerror=report");
  add (argv, "-blockdev",
       "driver=null-co,node-name=" SG_OVERLAY_NULL_NODE ",read-zeroes=on,size=%" G_GUINT64_FORMAT,
       s->scratch_bytes);
  add (argv, "-blockdev",
       "driver=raw,node-name=" SG_OVERLAY_DISK_NODE ",file=" SG_OVERLAY_NULL_NODE ",discard=unmap");
  /* A full disk stops the machine: an error inside would end the file system's journal. */
  add (argv, "-device",
       "virtio-blk-pci,id=" SG_DEVICE_SCRATCH ",drive=" SG_OVERLAY_DISK_NODE
       ",serial=" SG_SERIAL_SCRATCH ",write-cache=on,werror=stop,rerror=stop");
}

static void
add_desktop (GPtrArray *argv, const SgQemuSettings *s)
{
  /* No port, no password: a client gets one end of a socket pair over the monitor (add_client).
   * The wire is short, so nothing is compressed, and no picture is guessed to be a film. */
  add (argv, "-spice",
       "port=0,disable-ticketing=on,agent-mouse=on,streaming-video=off,image-compression=off,"
       "jpeg-wan-compression=never,zlib-glz-wan-compression=never,playback-compression=off,"
       "seamless-migration=off,disable-agent-file-xfer=on,disable-copy-paste=%s",
       s->clipboard ? "off" : "on");
  /* ROM files stay outside: the kernel is given directly. */
  if (s->render_node == NULL)
    add (argv, "-device", "virtio-vga,id=" SG_DEVICE_VIDEO ",romfile=,max_outputs=1");
  else /* no blob resources: they map the guest's memory into the card's, and have no use here */
    add (argv, "-device",
         "virtio-vga-gl,id=" SG_DEVICE_VIDEO ",romfile=,max_outputs=1,blob=off");
  add (argv, "-device", "virtio-keyboard-pci");
  add (argv, "-device", "virtio-tablet-pci");
}

/* Shared folders: QEMU cannot be told of them later, but only a device that is plugged in once a
 * folder is shared gives the guest a way to them.  Whose a file is and what it may be is not
 * changed on the way (none); a folder can hold several file systems (remap). */
static void
add_shares (GPtrArray *argv)
{
  add (argv, "-fsdev",
       "local,id=" SG_FSDEV_RO ",path=" SG_INSIDE_SHARES "/ro,security_model=none,"
       "multidevs=remap,readonly=on");
  add (argv, "-fsdev",
       "local,id=" SG_FSDEV_RW ",path=" SG_INSIDE_SHARES "/rw,security_model=none,"
       "multidevs=remap");
}

static void
add_rest (GPtrArray *argv)
{
  add (argv, "-object", "rng-builtin,id=rng");
  add (argv, "-device", "virtio-rng-pci,rng=rng");
  /* The kernel inside reseeds when this changes: no two clones draw the same numbers. */
  add (argv, "-device", "vmgenid,guid=auto");
  for (guint i = 0; i < SG_N_SPARE; i++)
    add (argv, "-device", "pcie-root-port,id=" SG_BUS_SPARE ",chassis=%u,slot=%u,io-reserve=0", i,
         i + 1, i + 1);
  add (argv, "-nic", "none");
}

/* What is played goes to the window.  A card that can listen is there only where the microphone is
 * granted: what is not there cannot.  It cannot be plugged in later (QEMU's HDA bus takes nothing
 * while the machine runs), so each template has the one that only plays.
 *
 * No mixer in it: a kernel that finds one starts with its sound off.  How loud it is, is the
 * window's to say. */
static void
add_sound (GPtrArray *argv, const SgQemuSettings *s)
{
  add (argv, "-audiodev", "spice,id=sound");
  add (argv, "-device", "ich9-intel-hda,id=sound-card");
  add (argv, "-device", "%s,bus=sound-card.0,audiodev=sound,mixer=off",
       s->microphone ? "hda-micro" : "hda-output");
}

/* A controller; what a person hands over is plugged into it then (session-usb.h). */
static void
add_usb (GPtrArray *argv)
{
  add (argv, "-device", SG_USB_CONTROLLER);
}

static void
add_granted (GPtrArray *argv, const SgQemuSettings *s)
{
  if (s->usb || s->camera)
    add_usb (argv);
}

char **
sg_qemu_arguments (const SgQemuSettings *settings)
{
  GPtrArray *argv = g_ptr_array_new ();

  add_alone (argv, settings->qemu);
  add_process (argv, settings);
  add_machine (argv, settings);
  add_memory (argv, settings);
  add_kernel (argv, settings);
  add_channels (argv);
  add_disks (argv, settings);
  add_desktop (argv, settings);
  add_shares (argv);
  add_rest (argv);
  add_sound (argv, settings);
  add_granted (argv, settings);
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (argv, FALSE);
}
