# What the bench reads off a gateway, whichever it is: CPU time and memory of
# its processes, and what ikeload says.  Sourced by regress/bench/run.

# cpu PID...: seconds on a processor, of all threads, so far
cpu() {
	for pid; do
		if ! cat /proc/"$pid"/task/*/schedstat 2>/dev/null; then
			echo 0
		fi
	done | awk '{ ns += $1 } END { printf "%.6f\n", ns / 1e9 }'
}

# memory PID...: kB that are theirs, without pages of files: how much of a
# library counts as theirs depends on who else on the machine uses it
memory() {
	for pid; do
		cat /proc/"$pid"/smaps_rollup 2>/dev/null
	done | awk '$1 == "Pss_Anon:" || $1 == "Pss_Shmem:" { kb += $2 }
	    END { print kb + 0 }'
}

try_one() {
	load 1 1 -u warm -U 1 -D
}

# load COUNT IN-FLIGHT OPTION...  In the background with "launch" set to exec:
# the process must be ikeload itself, to be ended.
launch=''
load() {
	count=$1 inflight=$2
	shift 2
	case $mode in
	main)	set -- -M "$@" ;;
	esac
	case $auth in
	rsa)	set -- -A xauth-rsa -C "$PKI/alice.pem" -K "$PKI/alice.key" \
		    -T "$PKI/ca.pem" -I "$PKI/ca.key" "$@" ;;
	esac
	set -- "$@" $BENCH_LOAD
	set -- -e "${BENCH_IKE% *}" -a "${BENCH_IKE#* }" "$@"
	set -- -y "${BENCH_ESP% *}" -z "${BENCH_ESP#* }" "$@"
	set -- -b 127.0.1.1 -s "$BENCH_SOURCES" "$@"
	$launch "$OUTPUT/regress/client/ikeload" -g "$ADDRESS" -i bench \
	    -k "$KEY" -w password -d "$group" -n "$count" -c "$inflight" "$@"
}

# word NAME LINE: the figure behind a name
word() {
	echo "$2" | awk -v name="$1" \
	    '{ for (i = 1; i < NF; i++) if ($i == name) print $(i + 1) }'
}

# load_and_hold COUNT: as fast as it goes; LOAD keeps the sessions and has its
# words in $line
load_and_hold() {
	# an older run's words must not be taken for its own
	: > "$WORK/load"
	launch='exec'
	load "$1" "$BENCH_IN_FLIGHT" -H 3600 > "$WORK/load" 2>&1 &
	LOAD=$!
	launch=''
	until grep -q '^sessions ' "$WORK/load"; do
		kill -0 "$LOAD" 2>/dev/null || fail "ikeload: $(cat "$WORK/load")"
		running || fail "the gateway ended, status $status_of_it"
		sleep 0.1
	done
	line=$(grep '^sessions ' "$WORK/load")
	grep '^failure ' "$WORK/load"
	[ "$(word sessions "$line")" = "$1" ] && [ -n "$(word up "$line")" ] ||
	    fail "ikeload said \"$line\""
}

# half_load COUNT RATE: other users, at half that rate for BENCH_SECONDS, no
# more than COUNT and no less than 20; their words in $half
half_load() {
	set -- "$1" "$(echo "$2" | awk '{ r = $1 / 2; print r < 1 ? 1 : int(r) }')"
	n=$(($2 * BENCH_SECONDS))
	[ "$n" -le "$1" ] || n=$1
	[ "$n" -ge 20 ] || n=20
	half=$(load "$n" 10000 -u h -r "$2" -D 2>&1 | tee "$WORK/half" |
	    grep '^sessions ')
	[ -n "$half" ] || fail "at half load: $(cat "$WORK/half")"
	grep '^failure ' "$WORK/half"
}

# measure GATEWAY COUNT: start it, load it, end it; adds to $WORK/figures: its
# name, sessions that came up, CPU seconds, rate, p50, p99, bytes a session
measure() {
	start_"$1" "$2"
	sleep 2
	pids=$(family "$GATEWAY")
	before=$(cpu $pids)
	memory_before=$(memory $pids)
	load_and_hold "$2"
	# what was made ahead is made again: it belongs to the cost
	sleep 2
	after=$(cpu $pids)
	memory_after=$(memory $pids)
	up=$(word up "$line")
	half_load "$2" "$(word rate "$line")"
	echo "$1 $up $before $after $(word rate "$line")" \
	    "$(word p50 "$half") $(word p99 "$half")" \
	    "$memory_before $memory_after" |
	    awk '{ print $1, $2, $4 - $3, $5, $6, $7,
		($2 > 0 ? ($9 - $8) * 1024 / $2 : 0) }' >> "$WORK/figures"
	[ "$up" = "$2" ] && [ "$(word failed "$half")" = 0 ] || status=1
	kill "$LOAD" 2>/dev/null
	wait "$LOAD" 2>/dev/null
	LOAD=
	stop_"$1"
	nothing_left
}
