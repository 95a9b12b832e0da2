# Shared folders: their tests; the parts are in session.mk, cli.mk.
SHARE_TESTS := share-rules share-mount
$(foreach t,$(SHARE_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(SECCOMP_CFLAGS)))
$(foreach t,$(SHARE_TESTS),$(eval test-$(t)_LIBS := $(MACHINE_LIBS) $(SECCOMP_LIBS) -lpthread -lm))
$(foreach t,$(SHARE_TESTS),$(call unit_test,$(t),$(SESSION_LIBS)))

# Loaded into QEMU, see revoke-preload.c.
SG_REVOKE_PRELOAD := $(O)/sandglass-revoke-preload.so
$(SG_REVOKE_PRELOAD): launcher/revoke-preload.c launcher/revoke-preload.h launcher/ram-preload.h
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -I. -O2 -g -fPIC -fvisibility=hidden $(WARN) \
	  -shared -Wl,-z,now,-z,relro -o $@ $<
PROGRAMS += $(SG_REVOKE_PRELOAD)
$(O)/tests/test-share-mount: | $(SG_REVOKE_PRELOAD)

# The index of a shared folder, and who asks it inside.
sandglass-share-index_SRCS   := $(wildcard launcher/shareindex/*.c)
sandglass-share-index_CFLAGS := $(GLIB_CFLAGS)
sandglass-share-index_LIBS   := $(GLIB_LIBS)
$(call program,sandglass-share-index,common)
sandglass-share_SRCS := $(wildcard baseimage/guest/share/*.c)
$(call program,guest/sandglass-share)
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/sandglass-share
$(call guest_files,share.payload)
$(O)/tests/test-share-mount: | $(O)/sandglass-share-index $(O)/guest/sandglass-share
$(call unit_test,share-index,common)
$(O)/tests/test-share-index: | $(O)/sandglass-share-index
