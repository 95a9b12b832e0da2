# Sandglass: `make run` and `make check` do everything on a fresh machine; `make help` lists the rest.
#
# Each folder describes its own part in build.mk (sources, libraries, programs); this file holds what
# they share.  Objects go to $(O)/obj/<path>.o, programs and libraries to $(O)/.

VERSION      := 0.1.0
O            ?= build
PREFIX       ?= /usr/local
BINDIR       ?= $(PREFIX)/bin
LIBEXECDIR   ?= $(PREFIX)/libexec/sandglass
DATADIR      ?= $(PREFIX)/share
DESTDIR      ?=

CC           ?= gcc
PKG_CONFIG   ?= pkg-config
OPT          ?= -O2 -g
WARN         := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
                -Wno-unused-parameter -Wno-missing-field-initializers -Werror
HARDEN       := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC
# SAN=1 builds everything under AddressSanitizer and UBSan (use another O, e.g. O=build-san).
ifeq ($(SAN),1)
HARDEN       := -fPIC -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
SANLIBS      := -fsanitize=address,undefined
endif
# SLOW=20: a machine may take 20 times as long (common/patience.h; use another O, as well).
SLOW         ?= 1
BASE_CFLAGS  := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(OPT) $(WARN) $(HARDEN) -I. -I$(O)/gen \
                -DSG_VERSION='"$(VERSION)"' -DSG_SLOW=$(SLOW) -DSG_LIBEXECDIR='"$(LIBEXECDIR)"' -DSG_DATADIR='"$(DATADIR)"' \
                -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74 -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74

# pkg-config is asked once per set; lazily, so that `make deps` runs where nothing is installed yet.
pkg = $(eval $(1)_CFLAGS := $$(shell $(PKG_CONFIG) --cflags $(2)))$(eval $(1)_LIBS := $$(shell $(PKG_CONFIG) --libs $(2)))

.PHONY: all programs deps run check check-long bench fuzz screenshots install install-files uninstall clean format help
.DEFAULT_GOAL := all
PROGRAMS :=
TESTS :=

# --- rules all parts share ----------------------------------------------------------------------
# A part lists NAME_SRCS and calls one of these; flags come from its <name>_CFLAGS and <name>_LIBS.
#   $(call library,name)   -> $(O)/lib<name>.a
#   $(call program,path/name,libs…) -> $(O)/path/name linked with $(O)/lib*.a given, in order
objs = $(patsubst %.c,$(O)/obj/%.o,$(1))

define library_rule
$(O)/lib$(1).a: $(call objs,$($(1)_SRCS))
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
$(call objs,$($(1)_SRCS)): PART_CFLAGS := $($(1)_CFLAGS)
DEPFILES += $(patsubst %.o,%.d,$(call objs,$($(1)_SRCS)))
endef
library = $(eval $(call library_rule,$(1)))

define program_rule
$(O)/$(1): $(call objs,$($(notdir $(1))_SRCS)) $(foreach l,$(2),$(O)/lib$(l).a)
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$$(Q)$$(CC) $$(OPT) $(SANLIBS) -o $$@ $(call objs,$($(notdir $(1))_SRCS)) \
		-Wl,--start-group $(foreach l,$(2),$(O)/lib$(l).a) -Wl,--end-group $($(notdir $(1))_LIBS)
$(call objs,$($(notdir $(1))_SRCS)): PART_CFLAGS := $($(notdir $(1))_CFLAGS)
PROGRAMS += $(O)/$(1)
DEPFILES += $(patsubst %.o,%.d,$(call objs,$($(notdir $(1))_SRCS)))
endef
program = $(eval $(call program_rule,$(1),$(2)))

# $(call unit_test,NAME,libs…): tests/unit/test-NAME.c, a check program -> $(O)/tests/test-NAME
define unit_test_rule
test-$(1)_SRCS += tests/unit/test-$(1).c
test-$(1)_CFLAGS += $(GLIB_CFLAGS) $(CHECK_CFLAGS)
test-$(1)_LIBS += $(GLIB_LIBS) $(CHECK_LIBS)
$$(call program,tests/test-$(1),$(2))
TESTS += $(O)/tests/test-$(1)
endef
unit_test = $(eval $(call unit_test_rule,$(1),$(2)))

Q := $(if $(V),,@)
# PART_CFLAGS must not leak into the objects of a library that a program depends on.
$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(BASE_CFLAGS) $(PART_CFLAGS) -MMD -MP -c -o $@ $<

