# The scripted client (regress/client) on any host of the lab, and the keys of
# its SAs in that host's kernel, so that its ESP really passes.

# script_start HOST SCRIPT [NAME=VALUE...]: plays it until it holds or ends
script_start() {
	local host="$1" script="$2" setting
	shift 2
	rm -f "$SCRATCH/script-$host.go"
	# logins take their time on an emulated machine
	set -- "$@" wait=60000 soon=60000 host=$OUTSIDE "psk=$GROUP_KEY" user=alice \
	    "password=$PASSWORD" "hold=$SCRATCH/script-$host.go"
	for setting; do
		set -- "$@" -D "$setting"
		shift
	done
	(cd "$TOP/regress/client/scripts" && exec ip netns exec "$host" \
	    "$OUTPUT/regress/client/ikeclient" "$@" "$script" < /dev/null \
	    > "$RESULT/script-$host.log" 2>&1) &
	echo $! > "$SCRATCH/script-$host.pid"
}

# script_shown HOST PAIRS: it has shown the keys of so many SA pairs
script_shown() {
	[ "$(grep -c '^out [0-9a-f]* ' "$RESULT/script-$1.log")" -ge "$2" ]
}

# script_wait HOST PAIRS: it is up; the scenario fails if it gives up
script_wait() {
	until_true 60 script_shown_or_ended "$@" ||
	    fail "the client on $1 neither connects nor gives up"
	script_shown "$@" ||
	    fail "the client on $1: $(tail -1 "$RESULT/script-$1.log")"
	ok "the client on $1 is connected, address $(script_address "$1")"
}

script_shown_or_ended() {
	script_shown "$@" || ended "$(cat "$SCRATCH/script-$1.pid")"
}

script_address() {
	sed -n 's/.* address \(10\.[0-9.]*\)$/\1/p' "$RESULT/script-$1.log" |
	    tail -1
}

# script_key HOST in|out PAIR FIELD: 2 is the SPI, 3 the keys
script_key() {
	sed -n "s/^$2 //p" "$RESULT/script-$1.log" |
	    awk -v n="$3" -v f="$4" 'NR == n { print $(f - 1) }'
}

# script_sa HOST PAIR in|out SOURCE DESTINATION: DES and MD5, as the seed has it
script_sa() {
	local keys
	keys=$(script_key "$1" "$3" "$2" 3)
	ip -n "$1" xfrm state add src "$4" dst "$5" proto esp \
	    spi "0x$(script_key "$1" "$3" "$2" 2)" reqid "$2" mode tunnel \
	    auth 'hmac(md5)' "0x$(echo "$keys" | cut -c 17-48)" \
	    enc 'cbc(des)' "0x$(echo "$keys" | cut -c 1-16)"
}

# script_pair HOST OUTER PAIR NETWORK: its SAs and policies for a network
script_pair() {
	local host="$1" outer="$2" n="$3" net="$4" inner
	inner=$(script_address "$host")
	script_sa "$host" "$n" in $OUTSIDE "$outer"
	script_sa "$host" "$n" out "$outer" $OUTSIDE
	ip -n "$host" xfrm policy add src "$inner/32" dst "$net" dir out \
	    priority "$n" tmpl src "$outer" dst $OUTSIDE proto esp \
	    reqid "$n" mode tunnel
	ip -n "$host" xfrm policy add src "$net" dst "$inner/32" dir in \
	    priority "$n" tmpl src $OUTSIDE dst "$outer" proto esp \
	    reqid "$n" mode tunnel
	ip -n "$host" addr replace "$inner/32" dev lo
}

# script_source HOST: what it sends from now on has its inner address
script_source() {
	ip -n "$1" route replace default via 192.168.1.20 \
	    src "$(script_address "$1")"
}

# script_leave HOST: it says goodbye and must have had all that it expected
script_leave() {
	: > "$SCRATCH/script-$1.go"
	until_true 20 ended "$(cat "$SCRATCH/script-$1.pid")" ||
	    fail "the client on $1 does not end"
	wait "$(cat "$SCRATCH/script-$1.pid")" ||
	    fail "the client on $1: $(tail -1 "$RESULT/script-$1.log")"
	ok "the client on $1 has left, all was as it expects"
	ip -n "$1" xfrm state flush
	ip -n "$1" xfrm policy flush
}

# script_said HOST PATTERN...: each is a step that both the debug log and
# ikerctl monitor showed, in this order
script_said() {
	local file pattern from
	for file in "$RESULT/ikerd.log" "$RESULT/monitor.log"; do
		from=1
		for pattern; do
			at=$(tail -n +$from "$file" |
			    grep -n -m 1 -E -e "$pattern" | cut -d: -f1)
			[ -n "$at" ] || {
				printf 'not in %s after line %s: %s\n' \
				    "$file" "$from" "$pattern"
				return 1
			}
			from=$((from + at))
		done
	done
}

# monitor_start: ikerctl monitor, whose lines script_said reads
monitor_start() {
	background monitor gw stdbuf -oL "$OUTPUT/ikerd/ctl/ikerctl" \
	    -s "$SOCKET" monitor
	until_true 20 grep -q 'ike: monitors: 1$' "$RESULT/ikerd.log" ||
	    fail "ikerctl monitor does not reach ike"
}

# seed_conf: the gateway of the seed, as its PIX was configured: policy 10 and
# 20, DES and MD5 alone; what CONF has more is on standard input
seed_conf() {
	POLICIES='legacy ike policy 10 psk des md5 modp1024 lifetime 1d
legacy ike policy 20 psk des md5 modp768 lifetime 1d'
	SETS='legacy esp "myset" des md5' SET_NAMES='"myset"'
	conf
	cat
}
