# For `make bench BENCH=window`.
# What a person waits for; where the library is that presses keys.
ifeq ($(shell pkg-config --exists xtst && echo yes),yes)
window-times_SRCS := tests/bench/window-times.c
window-times_LIBS := -lX11 -lXtst
$(call program,tests/window-times)
endif
blink_SRCS := tests/bench/blink.c
blink_LIBS := -lX11
$(call program,tests/blink)
