# The network of a session: what sets the card up inside, and the verbs.
sandglass-net_SRCS := baseimage/guest/net/main.c
$(call program,guest/sandglass-net)
$(call guest_files,net.payload)
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/sandglass-net

# The verbs.
netcli_SRCS   := launcher/cmd-network.c
netcli_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,netcli)
