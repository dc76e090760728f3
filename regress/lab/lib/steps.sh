# Stretches of story that several scenarios share.

# tunnel_up: everything running, alice connected from c2, outside captured
tunnel_up() {
	conf > "$CONF"
	web_server
	capture_start
	add_users alice bob
	start_gateway
	vpnc_connect c2
	want "the user fetches the page" fetches c2
	snapshot while-up
}

# second_client: the end of a story in which c2 and its download survived
second_client() {
	say "A second user connects"
	vpnc_connect c3 user=bob
	want "it has an address of its own" test \
	    "$(vpnc_address c3)" != "$(vpnc_address c2)"
	want "it fetches the page" fetches c3
	vpnc_disconnect c3
	download_end c2
	want "the first fetches the page again" fetches c2
	tunnel_down
}

# survives_kill NAME: of a process other than ike, while alice downloads
survives_kill() {
	local pid
	tunnel_up
	download_start c2
	pid=$(process_pid "$1")
	say "$1 is killed in the middle of a download"
	kill -9 "$pid"
	wait_for 20 "$1 is back" process_replaced "$1" "$pid"
	want "the download still runs" download_runs c2
	show ikerctl show processes
}

# refused_scenario: a gateway, and nobody connected yet
refused_scenario() {
	conf > "$CONF"
	web_server
	capture_start
	add_users alice
	start_gateway
	say "The client tries"
}

# then_right: after a refusal nothing is left, and the right way works
then_right() {
	assert_no_session
	snapshot refused
	say "Everything right"
	vpnc_connect c2
	want "the user fetches the page" fetches c2
	vpnc_disconnect c2
	capture_stop
	assert_clean
}

# tunnel_down: the end of a story that began with tunnel_up
tunnel_down() {
	vpnc_disconnect c2
	capture_stop
	assert_clean
}

# --- clients that the kernel of their host does ESP for ---

# put_in_place DIRECTORY FILE...: of an unpacked package, where it is looked for
put_in_place() {
	local from="$1" file
	shift
	for file; do
		rm -rf "/${file:?}"
		ln -s "$from/$file" "/$file"
	done
}

# client_address HOST: what it got from the pool
client_address() {
	ip -n "$1" addr | sed -n 's,.*inet \(10\.89\.[0-9.]*\)/.*,\1,p'
}

# session_id: of the one session there is
session_id() {
	ikerctl show sessions | sed -n 's/.*\([0-9a-f]\{16\}\).*/\1/p'
}

# client_left HOST: what a client put in that host's kernel for tunnels
client_left() {
	client_address "$1"
	ip -n "$1" xfrm state
	ip -n "$1" xfrm policy | grep '^src.*10\.89' || :
}

# client_and_sessions_left HOST
client_and_sessions_left() {
	client_left "$1"
	sessions_left
}

# client_connected CLIENT HOST
client_connected() {
	want "$1 on $2 is connected, with an address of the pool" \
	    prints '^10\.89\.129\.20[0-4]$' client_address "$2"
}

# whole_session WHAT CLIENT HOST [NAME=VALUE...]: one that goes well; CLIENT
# is charon or pluto
whole_session() {
	local what="$1" client="$2" host="$3"
	shift 2
	say "$what"
	"${client}_connect" "$@"
	want "the user fetches the page" fetches "$host"
	"${client}_disconnect" "$host"
	wait_for 15 "nothing of the session is left, on either side" \
	    prints_nothing client_and_sessions_left "$host"
}

# of rekeys
REKEYS_SECONDS=60
[ -z "${LONG:-}" ] || REKEYS_SECONDS=300

# traffic_unharmed HOST: five pings a second for that time, each answered
traffic_unharmed() {
	prints ' 0% packet loss' on "$1" ping -n -q -i 0.2 -W 5 \
	    -c $((REKEYS_SECONDS * 5)) $WEB
}

# lines PATTERN FILE: how many there are
lines() {
	grep -c -E -e "$1" "$2" || :
}

# rekeyed PATTERN FILE BEFORE: so many more lines as a rekey every ten seconds
# makes, less those that the ends of the time may cost
rekeyed() {
	[ $(($(lines "$1" "$2") - $3)) -ge $((REKEYS_SECONDS / 10 - 2)) ]
}
