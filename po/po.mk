# Translations: LINGUAS names them, POTFILES.in what is translated.
#   make pot         po/sandglass.pot anew from the source
#   make po-update   the same, and each po/LANGUAGE.po gets what is new in it
PO_LANGUAGES := $(shell cat po/LINGUAS)
PO_MO := $(PO_LANGUAGES:%=$(O)/locale/%/LC_MESSAGES/sandglass.mo)
$(PO_MO): $(O)/locale/%/LC_MESSAGES/sandglass.mo: po/%.po
	@mkdir -p $(@D)
	@echo "  MO      $@"
	$(Q)msgfmt --check-format --check-header -o $@ $<
PROGRAMS += $(PO_MO)

.PHONY: pot po-update
# An empty line of "POT-Creation-Date" keeps a run without news from changing the file.
pot:
	$(Q)xgettext --files-from=po/POTFILES.in --from-code=UTF-8 --add-comments=TRANSLATORS --sort-by-file --no-location \
	  --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --package-name=Sandglass --package-version=$(VERSION) \
	  --msgid-bugs-address= -o - 2>/dev/null | sed '/^"POT-Creation-Date/d' >po/sandglass.pot
po-update: pot
	$(Q)for l in $(PO_LANGUAGES); do msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-location po/$$l.po po/sandglass.pot || exit 1; done
