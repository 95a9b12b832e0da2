# The command line, and the host side of the agent's channel.
$(call pkg,SECCOMP,libseccomp)

# The accelerator probe's userspace: freestanding, whatever flags the rest is built with.
SG_ACCEL_INIT := $(O)/gen/accel-init
$(SG_ACCEL_INIT): launcher/accel-init.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) -Os -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector \
	  -fcf-protection=none -fno-asynchronous-unwind-tables -Wl,--build-id=none,-z,norelro,-z,noseparate-code -s -o $@ $<

agent_SRCS   := launcher/agent.c launcher/agent-commands.c launcher/agent-pending.c launcher/agent-receive.c launcher/agent-send.c launcher/frames.c launcher/accel.c launcher/accel-boot.c launcher/vgpu.c
agent_CFLAGS := $(GLIB_CFLAGS) -DSG_ACCEL_INIT='"$(SG_ACCEL_INIT)"'
$(call library,agent)
$(O)/obj/launcher/accel-boot.o: $(SG_ACCEL_INIT)

# What gives up the rest of the kernel; the gates use it, too.
confineself_SRCS   := launcher/confine-self.c
confineself_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
$(call library,confineself)

# What acts on guest bytes, apart from main(): the fuzzer drives it too.
relay_SRCS   := launcher/relay-guest.c launcher/relay-channel.c launcher/relay-control.c launcher/relay-stream.c
relay_CFLAGS := $(GLIB_CFLAGS)
$(call library,relay)

sandglass-relay_SRCS   := launcher/relay.c launcher/relay-confine.c
sandglass-relay_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
sandglass-relay_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS) -lpthread
$(call program,sandglass-relay,relay agent scan confineself common)

# What `sandglass` itself is made of, as a library for its tests.
cli_SRCS   := launcher/doctor.c launcher/doctor-host.c launcher/doctor-packages.c \
              launcher/doctor-programs.c launcher/doctor-computer.c launcher/doctor-devices.c \
              launcher/run-options.c launcher/run-terminal.c launcher/run-streams.c launcher/run-signals.c \
              launcher/run-progress.c launcher/run-session.c launcher/run-session-reach.c launcher/run-session-steps.c launcher/run-shares.c launcher/share-rules.c launcher/enforce-host.c launcher/client.c launcher/cmd-words.c launcher/approve.c \
              launcher/base-missing.c launcher/ticket.c
cli_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,cli)

sandglass_SRCS   := launcher/main.c launcher/cmd-run.c launcher/cmd-run-signals.c launcher/cmd-run-told.c launcher/cmd-sessions.c launcher/cmd-standby.c launcher/cmd-doctor.c launcher/cmd-report.c \
                    launcher/cmd-profile.c launcher/cmd-policy.c launcher/run-base.c \
                    launcher/base-behind.c \
                    launcher/cmd-share.c launcher/cmd-usb.c \
                    launcher/steps-show.c \
                    $(wildcard launcher/cmd-base*.c)
sandglass_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
sandglass_LIBS   := $(GLIB_LIBS) $(JSON_LIBS) -lpthread -lm
$(call program,sandglass,cli usb netcli filescli files grantsload policies prepare agent image scan guestbuild common)

# For tests of the command line without a machine.
fake-session_SRCS   := tests/unit/fake-session.c tests/unit/fake-guest.c
fake-session_CFLAGS := $(GLIB_CFLAGS)
fake-session_LIBS   := $(GLIB_LIBS)
$(call program,tests/fake-session,agent scan common)
$(O)/obj/tests/unit/fake-session.o: launcher/org.sandglass.Session1.xml
run-alone_SRCS   := tests/unit/run-alone.c launcher/cmd-run.c launcher/cmd-run-signals.c launcher/cmd-run-told.c
run-alone_CFLAGS := $(GLIB_CFLAGS)
run-alone_LIBS   := $(GLIB_LIBS) $(JSON_LIBS)
$(call program,tests/run-alone,cli grantsload policies prepare agent scan common)
test-run_LIBS := -lutil
$(call unit_test,run,common)
$(O)/tests/test-run: | $(O)/tests/run-alone $(O)/tests/fake-session $(O)/sandglass-relay

$(call unit_test,frames,agent scan common)
test-relay_SRCS := tests/unit/relay-kit.c
$(call unit_test,relay,agent scan common)
$(O)/tests/test-relay: | $(O)/sandglass-relay

test-agent_SRCS := tests/unit/relay-kit.c tests/unit/loop-kit.c tests/unit/fake-guest.c
$(call unit_test,agent,agent scan common)
$(O)/tests/test-agent: | $(O)/sandglass-relay
$(call unit_test,accel,agent scan common)
$(call unit_test,doctor,cli agent scan common)
$(call unit_test,base-missing,cli image scan common)
test-ticket_LIBS := $(JSON_LIBS)
$(call unit_test,ticket,cli agent scan common)

# A short run of the frame fuzzer is a test; `make fuzz` runs it for longer.
fuzz-frames_SRCS   := tests/fuzz/fuzz-frames.c
fuzz-frames_CFLAGS := $(GLIB_CFLAGS)
fuzz-frames_LIBS   := $(GLIB_LIBS) -lpthread
$(call program,tests/fuzz-frames,relay agent scan common)
TESTS += $(O)/tests/fuzz-frames

.PHONY: fuzz-frames
fuzz: fuzz-frames
fuzz-frames: $(O)/tests/fuzz-frames
	$< 200000
