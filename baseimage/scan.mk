# What goes into a base: the tree, the rules, the scanner, the guest's kernel.
scan_SRCS   := $(addprefix baseimage/,tree.c kernel.c rules.c packages.c packages-dpkg.c packages-other.c \
                 scan.c scan-walk.c scan-entry.c sources-clean.c accounts.c etc.c gather.c sources.c explain.c identifying.c anonymous.c)
scan_CFLAGS := $(GLIB_CFLAGS)
$(call library,scan)

$(call unit_test,tree,scan common)
$(call unit_test,kernel,scan common)
$(call unit_test,rules,scan common)
test-scan_SRCS := tests/unit/scan-kit.c
$(call unit_test,scan,scan common)
test-scan-rules_SRCS := tests/unit/scan-kit.c
$(call unit_test,scan-rules,scan common)
