# Tree -> image -> block device, and the store of bases.
$(call pkg,NBD,libnbd)

image_SRCS   := $(addprefix baseimage/,crc32c.c stream.c erofs.c erofs-layout.c erofs-encode.c identity.c fsid.c map.c map-open.c map-write.c map-code.c \
                fdcache.c notice.c serve.c materialise.c \
                base.c base-info.c build.c store.c scratch.c stamps.c)
image_CFLAGS := $(GLIB_CFLAGS) $(JSON_CFLAGS)
$(call library,image)

# The nbdkit plugin is a shared object, so it has a rule of its own; all objects are -fPIC anyway.
image-plugin_SRCS := baseimage/plugin.c
IMAGE_PLUGIN := $(O)/nbdkit-sandglass-plugin.so
$(call objs,$(image-plugin_SRCS)): PART_CFLAGS := $(GLIB_CFLAGS)
DEPFILES += $(patsubst %.o,%.d,$(call objs,$(image-plugin_SRCS)))
$(IMAGE_PLUGIN): $(call objs,$(image-plugin_SRCS)) $(O)/libimage.a $(O)/libcommon.a baseimage/plugin.syms
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(OPT) $(SANLIBS) -shared -Wl,--version-script=baseimage/plugin.syms -Wl,-z,now -o $@ \
		$(call objs,$(image-plugin_SRCS)) $(O)/libimage.a $(O)/libcommon.a $(GLIB_LIBS) $(JSON_LIBS)
PROGRAMS += $(IMAGE_PLUGIN)

# The tests make trees by hand, with the scanner's library (its files or not, its rules never).
ifneq ($(wildcard baseimage/tree.c),)
IMAGE_TESTS := erofs map plugin store
$(foreach t,$(IMAGE_TESTS),$(eval test-$(t)_SRCS := tests/unit/image-kit.c))
$(foreach t,$(IMAGE_TESTS),$(eval test-$(t)_CFLAGS := $(JSON_CFLAGS) $(NBD_CFLAGS)))
$(foreach t,$(IMAGE_TESTS),$(eval test-$(t)_LIBS := $(JSON_LIBS) $(NBD_LIBS)))
$(foreach t,$(IMAGE_TESTS),$(call unit_test,$(t),image scan common))
$(O)/tests/test-plugin: | $(IMAGE_PLUGIN)
endif

# A short run of the map fuzzer is a test; `make fuzz` runs it for longer.
fuzz-map_SRCS   := tests/fuzz/fuzz-map.c
fuzz-map_CFLAGS := $(GLIB_CFLAGS)
fuzz-map_LIBS   := $(GLIB_LIBS) $(JSON_LIBS)
$(call program,tests/fuzz-map,image common)
TESTS += $(O)/tests/fuzz-map

.PHONY: fuzz-map
fuzz: fuzz-map
fuzz-map: $(O)/tests/fuzz-map
	$< 100000

# Not a test: how fast an export is read (tests/bench).
disk-read_SRCS := tests/bench/disk-read.c
disk-read_CFLAGS := $(NBD_CFLAGS)
disk-read_LIBS := $(NBD_LIBS)
$(call program,tests/disk-read)
