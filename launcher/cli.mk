# The command line, and the host side of the agent's channel.
$(call pkg,SECCOMP,libseccomp)

agent_SRCS   := launcher/agent.c launcher/frames.c
agent_CFLAGS := $(GLIB_CFLAGS)
$(call library,agent)

sandglass-relay_SRCS   := launcher/relay.c launcher/relay-guest.c launcher/relay-channel.c \
                          launcher/relay-control.c launcher/relay-stream.c launcher/relay-confine.c
sandglass-relay_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
sandglass-relay_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS) -lpthread
$(call program,sandglass-relay,agent common)

$(call unit_test,frames,agent common)
test-relay_SRCS := tests/unit/relay-kit.c
$(call unit_test,relay,agent common)
$(O)/tests/test-relay: | $(O)/sandglass-relay
