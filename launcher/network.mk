# The network of a session: what sets the card up inside, and the verbs.
sandglass-net_SRCS := baseimage/guest/net/main.c
$(call program,guest/sandglass-net)
$(call guest_files,net.payload)
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/sandglass-net

# The desktop's proxy, asked by a program of its own.
sandglass-proxy_SRCS   := launcher/proxy.c
sandglass-proxy_CFLAGS := $(GLIB_CFLAGS)
sandglass-proxy_LIBS   := $(GLIB_LIBS)
$(call program,sandglass-proxy)

# The verbs.
netcli_SRCS   := launcher/cmd-network.c
netcli_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,netcli)
