# What scenarios are made of; sourced by run, inside the lab's machine.
# A scenario prints a readable account: "say" tells what happens, "show" runs
# a command and shows its output, "want" checks something and says so.  The
# first thing that is not as wanted ends the scenario with that sentence.
#
# From the environment: TOP (source tree), OUTPUT (build directory), RESULT
# (where this scenario's captures, logs and ikerctl output go).

: "${TOP:?}" "${OUTPUT:?}" "${RESULT:?}"
LIBRARY=$TOP/regress/lab
SCRATCH=/run/lab

. "$LIBRARY/lib/check.sh"
. "$LIBRARY/lib/host.sh"
. "$LIBRARY/lib/gateway.sh"
. "$LIBRARY/lib/client.sh"
. "$LIBRARY/lib/strongswan.sh"
. "$LIBRARY/lib/libreswan.sh"
. "$LIBRARY/lib/script.sh"
. "$LIBRARY/lib/steps.sh"
