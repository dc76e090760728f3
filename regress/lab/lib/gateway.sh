# The gateway under test: its configuration, users, start and stop, and what
# must be true of it and of the kernel.

SOCKET=$SCRATCH/ikerd.sock
STATE=/var/db/ikerd
CONF=$SCRATCH/ikerd.conf
PASSWORD="correct horse"
GROUP_KEY=gr0upKey.7f3aQx9TnWb2Lv5

# PASSWORD's hash; one that ikerctl makes costs an emulated machine five seconds
# to make, and to check, so that it is for those who set HASH= to see it
HASH='$2b$04$labLabLabLabLabLabLabeNMTvic/WiPizLC9NvT.viMikwV2zo2.'

# it holds a key: ours alone
: > "$CONF"
chmod 600 "$CONF"

# The parts of the usual configuration; a scenario sets them before conf.
POOL_RANGE="10.89.129.200 - 10.89.129.204"
POLICIES="ike policy 10 psk aes-256 sha1 modp2048 lifetime 1d"
SETS='esp "strong" aes-256 sha1'
SET_NAMES='"strong"'
LOGIN=LOCAL

# conf: the usual configuration, on standard output
conf() {
	cat <<-END
	# $SCENARIO
	interface outside outside security 0 { address 192.168.1.1/24 }
	interface inside inside security 100 { address 10.89.129.194/28 }

	pool "VPNpool" $POOL_RANGE

	$POLICIES
	$SETS

	group "vpn3000" {
	        key "$GROUP_KEY"
	        pool "VPNpool"
	        login "$LOGIN"
	        esp { $SET_NAMES }
	        idle 30m
	}
	END
}

# conf_clients WHO [STATEMENT...]: a group or peer, after conf
conf_clients() {
	printf '%s {\n' "$1"
	shift
	printf '\t%s\n' 'pool "VPNpool"' "esp { $SET_NAMES }" "$@"
	printf '}\n'
}

# conf_peer WHO [STATEMENT...]: clients of Main Mode with a key and a login
conf_peer() {
	local who="$1"
	shift
	conf_clients "peer $who" "key \"$GROUP_KEY\"" 'login "LOCAL"' "$@"
}

ikerctl() {
	"$OUTPUT/ikerd/ctl/ikerctl" -s "$SOCKET" "$@"
}

ikerd() {
	on gw "$OUTPUT/ikerd/ikerd" -B "$OUTPUT" -f "$CONF" -s "$SOCKET" \
	    -S "$STATE" "$@"
}

# add_users NAME...: all with the same PASSWORD
add_users() {
	install -d -m 0755 "$STATE"
	local owner hash name
	for owner in authd poold; do
		install -d -m 0750 -o _$owner -g _$owner "$STATE/$owner"
	done
	hash=${HASH:-$(printf '%s\n' "$PASSWORD" | ikerctl hash)}
	for name; do
		echo "$name:$hash"
	done > "$STATE/authd/users"
	chown root:_authd "$STATE/authd/users"
	chmod 0640 "$STATE/authd/users"
}

# process_pid NAME: of the gateway's process of that name (ike, poold, ...), or
# of the first of several (crypto)
process_pid() {
	ikerctl show processes | awk -v name="$1" \
	    '$1 == name || $1 == name "-1" { for (i = 2; i <= NF; i++)
		if ($i ~ /^[0-9]+$/ && $i > 1) { print $i; exit } }'
}

# memory NAME: what that process has for itself, in kB
memory() {
	awk '$1 == "RssAnon:" { print $2 }' /proc/"$(process_pid "$1")"/status
}

# process_up NAME
process_up() {
	local pid
	pid=$(process_pid "$1" 2>/dev/null) && [ -n "$pid" ] &&
	    ! ended "$pid" && prints "^ *$1(-1)? .*(up|running|ready)" \
	    ikerctl show processes
}

# process_replaced NAME PID: it is up again, as another process
process_replaced() {
	process_up "$1" && [ "$(process_pid "$1")" != "$2" ]
}

CHILDREN="ike crypto authd poold filter"

gateway_up() {
	local child
	for child in $CHILDREN; do
		process_up $child || return 1
	done
}

# start_gateway: with the configuration in $CONF; waits until all of it is up
start_gateway() {
	[ -x "$OUTPUT/ikerd/ikerd" ] || fail "no gateway: run make first"
	cp "$CONF" "$RESULT/ikerd.conf"
	ip netns exec gw "$OUTPUT/ikerd/ikerd" -d -v -B "$OUTPUT" -f "$CONF" \
	    -s "$SOCKET" -S "$STATE" < /dev/null >> "$RESULT/ikerd.log" 2>&1 &
	GATEWAY=$!
	wait_for 30 "the gateway is up" gateway_up_or_ended
	ended "$GATEWAY" && fail "the gateway ended: $(tail -1 \
	    "$RESULT/ikerd.log")"
	return 0
}

