# The machine: QEMU's monitor, the nameless scratch disk, template and clone.
machine_SRCS   := launcher/qmp.c
machine_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,machine)

test-qmp_SRCS   := tests/unit/qmp-kit.c
test-qmp_CFLAGS := $(JSON_CFLAGS)
test-qmp_LIBS   := $(JSON_LIBS)
$(call unit_test,qmp,machine common)
