# The peers of `make bench`.
walk_SRCS := tests/bench/walk.c
walk_CFLAGS := -Wno-missing-prototypes
$(call program,tests/walk)
# From a click to the desktop in the window; beside the programs that it starts.
bench-first-frame_SRCS   := tests/bench/first-frame.c ui/spare.c
bench-first-frame_CFLAGS := $(GLIB_CFLAGS)
bench-first-frame_LIBS   := $(GLIB_LIBS) -lX11
$(call program,bench-first-frame,uibase prepare session1 common)
$(call objs,tests/bench/first-frame.c): | $(SESSION1).h
# QEMU's own way to bring a machine back.
bench-loadvm_SRCS   := tests/bench/loadvm.c
bench-loadvm_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
bench-loadvm_LIBS   := $(GLIB_LIBS) $(MACHINE_LIBS) $(SECCOMP_LIBS) -lpthread -lm
$(call program,bench-loadvm,$(SESSION_LIBS))
$(call objs,tests/bench/loadvm.c): | $(SESSION1).h
