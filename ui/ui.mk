# The app and the sandbox's window.
$(call pkg,SPICE_GTK,spice-client-gtk-3.0)
$(call pkg,SECCOMP,libseccomp)
$(call pkg,PULSE,libpulse-simple)

# Screens, style and icons go into the programs.
UI_RESOURCES := ui/sandglass.gresource.xml
UI_RESOURCE_FILES := $(wildcard ui/*.ui ui/*.css ui/icons/*/*/*.svg)
UI_GEN := $(O)/gen/ui-resources
$(UI_GEN).h: $(UI_RESOURCES)
	@mkdir -p $(@D)
	$(Q)glib-compile-resources --sourcedir=ui --manual-register --c-name=sg_ui --generate-header --target=$@ $<
$(UI_GEN).c: $(UI_RESOURCES) $(UI_RESOURCE_FILES)
	@mkdir -p $(@D)
	$(Q)glib-compile-resources --sourcedir=ui --manual-register --c-name=sg_ui --generate-source --target=$@ $<
$(O)/obj/ui/resource-data.o: $(UI_GEN).c $(UI_GEN).h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(BASE_CFLAGS) $(GLIB_CFLAGS) -c -o $@ $<
$(O)/obj/ui/resources.o: $(UI_GEN).h

# What needs no display: also for the tests.
uibase_SRCS   := $(addprefix ui/,usb-facts.c allowed.c ask.c command.c window-size.c confine-calls.c confine-files.c desktop-look.c eta.c first-picture-file.c places-words.c facts.c inside.c \
                 clipboard-content.c clipboard-lock.c clipboard-login.c clipboard-policy.c \
                 keeper.c keeper-serve.c leave-key.c link.c link-facts.c link-calls.c preferences.c problem.c put-paths.c sound-serve.c sound-wire.c stay.c viewer-bus.c words.c)
uibase_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS) $(GTK_CFLAGS) $(SECCOMP_CFLAGS) -DSG_BINDIR='"$(BINDIR)"'
$(call library,uibase)

# What a saved sandbox asks for and is granted, without a display.
uiprofiles_SRCS   := $(addprefix ui/,editor-profile.c editor-profile-lists.c editor-profile-save.c look.c shortcut.c)
uiprofiles_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,uiprofiles)

uiwidgets_SRCS   := $(addprefix ui/,first-frame.c problem-page.c resources.c resource-data.c)
uiwidgets_CFLAGS := $(GTK_CFLAGS)
$(call library,uiwidgets)

sandglass-viewer_SRCS   := $(addprefix ui/,viewer-main.c viewer-keeper.c viewer-window.c viewer-course.c viewer-actions.c viewer-close.c viewer-stopped.c viewer-edge.c viewer-wait.c viewer-tell.c undo.c first-picture.c places.c viewer-bar.c viewer-display.c viewer-network.c viewer-player.c viewer-sound.c \
                           clipboard.c clipboard-bar.c clipboard-gesture.c clipboard-in.c clipboard-out.c \
                           drop.c put.c put-window.c question.c question-main.c question-window.c edit-question.c folders.c usb-window.c viewer-usb.c stand-on.c)
sandglass-viewer_CFLAGS := $(JSON_CFLAGS) $(GTK_CFLAGS) $(SPICE_GTK_CFLAGS)
sandglass-viewer_LIBS   := $(SPICE_GTK_LIBS) $(GTK_LIBS) -lX11 $(GLIB_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) -lm
$(call program,sandglass-viewer,uiwidgets uibase common)

# Linked against nothing that draws: it meets a guest's samples.
sandglass-sound_SRCS   := ui/sound-main.c
sandglass-sound_CFLAGS := $(GLIB_CFLAGS) $(PULSE_CFLAGS)
sandglass-sound_LIBS   := $(GLIB_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) $(PULSE_LIBS)
$(call program,sandglass-sound,uibase common)

sandglass-app_SRCS   := $(addprefix ui/,app-main.c app.c build.c check-window.c launcher-banner.c launcher-copy.c launcher-list.c launcher-menu.c launcher-window.c \
                        opening.c preferences-window.c ready.c spare.c running.c running-row.c sandbox.c sandbox-close.c sandbox-shown.c saved-list.c \
                        card.c editing.c editor-list.c editor-lists.c editor-folders.c editor-rows.c editor-frame.c editor-choices.c editor-numbers.c editor-window.c fix.c report-window.c stand-on.c thumbnail.c undo.c)
sandglass-app_CFLAGS := $(GTK_CFLAGS) $(JSON_CFLAGS) -DSG_BINDIR='"$(BINDIR)"'
sandglass-app_LIBS   := $(GTK_LIBS) -lX11 $(GLIB_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) -lm
$(call program,sandglass-app,uiwidgets uiprofiles uibase grantsload policies prepare agent common)

# A session with a real display and no desktop, for tests of the windows (tests/ui).
ui-session_SRCS   := $(addprefix tests/ui/,ui-session.c ui-session-machine.c ui-session-serve.c ui-session-standby.c)
ui-session_CFLAGS := $(GLIB_CFLAGS)
ui-session_LIBS   := $(GLIB_LIBS)
$(call program,tests/ui-session,common)
$(O)/obj/tests/ui/ui-session-serve.o: launcher/org.sandglass.Session1.xml

drag-source_SRCS   := tests/ui/drag-source.c
drag-source_CFLAGS := $(GTK_CFLAGS)
drag-source_LIBS   := $(GTK_LIBS)
$(call program,tests/drag-source)
lock-screen_SRCS   := tests/ui/lock-screen.c
lock-screen_CFLAGS := $(GLIB_CFLAGS)
lock-screen_LIBS   := $(GLIB_LIBS)
$(call program,tests/lock-screen)

# A keyboard for tests on a Wayland desktop; where the libraries are.
ifeq ($(shell pkg-config --exists wayland-client xkbcommon && echo yes),yes)
wayland-keys_SRCS   := tests/ui/wayland-keys.c
wayland-keys_CFLAGS := $(subst -I,-isystem ,$(shell pkg-config --cflags wayland-client xkbcommon))
wayland-keys_LIBS   := $(shell pkg-config --libs wayland-client xkbcommon)
$(call program,tests/wayland-keys)
endif

# What assistive technology sees, for tests of the windows; where the library is.
ifeq ($(shell pkg-config --exists atspi-2 && echo yes),yes)
tree_SRCS   := tests/ui/tree.c
tree_CFLAGS := $(subst -I,-isystem ,$(shell pkg-config --cflags atspi-2 gobject-2.0))
tree_LIBS   := $(shell pkg-config --libs atspi-2 gobject-2.0)
$(call program,tests/tree)
endif

UI_TESTS := ui-picture ui-places ui-stay ui-text ui-facts ui-inside ui-put ui-sound ui-keeper ui-confine ui-usb ui-link
$(foreach t,$(UI_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(GTK_CFLAGS)))
$(foreach t,$(UI_TESTS),$(eval test-$(t)_LIBS := $(GTK_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) -lm))
$(foreach t,$(UI_TESTS),$(call unit_test,$(t),uibase common))

CLIPBOARD_TESTS := clipboard-policy clipboard-content clipboard-lock desktop-look
$(foreach t,$(CLIPBOARD_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(GTK_CFLAGS)))
$(foreach t,$(CLIPBOARD_TESTS),$(eval test-$(t)_LIBS := $(GTK_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) -lm))
$(foreach t,$(CLIPBOARD_TESTS),$(call unit_test,$(t),uibase common))
$(O)/tests/test-ui-link: | $(O)/tests/ui-session

# The editor: what comes of a change, and that no setting was forgotten.
test-ui-editor_SRCS   := ui/editor-rows.c ui/editor-frame.c ui/editor-choices.c ui/editor-numbers.c ui/fix.c
test-ui-editor_CFLAGS := $(JSON_CFLAGS) $(GTK_CFLAGS)
test-ui-editor_LIBS   := $(GTK_LIBS) $(JSON_LIBS) -lm
$(call unit_test,ui-editor,uiprofiles uibase grantsload policies agent common)

# The list of sandboxes, with sandboxes that are made up.
test-ui-running_SRCS   := ui/running.c
test-ui-running_CFLAGS := $(JSON_CFLAGS) $(GTK_CFLAGS)
test-ui-running_LIBS   := $(GTK_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) -lm
$(call unit_test,ui-running,uibase common)

# A picture that a guest may have had its hands on.
test-ui-thumbnail_SRCS   := ui/thumbnail.c
test-ui-thumbnail_CFLAGS := $(GTK_CFLAGS)
test-ui-thumbnail_LIBS   := $(GTK_LIBS)
$(call unit_test,ui-thumbnail,common)

# Not tests: what tests/bench/app.sh measures with.
window-drawn_SRCS := tests/bench/window-drawn.c
window-drawn_LIBS := -lX11
$(call program,tests/window-drawn)
clip-bare_SRCS   := tests/bench/clip-bare.c
clip-bare_CFLAGS := $(SPICE_GTK_CFLAGS)
clip-bare_LIBS   := $(SPICE_GTK_LIBS) $(GTK_LIBS) $(GLIB_LIBS) $(JSON_LIBS) $(SECCOMP_LIBS) -lm
$(call program,tests/clip-bare,uibase common)
empty-window_SRCS   := tests/bench/empty-window.c
empty-window_CFLAGS := $(GTK_CFLAGS)
empty-window_LIBS   := $(GTK_LIBS)
$(call program,tests/empty-window)
picture-cost_SRCS   := tests/bench/picture-cost.c ui/thumbnail.c
picture-cost_CFLAGS := $(GTK_CFLAGS)
picture-cost_LIBS   := $(GTK_LIBS)
$(call program,tests/picture-cost,common)
$(O)/tests/loop-watch.so: tests/bench/loop-watch.c
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(BASE_CFLAGS) -shared -o $@ $< -ldl
PROGRAMS += $(O)/tests/loop-watch.so
