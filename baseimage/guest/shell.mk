# What a person sees inside: the shell, and the program that starts X, the window manager and it.
$(call pkg,SHELLX,x11 xrandr)

SHELL_DIR := baseimage/guest/shell
# Where our programs and files lie inside; the payload puts them there.
GUEST_LIBDIR ?= /usr/lib/sandglass

$(O)/gen/shell-resources.c: $(addprefix $(SHELL_DIR)/,shell.gresource.xml gtk.css gtk-dark.css)
	@mkdir -p $(@D)
	@echo "  GEN     $@"
	$(Q)glib-compile-resources --sourcedir=$(SHELL_DIR) --generate-source --c-name shell --target=$@ $<
$(O)/obj/shell-resources.o: $(O)/gen/shell-resources.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(BASE_CFLAGS) -Wno-overlength-strings $(GLIB_CFLAGS) -c -o $@ $<

# What needs no display, for the tests.
shellmodel_SRCS   := $(addprefix $(SHELL_DIR)/,apps.c clock.c xsettings.c)
shellmodel_CFLAGS := $(GLIB_CFLAGS)
$(call library,shellmodel)

sandglass-shell_SRCS   := $(addprefix $(SHELL_DIR)/,main.c background.c display.c icons.c keys.c launch.c look.c menu.c \
                          message.c panel.c style.c windows.c) baseimage/guest/look.c
sandglass-shell_CFLAGS := $(GTK_CFLAGS) $(GLIB_CFLAGS) $(SHELLX_CFLAGS)
sandglass-shell_LIBS   := $(O)/obj/shell-resources.o $(GTK_LIBS) $(GLIB_LIBS) $(SHELLX_LIBS)
$(call program,guest/sandglass-shell,shellmodel)
$(O)/guest/sandglass-shell: $(O)/obj/shell-resources.o

# The desktop's start.  What needs no machine is a library, for the tests.
desktopstart_SRCS   := $(addprefix baseimage/guest/desktop/,card.c child.c cookie.c keyboard.c server.c session-env.c sound.c spice.c state.c vars.c) baseimage/guest/look.c
desktopstart_CFLAGS := $(GLIB_CFLAGS) -DSG_GUEST_LIBDIR='"$(GUEST_LIBDIR)"'
$(call library,desktopstart)

sandglass-desktop_SRCS   := $(addprefix baseimage/guest/desktop/,main.c programs.c home.c look.c)
sandglass-desktop_CFLAGS := $(desktopstart_CFLAGS)
sandglass-desktop_LIBS   := $(GLIB_LIBS) $(SHELLX_LIBS)
$(call program,guest/sandglass-desktop,desktopstart common)

$(call guest_files,shell.payload $(addprefix desktop/,xorg.conf openbox-rc.xml openbox-themerc sandglass-desktop.service))

# The same for one program alone: its windows have all of the screen; its dialogs stay what they are.
$(O)/guest/desktop/openbox-program-rc.xml: baseimage/guest/desktop/openbox-rc.xml baseimage/guest/desktop/openbox-program.xml
	@mkdir -p $(@D)
	$(Q)sed -e '/<.openbox_config>/r baseimage/guest/desktop/openbox-program.xml' -e '/<.openbox_config>/d' $< >$@.new
	$(Q)mv $@.new $@
PROGRAMS += $(O)/guest/desktop/openbox-program-rc.xml
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/desktop/openbox-program-rc.xml

$(call unit_test,shell-apps,shellmodel)
test-desktop-start_LIBS := $(SHELLX_LIBS)
$(call unit_test,desktop-start,desktopstart common)

# For tests/e2e/shell-shows-the-mark.sh: what a screen reader is told.
$(call pkg,ATSPI,atspi-2)
shell-names_SRCS   := tests/unit/shell-names.c
shell-names_CFLAGS := $(ATSPI_CFLAGS) $(GLIB_CFLAGS)
shell-names_LIBS   := $(ATSPI_LIBS) $(GLIB_LIBS)
$(call program,tests/shell-names)
