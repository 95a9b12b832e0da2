# The machine: QEMU's monitor, the nameless scratch disk, template and clone.
$(call pkg,CRYPTSETUP,libcryptsetup)

machine_SRCS   := $(addprefix launcher/,qmp.c qmp-send.c qmp-receive.c qmp-value.c qmp-steps.c overlay.c overlay-place.c \
                  template.c template-draft.c template-picture.c template-files.c template-key.c template-idle.c clone.c clone-shrink.c clone-appetite.c standby.c standby-start.c)
machine_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CRYPTSETUP_CFLAGS)
$(call library,machine)
# For who has a template made or removed, or machines kept ready: only starts sessions.
prepare_SRCS   := $(addprefix launcher/,template-build.c template-files.c standby.c standby-start.c session-memory.c)
prepare_CFLAGS := $(GLIB_CFLAGS)
$(call library,prepare)
# What a program that links libmachine needs.
MACHINE_LIBS   := $(JSON_LIBS) $(CRYPTSETUP_LIBS)

MACHINE_TESTS := qmp overlay clone clone-memory
$(foreach t,$(MACHINE_TESTS),$(eval test-$(t)_SRCS := tests/unit/qmp-kit.c))
test-clone_SRCS += tests/unit/vm-kit.c
$(foreach t,$(MACHINE_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(NBD_CFLAGS)))
$(foreach t,$(MACHINE_TESTS),$(eval test-$(t)_LIBS := $(MACHINE_LIBS) $(NBD_LIBS)))
$(foreach t,$(MACHINE_TESTS),$(call unit_test,$(t),machine image common))

# Loaded into QEMU: the C library's own names, so neither its fortified nor its 64-bit spellings.
SG_RAM_PRELOAD := $(O)/sandglass-ram-preload.so
$(SG_RAM_PRELOAD): launcher/ram-preload.c launcher/ram-preload.h
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -I. -O2 -g -fPIC -fvisibility=hidden $(WARN) -U_FORTIFY_SOURCE \
	  -shared -Wl,-z,now,-z,relro -o $@ $<
PROGRAMS += $(SG_RAM_PRELOAD)
$(O)/tests/test-clone: | $(SG_RAM_PRELOAD)

# Not a test: what a command costs, with all that it leaves behind (tests/bench).
cpu-of_SRCS := tests/bench/cpu-of.c
$(call program,tests/cpu-of)
