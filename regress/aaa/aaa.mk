# Logins against real AAA servers (root); paths are from the top.
regress-aaa: all client $(O)/regress/bench/ikerd
	@sh regress/aaa/run $(O) $(CASES)

# the TACACS+ server that the tests use is itself tested (root)
regress-tacacs-check:
	@sh regress/aaa/tacacs-check $(O)

.PHONY: regress-aaa regress-tacacs-check
