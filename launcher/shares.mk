# Shared folders: their tests; the parts are in session.mk, cli.mk.
SHARE_TESTS := share-rules share-mount
$(foreach t,$(SHARE_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(SECCOMP_CFLAGS)))
$(foreach t,$(SHARE_TESTS),$(eval test-$(t)_LIBS := $(MACHINE_LIBS) $(SECCOMP_LIBS) -lpthread -lm))
$(foreach t,$(SHARE_TESTS),$(call unit_test,$(t),$(SESSION_LIBS)))
