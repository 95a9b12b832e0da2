$(call unit_test,common,common)
