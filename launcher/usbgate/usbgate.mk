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
