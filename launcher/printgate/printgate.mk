# Printing: the gate between a sandbox and this computer's CUPS, and the listener inside.
printgate_SRCS   := $(addprefix launcher/printgate/,http.c ipp.c ipp-read.c ipp-request.c channel.c)
printgate_CFLAGS := $(GLIB_CFLAGS)
$(call library,printgate)

sandglass-printgate_SRCS   := launcher/printgate/printgate.c launcher/printgate/confine.c
sandglass-printgate_CFLAGS := $(GLIB_CFLAGS) $(SECCOMP_CFLAGS)
sandglass-printgate_LIBS   := $(GLIB_LIBS) $(SECCOMP_LIBS)
$(call program,sandglass-printgate,printgate confineself common)

sandglass-print_SRCS := baseimage/guest/print/main.c
$(call program,guest/sandglass-print)
$(call guest_files,print.payload)
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/sandglass-print

test-printgate_SRCS := tests/unit/ipp-kit.c
$(call unit_test,printgate,printgate common)
$(O)/tests/test-printgate: | $(O)/sandglass-printgate $(O)/guest/sandglass-print $(O)/tests/gtk-prints

# A program with GTK's print dialog.
$(call pkg,GTK_PRINT,gtk+-unix-print-3.0)
gtk-prints_SRCS   := tests/unit/gtk-prints.c
gtk-prints_CFLAGS := $(GTK_PRINT_CFLAGS)
gtk-prints_LIBS   := $(GTK_PRINT_LIBS)
$(call program,tests/gtk-prints)

# A short run is a test; `make fuzz` runs it for longer.
fuzz-printgate_SRCS   := tests/fuzz/fuzz-printgate.c tests/fuzz/mutate.c tests/unit/ipp-kit.c
fuzz-printgate_CFLAGS := $(GLIB_CFLAGS)
fuzz-printgate_LIBS   := $(GLIB_LIBS)
$(call program,tests/fuzz-printgate,printgate common)
TESTS += $(O)/tests/fuzz-printgate

.PHONY: fuzz-printgate
fuzz: fuzz-printgate
fuzz-printgate: $(O)/tests/fuzz-printgate
	$< 2000000
