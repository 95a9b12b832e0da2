# Files into a sandbox and out of it, one at a time: `open`, `save-files`, `changes`.

# What moves them, for the command line and the windows.
files_SRCS   := $(addprefix launcher/,transfer-run.c transfer-read.c transfer.c transfer-push.c transfer-lend.c changes.c save-name.c save-file.c save-files.c \
                save-replace.c put-tree.c put-files.c default-app.c open-file.c open-edit.c)
files_CFLAGS := $(GLIB_CFLAGS)
$(call library,files)

# The verbs; `open`'s parts are below.
filescli_SRCS   := $(addprefix launcher/,cmd-save.c cmd-changes.c cmd-put.c cmd-open.c open-one.c open-program.c open-each.c open-end.c open-window.c open-ask.c)
filescli_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,filescli)

# Inside: opens the file, and tells about its windows.
sandglass-open_SRCS   := $(addprefix baseimage/guest/open/,main.c windows.c)
sandglass-open_CFLAGS := $(GLIB_CFLAGS) $(SHELLX_CFLAGS)
sandglass-open_LIBS   := $(GLIB_LIBS) $(SHELLX_LIBS)
$(call program,guest/sandglass-open,shellmodel)
$(call guest_files,open.payload)
$(O)/sandglass $(O)/tests/guest: | $(O)/guest/sandglass-open

$(call unit_test,save,files agent common)
test-transfer_SRCS := tests/unit/transfer-kit.c
$(call unit_test,transfer,files agent common)
$(O)/tests/test-transfer: | $(O)/tests/fake-session $(O)/sandglass-relay
test-put-files_SRCS := tests/unit/transfer-kit.c
$(call unit_test,put-files,files agent common)
$(O)/tests/test-put-files: | $(O)/tests/fake-session $(O)/sandglass-relay