gateway_up_or_ended() {
	ended "$GATEWAY" || gateway_up
}

# refused_at_load PATTERN: ikerd -n refuses $CONF, its message matches
refused_at_load() {
	! ikerd -n > "$SCRATCH/load" 2>&1 &&
	    prints "$1" cat "$SCRATCH/load"
}

# failure_says PEER NAME REASON: one line of show failures has them all; a
# client that goes away without a word is given up after 30 s
failure_says() {
	wait_for 40 "show failures names $1, $2 and the reason" \
	    failure_line "$1" "$2" "$3"
	show ikerctl show failures
}

failure_line() {
	ikerctl show failures > "$SCRATCH/failures"
	cat "$SCRATCH/failures"
	grep -F "$1" "$SCRATCH/failures" | grep -F "$2" | grep -q -i -E "$3"
}

stop_gateway() {
	snapshot before-stop
	stop "$GATEWAY" "the gateway"
	GATEWAY=
}

# snapshot NAME: everything ikerctl shows, kept in RESULT
snapshot() {
	local what
	mkdir -p "$RESULT/ikerctl"
	for what in sessions leases sas processes messages users counters \
	    failures; do
		printf '$ ikerctl show %s\n' $what
		ikerctl show $what 2>&1 || :
	done > "$RESULT/ikerctl/$1"
	{
		ip -n gw -s xfrm state
		ip -n gw xfrm policy
		on gw nft list ruleset
		on gw grep -v '[[:space:]]0$' /proc/net/xfrm_stat
		ip -n gw route
		ip -n gw neigh
		ip -n gw neigh show proxy
	} > "$RESULT/ikerctl/$1-kernel" 2>&1 || :
}

# --- the kernel, as root sees it in the gateway's namespace ---

kernel_sas() {
	ip -n gw xfrm state
}

# sockets have policies of their own (dir in/out without a selector of ours)
kernel_policies() {
	ip -n gw xfrm policy | awk '
	    /^src / { selector = $0 }
	    /^[ \t]*dir (in|out|fwd)/ { print selector, $0 }'
}

# session_policies: less the ones that guard the pools as long as it runs
session_policies() {
	kernel_policies | grep -v 'action block' || :
}

# table_members: the tunnels' addresses, as the filter process filled them in
table_members() {
	on gw nft list set inet ikerd tunnels 2>/dev/null |
	    grep -o '10\.89\.129\.[0-9]*' || :
}

leases() {
	ikerctl show leases | grep held | grep -E '10\.89\.129\.20[0-9]' || :
}

sessions() {
	ikerctl show sessions | grep -E '10\.89\.129\.20[0-9]|vpn3000' || :
}

# gateway_processes: pids of everything that runs from the build directory;
# one program looks at them all, since starting one is slow where emulated
gateway_processes() {
	local file pid
	for file in $(find /proc/[0-9]*/exe \( -lname "$OUTPUT/ikerd/*" -o \
	    -lname "$OUTPUT/authd/*" -o -lname "$OUTPUT/poold/*" -o \
	    -lname "$OUTPUT/fwd/*" \) ! -lname "$OUTPUT/ikerd/ctl/*" \
	    2>/dev/null); do
		pid=${file#/proc/}
		pid=${pid%/exe}
		ended "$pid" || echo "$pid" \
		    "$(tr '\0' ' ' < "/proc/$pid/cmdline")"
	done
}

# assert_no_session: nothing of any session is left; the gateway runs on
assert_no_session() {
	wait_for 15 "no session is left" prints_nothing sessions
	wait_for 5 "no SA is left" prints_nothing kernel_sas
	want "no policy of a session is left" prints_nothing session_policies
	wait_for 5 "no table entry is left" prints_nothing table_members
	wait_for 5 "no lease is held" prints_nothing leases
}

# sessions_left: all that is left of any session, for stories of many
sessions_left() {
	sessions
	kernel_sas
	session_policies
	table_members
	leases
}

# assert_stopped: nothing of the gateway is left
assert_stopped() {
	wait_for 5 "no process is left" prints_nothing gateway_processes
	want "no SA is left" prints_nothing kernel_sas
	want "no policy is left" prints_nothing kernel_policies
	want_not "no table inet ikerd is left" \
	    on gw nft list table inet ikerd
}

# assert_clean: the usual end of a scenario
assert_clean() {
	say "Nothing is left behind"
	assert_no_session
	stop_gateway
	assert_stopped
}
