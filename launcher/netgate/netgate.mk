# The network gate: its judgement as a library (tests, fuzzers and benchmarks drive it too), and the
# program.
NETGATE_JUDGEMENT := address reason table packet flows names records routes rules dns hello compose \
                     fragments gate gate-judge gate-dns gate-link
netgate_SRCS   := $(patsubst %,launcher/netgate/%.c,$(NETGATE_JUDGEMENT) pipe pcap watch control loop \
                    loop-control passt-args)
netgate_CFLAGS := $(GLIB_CFLAGS)
$(call library,netgate)

sandglass-netgate_SRCS   := launcher/netgate/netgate.c launcher/netgate/confine.c
sandglass-netgate_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
sandglass-netgate_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS)
$(call program,sandglass-netgate,netgate common)

test-netgate-packets_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-packets,netgate common)
test-netgate-names_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-names,netgate common)
test-netgate-flows_SRCS := tests/unit/netgate-kit.c
$(call unit_test,netgate-flows,netgate common)
