# How the person's desktop looks, asked by a program of its own.
$(call pkg,GDKX,gdk-3.0 x11)
sandglass-look_SRCS   := $(addprefix launcher/look/,look.c look-keys.c look-screen.c look-watch.c)
sandglass-look_CFLAGS := $(GDKX_CFLAGS) $(GLIB_CFLAGS)
sandglass-look_LIBS   := $(GDKX_LIBS) $(GLIB_LIBS)
$(call program,sandglass-look)
