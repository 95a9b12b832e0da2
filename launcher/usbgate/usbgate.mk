# USB: what a device says that it is, and the gate between a device of this computer and QEMU.
$(call pkg,USB,libusb-1.0 libusbredirhost)

usb_SRCS   := $(addprefix launcher/,usb-device.c usb-list.c usb-open.c)
usb_CFLAGS := $(GLIB_CFLAGS)
$(call library,usb)

sandglass-usbgate_SRCS   := $(addprefix launcher/usbgate/,usbgate.c confine.c)
sandglass-usbgate_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS) $(USB_CFLAGS)
sandglass-usbgate_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS) $(USB_LIBS)
$(call program,sandglass-usbgate,confineself common)

$(call unit_test,usb,usb common)

# For the long test: stands where QEMU does, with a real device.
$(call pkg,USBPARSER,libusbredirparser-0.5)
usb-peer_SRCS   := tests/unit/usb-peer.c
usb-peer_CFLAGS := $(USBPARSER_CFLAGS)
usb-peer_LIBS   := $(USBPARSER_LIBS)
$(call program,tests/usb-peer)

# A device that comes and goes in a real QEMU.
made-up-usbgate_SRCS   := tests/unit/made-up-usbgate.c tests/usb/redir-kit.c
made-up-usbgate_CFLAGS := $(USBPARSER_CFLAGS)
made-up-usbgate_LIBS   := $(USBPARSER_LIBS)
$(call program,tests/made-up-usbgate)
test-session-usb_SRCS   := tests/unit/qmp-kit.c tests/unit/loop-kit.c
test-session-usb_CFLAGS := $(JSON_CFLAGS)
test-session-usb_LIBS   := $(MACHINE_LIBS) $(SECCOMP_LIBS) -lpthread -lm
$(call unit_test,session-usb,$(SESSION_LIBS))
$(O)/tests/test-session-usb: | $(O)/tests/made-up-usbgate

# For the long test of a stick that goes into a real guest.
made-up-stick_SRCS   := $(addprefix tests/usb/,made-up-stick.c redir-kit.c stick-disk.c)
made-up-stick_CFLAGS := $(USBPARSER_CFLAGS)
made-up-stick_LIBS   := $(USBPARSER_LIBS)
$(call program,tests/made-up-stick)
$(O)/tests/made-up-node.so: tests/usb/made-up-node.c
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) -std=gnu11 -I. -O2 -g -fPIC -fvisibility=hidden $(WARN) -shared -Wl,-z,now,-z,relro -o $@ $<
PROGRAMS += $(O)/tests/made-up-node.so
