# What a sandbox may do, and why: profile + policy -> grants.
policies_SRCS   := $(addprefix policies/,settings.c policy-keys.c hosts.c paths.c \
                     profile.c profile-elements.c profile-read.c profile-values.c profile-text.c profile-write.c \
                     policy.c policy-files.c grants.c grants-rules.c grants-lists.c grants-words.c grants-json.c approved.c)
policies_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,policies)
