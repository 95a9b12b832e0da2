# The session: its plan, its walls, its processes, and the supervisor.
SESSION1 := $(O)/gen/launcher/session1
$(SESSION1).h $(SESSION1).c &: launcher/org.sandglass.Session1.xml
	@mkdir -p $(@D)
	@echo "  GEN     $(SESSION1).c"
	$(Q)gdbus-codegen --interface-prefix org.sandglass. --c-namespace Sg --c-generate-autocleanup all \
	  --generate-c-code session1 --output-directory $(@D) $<

# Generated, so not held to our warnings.
$(O)/obj/launcher/session1.o: $(SESSION1).c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(BASE_CFLAGS) $(GLIB_CFLAGS) -w -MMD -MP -c -o $@ $<
$(O)/libsession1.a: $(O)/obj/launcher/session1.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Pure parts, and what starts processes.
plan_SRCS   := $(addprefix launcher/,qemu-args.c confine.c confine-filter.c share-filter.c filter-export.c plan.c plan-print.c plan-template.c plan-grants.c)
plan_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS) $(SECCOMP_CFLAGS)
$(call library,plan)

# What was asked and what is allowed, for the session and for the command line.
grantsload_SRCS   := launcher/grants-load.c launcher/computer.c
grantsload_CFLAGS := $(GLIB_CFLAGS)
$(call library,grantsload)

session_SRCS   := $(addprefix launcher/,spawn.c bury.c console.c session-words.c session-namespace.c session-home.c \
                  session-leftovers.c session-leavings.c session-guardian.c session-bus.c session-notices.c session-greet.c \
                  session-machine.c session-machine-end.c session-machine-qemu.c session-machine-ready.c session-machine-memory.c memory-balance.c \
                  session-machine-restart.c session-machine-size.c session-children.c session-display.c session-picture.c session-host.c session-scope.c session-memory.c \
                  clock-watch.c template-prepare.c clone-settle.c clone-choose.c standby-door.c \
                  enforce-host.c enforce-inside.c ask-program.c host-look.c session-look.c session-print.c session-usb.c steps.c lifetime.c \
                  passed-fd.c share.c share-again.c share-follow.c share-loan.c share-revoke.c share-view.c share-watch.c share-steps.c share-rules.c share-mount.c share-mount-look.c share-guest.c \
                  session-network.c session-network-steps.c session-network-join.c session-network-gate.c session-network-card.c session-network-forward.c session-network-records.c \
                  session-network-private.c session-network-proxy.c session-network-processes.c session-network-passt.c session-network-resolver.c session-network-guest.c inside-run.c)
ENFORCE := $(addprefix launcher/enforce-,session.c settings.c folders.c lifetime.c)
session_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,session)
$(call objs,$(session_SRCS) launcher/session.c launcher/session-arguments.c launcher/session-follow.c launcher/session-start.c launcher/session-calls.c launcher/session-exec.c launcher/session-again.c launcher/session-rescue.c launcher/session-pause.c launcher/session-window.c launcher/share-calls.c launcher/usb-calls.c launcher/session-network-calls.c launcher/session-network-start.c launcher/standby-session.c $(ENFORCE)): | $(SESSION1).h

SESSION_LIBS := session plan usb netgate grantsload policies machine agent image scan guestbuild session1 common

sandglass-session_SRCS   := launcher/session.c launcher/session-arguments.c launcher/session-follow.c launcher/session-start.c launcher/session-calls.c launcher/session-exec.c launcher/session-again.c launcher/session-rescue.c launcher/session-pause.c launcher/session-window.c launcher/share-calls.c launcher/usb-calls.c launcher/session-network-calls.c launcher/session-network-start.c launcher/standby-session.c $(ENFORCE)
sandglass-session_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
sandglass-session_LIBS   := $(GLIB_LIBS) $(MACHINE_LIBS) $(SECCOMP_LIBS) -lpthread -lm
$(call program,sandglass-session,$(SESSION_LIBS))

sandglass-guardian_SRCS   := launcher/guardian.c launcher/session-leftovers.c
$(call program,sandglass-guardian)

SESSION_TESTS := passed-fd clock-watch memory-balance plan confine session-spawn session-home session-words session-greet session-scope session-private session-gateway session-proxy host-look standby enforce enforce-plan steps
$(foreach t,$(SESSION_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS)))
$(foreach t,$(SESSION_TESTS),$(eval test-$(t)_LIBS := $(MACHINE_LIBS) $(SECCOMP_LIBS) -lpthread -lm))
test-session-greet_SRCS := tests/unit/relay-kit.c
test-session-home_SRCS := tests/unit/relay-kit.c
test-session-private_SRCS := tests/unit/relay-kit.c
test-enforce_SRCS := tests/unit/plan-kit.c
test-enforce-plan_SRCS := tests/unit/plan-kit.c
test-steps_SRCS := tests/unit/plan-kit.c tests/unit/relay-kit.c tests/unit/loop-kit.c tests/unit/fake-guest.c
$(foreach t,$(SESSION_TESTS),$(call unit_test,$(t),$(SESSION_LIBS)))
$(O)/tests/test-session-home: | $(O)/sandglass-guardian
$(O)/tests/test-session-private: | $(O)/sandglass-netgate
$(O)/tests/test-session-greet $(O)/tests/test-steps: | $(O)/sandglass-relay

# For end-to-end tests: a client of a session's socket.
session-client_SRCS   := tests/unit/session-client.c
session-client_CFLAGS := $(GLIB_CFLAGS)
session-client_LIBS   := $(GLIB_LIBS)
$(call program,tests/session-client,session1 common)
$(call objs,tests/unit/session-client.c): | $(SESSION1).h
