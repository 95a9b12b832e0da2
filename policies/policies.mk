# What a sandbox may do, and why: profile + policy -> grants.
policies_SRCS   := $(addprefix policies/,settings.c policy-keys.c hosts.c paths.c \
                     profile.c profile-elements.c profile-read.c profile-values.c profile-ask.c \
                     profile-folders.c profile-settle.c profile-text.c profile-write.c \
                     policy.c policy-files.c grants.c grants-rules.c grants-lists.c grants-words.c grants-json.c approved.c)
policies_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,policies)

POLICIES_TESTS := wsb wsb-files policy grants grants-rules
test-wsb_SRCS          := tests/unit/wsb-kit.c
test-wsb-files_SRCS    := tests/unit/wsb-kit.c
test-grants_SRCS       := tests/unit/policy-kit.c
test-grants-rules_SRCS := tests/unit/policy-kit.c
$(foreach t,$(POLICIES_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS)))
$(foreach t,$(POLICIES_TESTS),$(eval test-$(t)_LIBS := $(JSON_LIBS)))
$(foreach t,$(POLICIES_TESTS),$(call unit_test,$(t),policies common))

# Short runs of the fuzzers are tests; `make fuzz` runs them for longer.
POLICIES_FUZZ := fuzz-wsb fuzz-policy
$(foreach f,$(POLICIES_FUZZ),$(eval $(f)_SRCS := tests/fuzz/$(f).c tests/fuzz/mutate.c))
$(foreach f,$(POLICIES_FUZZ),$(eval $(f)_CFLAGS := $(GLIB_CFLAGS)))
$(foreach f,$(POLICIES_FUZZ),$(eval $(f)_LIBS := $(GLIB_LIBS) $(JSON_LIBS)))
$(foreach f,$(POLICIES_FUZZ),$(call program,tests/$(f),policies common))
TESTS += $(addprefix $(O)/tests/,$(POLICIES_FUZZ))

.PHONY: $(POLICIES_FUZZ)
fuzz: $(POLICIES_FUZZ)
fuzz-wsb: $(O)/tests/fuzz-wsb
	$< 200000
fuzz-policy: $(O)/tests/fuzz-policy
	$< 200000

# Not a test: how fast grants are made (tests/bench).
grants-speed_SRCS   := tests/bench/grants-speed.c
grants-speed_CFLAGS := $(GLIB_CFLAGS)
grants-speed_LIBS   := $(GLIB_LIBS) $(JSON_LIBS)
$(call program,tests/grants-speed,policies common)
