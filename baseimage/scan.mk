# What goes into a base: the tree, the rules, the scanner, the guest's kernel.
scan_SRCS   := $(addprefix baseimage/,tree.c kernel.c)
scan_CFLAGS := $(GLIB_CFLAGS)
$(call library,scan)
