# Saying, showing, wanting and waiting.

# uptime in hundredths of a second
clock() {
	local up rest
	read -r up rest < /proc/uptime
	echo "${up%.*}${up#*.}"
}

BEGAN=$(clock)

# elapsed: seconds since the scenario began, for the margin
elapsed() {
	local time=$(($(clock) - BEGAN))
	printf '%4d.%d' $((time / 100)) $((time % 100 / 10))
}

ok() {
	printf '%s ok: %s\n' "$(elapsed)" "$*"
}

say() {
	printf '\n== %s\n' "$*"
}

fail() {
	printf 'FAIL: %s\n' "$*"
	printf '%s\n' "$*" > "$RESULT/reason"
	exit 1
}

# show COMMAND...: as a user at a terminal would see it; "on HOST" becomes
# the prompt
show() {
	case $1 in
	on)	printf '%s$ ' "$2"; printf '%s\n' "$*" | cut -d' ' -f3- ;;
	*)	printf 'gw$ %s\n' "$*" ;;
	esac
	"$@" 2>&1 | sed 's/^/    /'
}

# seen COMMAND...: runs it, its output in $SCRATCH/seen
seen() {
	"$@" > "$SCRATCH/seen" 2>&1
}

tell_seen() {
	sed 's/^/    seen: /' "$SCRATCH/seen" | tail -30
}

# want WHAT COMMAND...: the command must succeed
want() {
	local what="$1"
	shift
	if seen "$@"; then
		ok "$what"
	else
		printf 'wanted: %s\n    by: %s\n' "$what" "$*"
		tell_seen
		fail "not so: $what"
	fi
}

# want_not WHAT COMMAND...: the command must fail
want_not() {
	local what="$1"
	shift
	if seen "$@"; then
		printf 'not wanted, by: %s\n' "$*"
		tell_seen
		fail "not so: $what"
	else
		ok "$what"
	fi
}

# want_equal WHAT WANTED GOT
want_equal() {
	if [ "$2" = "$3" ]; then
		ok "$1: $2"
	else
		printf 'wanted: %s\n  seen: %s\n' "$2" "$3"
		fail "$1: wanted '$2', saw '$3'"
	fi
}

# prints PATTERN COMMAND...: its output has a line that matches (ERE)
prints() {
	local pattern="$1"
	shift
	"$@" > "$SCRATCH/output" 2>&1 || :
	cat "$SCRATCH/output"
	grep -q -E -e "$pattern" "$SCRATCH/output"
}

# prints_nothing COMMAND...
prints_nothing() {
	"$@" > "$SCRATCH/output" 2>&1 || :
	cat "$SCRATCH/output"
	! [ -s "$SCRATCH/output" ]
}

# Seconds of patience are those of a real machine; an emulated one on a busy
# host is that much slower.  Waiting costs nothing when things work.
SLOWNESS=4

# until_true SECONDS COMMAND...: polls; false when the time is over
until_true() {
	local deadline=$(($(clock) + $1 * 100 * SLOWNESS))
	shift
	until "$@" > "$SCRATCH/seen" 2>&1; do
		[ "$(clock)" -lt "$deadline" ] || return 1
		sleep 0.2
	done
}

# wait_for SECONDS WHAT COMMAND...: want, given time to become so
wait_for() {
	local patience="$1" what="$2"
	shift 2
	if until_true "$patience" "$@"; then
		ok "$what"
	else
		printf 'wanted within %s s: %s\n    by: %s\n' "$patience" \
		    "$what" "$*"
		tell_seen
		fail "not within $patience s: $what"
	fi
}

# ended PID: gone, or a zombie that nobody has waited for
ended() {
	case $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' \
	    "/proc/$1/status" 2>/dev/null) in
	''|Z)	return 0 ;;
	*)	return 1 ;;
	esac
}

# stop PID WHAT: asks it to end and sees that it does
stop() {
	kill "$1" 2>/dev/null || :
	until_true 10 ended "$1" || fail "$2 did not end when asked"
	wait "$1" 2>/dev/null || :
}
