# The machine: QEMU's monitor, the nameless scratch disk, template and clone.
$(call pkg,CRYPTSETUP,libcryptsetup)

machine_SRCS   := $(addprefix launcher/,qmp.c qmp-steps.c overlay.c overlay-place.c)
machine_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CRYPTSETUP_CFLAGS)
$(call library,machine)
# What a program that links libmachine needs.
MACHINE_LIBS   := $(JSON_LIBS) $(CRYPTSETUP_LIBS)

MACHINE_TESTS := qmp overlay
$(foreach t,$(MACHINE_TESTS),$(eval test-$(t)_SRCS := tests/unit/qmp-kit.c))
$(foreach t,$(MACHINE_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(NBD_CFLAGS)))
$(foreach t,$(MACHINE_TESTS),$(eval test-$(t)_LIBS := $(MACHINE_LIBS) $(NBD_LIBS)))
$(foreach t,$(MACHINE_TESTS),$(call unit_test,$(t),machine common))
