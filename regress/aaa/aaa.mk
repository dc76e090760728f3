# Logins against real AAA servers (root); paths are from the top.
regress-aaa: all client $(O)/regress/bench/ikerd
	@sh regress/aaa/run $(O) $(CASES)

.PHONY: regress-aaa
