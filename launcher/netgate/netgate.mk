# The network gate: its judgement as a library (tests, fuzzers and benchmarks drive it too), and the
# program.
NETGATE_JUDGEMENT := address reason table packet flows names records routes rules dns hello compose \
                     fragments gate gate-flows gate-out gate-in gate-judge gate-dns gate-link gate-private gate-translate gate-window neighbours
netgate_SRCS   := $(patsubst %,launcher/netgate/%.c,$(NETGATE_JUDGEMENT) pipe pipe-out body pcap watch control resolver \
                    loop loop-hooks loop-control switch switch-names switch-loop passt-args)
netgate_CFLAGS := $(GLIB_CFLAGS)
$(call library,netgate)

sandglass-netgate_SRCS   := launcher/netgate/netgate.c launcher/netgate/confine.c
sandglass-netgate_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
sandglass-netgate_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS)
$(call program,sandglass-netgate,netgate confineself common)

test-netgate-packets_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-packets,netgate common)
test-netgate-frames_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-frames,netgate common)
test-netgate-fragments_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-fragments,netgate common)
test-netgate-names_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-names,netgate common)
test-netgate-loop_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-loop,netgate common)
test-netgate-large_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-large,netgate common)
test-netgate-pcap_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-pcap,netgate common)
test-netgate-private_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-private,netgate common)
test-netgate-switch_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-switch,netgate common)
test-netgate-window_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-window,netgate common)
test-netgate-flows_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-flows,netgate common)

# A guest without a machine, and hosts for it, in network namespaces (tests/net, tests/bench).
net-pump_SRCS   := tests/net/pump.c tests/net/starter.c tests/unit/netgate-kit.c
net-pump_CFLAGS := $(GLIB_CFLAGS)
net-pump_LIBS   := $(GLIB_LIBS)
$(call program,tests/net-pump,netgate common)
net-serve_SRCS   := tests/net/serve.c tests/unit/netgate-kit.c
net-serve_CFLAGS := $(GLIB_CFLAGS)
net-serve_LIBS   := $(GLIB_LIBS) -lpthread
$(call program,tests/net-serve,netgate common)
netgate-stream_SRCS   := $(addprefix tests/bench/,netgate-stream.c stream-relay.c stream-tcp.c) tests/net/starter.c tests/unit/netgate-kit.c
netgate-stream_CFLAGS := $(GLIB_CFLAGS)
netgate-stream_LIBS   := $(GLIB_LIBS)
$(call program,tests/netgate-stream,netgate common)

# A short run of the fuzzer is a test; `make fuzz` runs it for longer.
fuzz-netgate_SRCS   := tests/fuzz/fuzz-netgate.c tests/unit/netgate-kit.c
fuzz-netgate_CFLAGS := $(GLIB_CFLAGS)
fuzz-netgate_LIBS   := $(GLIB_LIBS)
$(call program,tests/fuzz-netgate,netgate common)
TESTS += $(O)/tests/fuzz-netgate

.PHONY: fuzz-netgate
fuzz: fuzz-netgate
fuzz-netgate: $(O)/tests/fuzz-netgate
	$< 20000000

# A real guest's first process: static, its initrd has no libraries.
net-machine_SRCS   := tests/net/machine.c tests/net/starter.c tests/unit/netgate-kit.c
net-machine_CFLAGS := $(GLIB_CFLAGS)
net-machine_LIBS   := $(GLIB_LIBS)
$(call program,tests/net-machine,netgate common)
$(O)/tests/net-inside: tests/net/inside.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -Wno-unused-result -static -o $@ $< -lresolv
PROGRAMS += $(O)/tests/net-inside
