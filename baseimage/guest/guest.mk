# What runs inside, and the library that puts it there.
#
# Everything for the guest ends up in $(O)/guest/, as sg_paths_guest() expects it: programs of ours,
# tables (*.payload, units.list) and the files that they name.
#   $(call guest_files,PATH…)   copies baseimage/guest/PATH to $(O)/guest/PATH
guestbuild_SRCS   := $(addprefix baseimage/guest/,payload.c payload-table.c payload-units.c initrd.c cpio.c modules.c unpack.c)
guestbuild_CFLAGS := $(GLIB_CFLAGS)
$(call library,guestbuild)

define guest_file_rule
$(O)/guest/$(1): baseimage/guest/$(1)
	@mkdir -p $$(@D)
	$$(Q)cp $$< $$@
PROGRAMS += $(O)/guest/$(1)
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/$(1)
endef
guest_files = $(foreach f,$(1),$(eval $(call guest_file_rule,$(f))))

$(call guest_files,guest.payload units.list)
$(call guest_files,$(patsubst baseimage/guest/%,%,$(wildcard baseimage/guest/files/*)))

# Process 1 of the initramfs: static, for there is nothing else in it.
GUEST_INIT := $(O)/guest/sandglass-init
$(GUEST_INIT): $(wildcard baseimage/guest/init/*.c baseimage/guest/init/*.h) baseimage/guest/serials.h
	@mkdir -p $(@D)
	@echo "  CC      $@"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -Os $(WARN) -fno-pie -no-pie -static -s -I. -o $@ $(filter %.c,$^)
PROGRAMS += $(GUEST_INIT)
# Whoever builds a base needs what goes in.
$(O)/sandglass $(O)/tests/guest: | $(GUEST_INIT) $(addprefix $(O)/guest/sandglass-,agent sudo shell desktop)

sandglass-agent_SRCS   := $(wildcard baseimage/guest/agent/*.c) $(addprefix baseimage/guest/,look.c desktop/vars.c)
sandglass-agent_CFLAGS := $(GLIB_CFLAGS)
sandglass-agent_LIBS   := -lglib-2.0 -lutil
$(call program,guest/sandglass-agent)

sandglass-sudo_SRCS := $(wildcard baseimage/guest/sudo/*.c)
$(call program,guest/sandglass-sudo)

test-guest-agent_SRCS := tests/unit/relay-kit.c tests/unit/loop-kit.c
$(call unit_test,guest-agent,agent common)
$(O)/tests/test-guest-agent: | $(O)/sandglass-relay $(O)/guest/sandglass-agent

# The tests' programs look for the payload beside themselves, as all do.
$(O)/tests/guest:
	@mkdir -p $(@D)
	$(Q)ln -sfn ../guest $@
$(foreach t,initrd payload,$(call unit_test,$(t),guestbuild scan common))
$(foreach t,initrd payload,$(eval $(O)/tests/test-$(t): | $(O)/tests/guest))
