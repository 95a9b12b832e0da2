common_SRCS   := common/domain.c common/fd.c common/memory.c common/paths.c common/report.c
common_CFLAGS := $(GLIB_CFLAGS)
$(call library,common)