# --- the parts --------------------------------------------------------------------------------
NEEDS_PKG := $(filter-out deps clean help format,$(or $(MAKECMDGOALS),all))
# `run` and `check` install what is missing first, and only then read the parts (a second make).
ifeq ($(filter run check,$(MAKECMDGOALS)),)
ifneq ($(NEEDS_PKG),)
$(call pkg,GLIB,glib-2.0 gio-2.0 gio-unix-2.0 gobject-2.0)
$(call pkg,JSON,json-glib-1.0)
$(call pkg,GTK,gtk+-3.0)
$(call pkg,CHECK,check)
include $(sort $(wildcard common/*.mk policies/*.mk baseimage/*.mk baseimage/guest/*.mk launcher/*.mk launcher/*/*.mk ui/*.mk po/*.mk tests/*.mk))
endif
endif

all: $(PROGRAMS)
# What a person runs, without the tests' own programs.
programs: $(filter-out $(O)/tests/%,$(PROGRAMS))

# --- tests --------------------------------------------------------------------------------------
# E2E: scripts that start real machines, or real windows under Xvfb, or networks of their own.
E2E := $(filter-out %kit.sh,$(sort $(wildcard tests/e2e/*.sh tests/ui/*.sh tests/net/*.sh)))
LONG := $(sort $(wildcard tests/long/*.sh))
SAN_TESTS = $(patsubst $(O)/%,$(O)-san/%,$(TESTS))
.PHONY: check-built check-unit san
san:
	@$(MAKE) --no-print-directory O=$(O)-san SAN=1 OPT=-O1 all

# ONLY=pattern runs the tests whose name holds it.
check-built: all san
	@tests/run $(O) $(if $(ONLY),--only '$(ONLY)') $(TESTS) $(SAN_TESTS) $(E2E)

check-unit: all
	@tests/run $(O) $(if $(ONLY),--only '$(ONLY)') $(TESTS)

check-long: all
	@tests/run $(O) $(if $(ONLY),--only '$(ONLY)') $(LONG)

# --- the two commands of the README -------------------------------------------------------------
run: deps
	@$(MAKE) --no-print-directory -j$$(nproc) programs
	@packaging/run-from-tree $(O)

check: deps
	@$(MAKE) --no-print-directory -j$$(nproc) all san
	@$(MAKE) --no-print-directory check-built

deps:
	@packaging/install-deps

# --- installing -----------------------------------------------------------------------------------
# Programs that are not for people go to LIBEXECDIR, the guest's payload with them.
LIBEXEC_PROGRAMS := sandglass-app sandglass-viewer sandglass-session sandglass-guardian sandglass-relay sandglass-netgate sandglass-proxy sandglass-look sandglass-printgate sandglass-usbgate sandglass-share-index sandglass-sound
LIBEXEC_FILES := nbdkit-sandglass-plugin.so sandglass-ram-preload.so sandglass-revoke-preload.so
ICONDIR := $(DATADIR)/icons/hicolor
install: all
	@$(MAKE) --no-print-directory install-files
# Without building: what a package's script, and the test of all this, want.
install-files:
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DATADIR)/applications $(DESTDIR)$(DATADIR)/metainfo \
	  $(DESTDIR)$(DATADIR)/man/man1 $(DESTDIR)$(DATADIR)/bash-completion/completions \
	  $(DESTDIR)$(ICONDIR)/scalable/apps $(DESTDIR)$(ICONDIR)/symbolic/apps $(DESTDIR)$(DATADIR)/doc/sandglass
	install -m 755 $(O)/sandglass $(DESTDIR)$(BINDIR)/
	install -m 755 $(LIBEXEC_PROGRAMS:%=$(O)/%) $(DESTDIR)$(LIBEXECDIR)/
	install -m 644 $(LIBEXEC_FILES:%=$(O)/%) $(DESTDIR)$(LIBEXECDIR)/
	rm -rf $(DESTDIR)$(LIBEXECDIR)/guest && cp -a $(O)/guest $(DESTDIR)$(LIBEXECDIR)/guest && chmod -R go=rX $(DESTDIR)$(LIBEXECDIR)/guest
	install -m 644 packaging/desktop/*.desktop $(DESTDIR)$(DATADIR)/applications/
	install -m 644 packaging/desktop/*.metainfo.xml $(DESTDIR)$(DATADIR)/metainfo/
	install -m 644 docs/man/*.1 $(DESTDIR)$(DATADIR)/man/man1/
	install -m 644 packaging/completions/sandglass.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/sandglass
	install -D -m 644 packaging/completions/_sandglass $(DESTDIR)$(DATADIR)/zsh/site-functions/_sandglass
	install -D -m 644 packaging/completions/sandglass.fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/sandglass.fish
	install -D -m 644 packaging/mime/org.sandglass.Sandglass.xml $(DESTDIR)$(DATADIR)/mime/packages/org.sandglass.Sandglass.xml
	for kind in view edit; do \
	  install -D -m 644 packaging/file-managers/sandglass-$$kind.nemo_action $(DESTDIR)$(DATADIR)/nemo/actions/sandglass-$$kind.nemo_action; \
	  install -D -m 644 packaging/file-managers/sandglass-$$kind.thunar.desktop $(DESTDIR)$(DATADIR)/Thunar/sendto/sandglass-$$kind.desktop; \
	  install -D -m 644 packaging/file-managers/sandglass-$$kind.action.desktop $(DESTDIR)$(DATADIR)/file-manager/actions/sandglass-$$kind.desktop; \
	done
	install -D -m 755 packaging/file-managers/sandglass.kde.desktop $(DESTDIR)$(DATADIR)/kio/servicemenus/sandglass.desktop
	install -D -m 644 packaging/file-managers/sandglass-nautilus.py $(DESTDIR)$(DATADIR)/nautilus-python/extensions/sandglass-nautilus.py
	install -D -m 644 packaging/file-managers/sandglass-nautilus.py $(DESTDIR)$(DATADIR)/caja-python/extensions/sandglass-caja.py
	for mo in $(O)/locale/*/LC_MESSAGES/sandglass.mo; do \
	  install -D -m 644 $$mo $(DESTDIR)$(DATADIR)/$${mo#$(O)/} || exit 1; \
	done
	install -m 644 ui/icons/scalable/apps/*.svg $(DESTDIR)$(ICONDIR)/scalable/apps/
	install -m 644 ui/icons/symbolic/apps/*.svg $(DESTDIR)$(ICONDIR)/symbolic/apps/
	install -m 644 README.md docs/*.md $(DESTDIR)$(DATADIR)/doc/sandglass/
	[ ! -d /etc/apparmor.d ] && [ -z "$(DESTDIR)" ] || { install -d $(DESTDIR)/etc/apparmor.d && \
	  sed 's|@LIBEXECDIR@|$(LIBEXECDIR)|' packaging/apparmor/sandglass >$(DESTDIR)/etc/apparmor.d/sandglass && \
	  chmod 644 $(DESTDIR)/etc/apparmor.d/sandglass; }
	[ -n "$(DESTDIR)" ] || packaging/refresh-caches $(DATADIR)
	@echo 'Installed. Where AppArmor restricts user namespaces (Ubuntu): sudo apparmor_parser -r /etc/apparmor.d/sandglass'

# Takes away what install-files brings, found out by an installation aside, and the folders that are ours.
# What people have made (~/.config/sandglass) stays theirs.
uninstall:
	@t=$$(mktemp -d) && trap 'rm -rf "$$t"' EXIT && \
	$(MAKE) --no-print-directory install-files DESTDIR="$$t" >/dev/null && \
	(cd "$$t" && find . ! -type d) | while IFS= read -r file; do rm -f "$(DESTDIR)/$${file#./}" || exit 1; done && \
	(cd "$$t" && find . -depth -type d -path '*sandglass*') | while IFS= read -r dir; do rmdir "$(DESTDIR)/$${dir#./}" 2>/dev/null || :; done
	@[ -n "$(DESTDIR)" ] || packaging/refresh-caches $(DATADIR)
	@echo 'Uninstalled. The copies of this computer are in ~/.cache/sandglass, saved sandboxes in ~/.config/sandglass.'

# Speed beside a peer in one run, into docs/bench.md.  BENCH=part runs one part; BENCH_QUICK=1 leaves out what takes minutes.
bench: all
	@tests/bench/run $(O) $(BENCH)

# Every screen, under Xvfb, into docs/screenshots/.
screenshots: all
	@BUILD=$(O) tests/screenshots.sh

-include $(DEPFILES)

clean:
	rm -rf $(O)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

help:
	@echo 'make run          install what is missing, build, open the launcher (or a session in the terminal)'
	@echo 'make check        install what is missing, build, run every test; ends with "N passed, N failed"'
	@echo 'make              build into $(O)/'
	@echo 'make deps         install build and run dependencies with the distribution package manager'
	@echo 'make install      DESTDIR= PREFIX= ; make uninstall, bench, check-long, fuzz, screenshots, format, clean'
