# The command line, and the host side of the agent's channel.
$(call pkg,SECCOMP,libseccomp)

# The accelerator probe's userspace: freestanding, whatever flags the rest is built with.
SG_ACCEL_INIT := $(O)/gen/accel-init
$(SG_ACCEL_INIT): launcher/accel-init.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) -Os -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector \
	  -fcf-protection=none -fno-asynchronous-unwind-tables -Wl,--build-id=none,-z,norelro,-z,noseparate-code -s -o $@ $<

agent_SRCS   := launcher/agent.c launcher/frames.c launcher/accel.c launcher/accel-boot.c
agent_CFLAGS := $(GLIB_CFLAGS) -DSG_ACCEL_INIT='"$(SG_ACCEL_INIT)"'
$(call library,agent)
$(O)/obj/launcher/accel-boot.o: $(SG_ACCEL_INIT)

# What acts on guest bytes, apart from main(): the fuzzer drives it too.
relay_SRCS   := launcher/relay-guest.c launcher/relay-channel.c launcher/relay-control.c launcher/relay-stream.c
relay_CFLAGS := $(GLIB_CFLAGS)
$(call library,relay)

sandglass-relay_SRCS   := launcher/relay.c launcher/relay-confine.c
sandglass-relay_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
sandglass-relay_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS) -lpthread
$(call program,sandglass-relay,relay agent common)

# What `sandglass` itself is made of, as a library for its tests.
cli_SRCS   := launcher/doctor.c launcher/doctor-host.c launcher/doctor-packages.c \
              launcher/doctor-programs.c launcher/doctor-computer.c
cli_CFLAGS := $(GLIB_CFLAGS)
$(call library,cli)

$(call unit_test,frames,agent common)
test-relay_SRCS := tests/unit/relay-kit.c
$(call unit_test,relay,agent common)
$(O)/tests/test-relay: | $(O)/sandglass-relay

test-agent_SRCS := tests/unit/relay-kit.c tests/unit/fake-guest.c
$(call unit_test,agent,agent common)
$(O)/tests/test-agent: | $(O)/sandglass-relay
$(call unit_test,accel,agent common)
$(call unit_test,doctor,cli agent common)

# A short run of the frame fuzzer is a test; `make fuzz` runs it for longer.
fuzz-frames_SRCS   := tests/fuzz/fuzz-frames.c
fuzz-frames_CFLAGS := $(GLIB_CFLAGS)
fuzz-frames_LIBS   := $(GLIB_LIBS) -lpthread
$(call program,tests/fuzz-frames,relay agent common)
TESTS += $(O)/tests/fuzz-frames

.PHONY: fuzz-frames
fuzz: fuzz-frames
fuzz-frames: $(O)/tests/fuzz-frames
	$< 200000
