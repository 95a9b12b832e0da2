# The peers of `make bench`.
walk_SRCS := tests/bench/walk.c
walk_CFLAGS := -Wno-missing-prototypes
$(call program,tests/walk)
