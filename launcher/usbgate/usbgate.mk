# USB: what a device says that it is, and the gate between a device of this computer and QEMU.
$(call pkg,USB,libusb-1.0 libusbredirhost)

usb_SRCS   := $(addprefix launcher/,usb-device.c usb-list.c)
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
