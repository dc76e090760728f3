# Hosts of the lab's network and what can be done on them: commands, captures,
# the web server and fetching from it.

WEB=10.89.129.131
GREETING="This is the inside web server."

# on HOST COMMAND...
on() {
	ip netns exec "$@"
}

# reaches HOST ADDRESS [PING OPTION...]: one ping is answered
reaches() {
	local from="$1" to="$2"
	shift 2
	on "$from" ping -n -c 1 -W 2 "$@" "$to"
}

# background NAME HOST COMMAND...: output to RESULT/NAME.log; ends with
# background_end NAME, or with the scenario
background() {
	local name="$1"
	shift
	ip netns exec "$@" < /dev/null > "$RESULT/$name.log" 2>&1 &
	echo $! > "$SCRATCH/$name.background"
}

background_pid() {
	local pid
	read -r pid < "$SCRATCH/$1.background"
	echo "$pid"
}

background_end() {
	stop "$(background_pid "$1")" "$1"
	rm "$SCRATCH/$1.background"
}

background_end_all() {
	local file
	for file in "$SCRATCH"/*.background; do
		[ -e "$file" ] || continue
		file=${file##*/}
		background_end "${file%.background}"
	done
}

# capture_start [NAME [HOST INTERFACE]]: into RESULT/NAME.pcap; the default
# is the outside wire
capture_start() {
	local capture=${1:-outside}
	background "tcpdump-$capture" "${2:-wire}" tcpdump -Z root -U -n \
	    --immediate-mode -s 2048 -B 8192 -i "${3:-br0}" \
	    -w "$RESULT/$capture.pcap"
	until_true 10 grep -q 'listening on' "$RESULT/tcpdump-$capture.log" ||
	    fail "tcpdump: $(tail -1 "$RESULT/tcpdump-$capture.log")"
}

capture_stop() {
	local name="tcpdump-${1:-outside}"
	until_true 5 capture_whole "$name" ||
	    fail "$name has not written all that passed"
	background_end "$name"
}

# capture_whole NAME: it has written all that had passed when it was asked (what
# the kernel dropped counts as passed); it ends at once when told to, without
# what waits in its buffer
capture_whole() {
	tail -1 "$RESULT/$1.log" | awk '
	    $4 == "captured," && $2 + $10 >= $5 { whole = 1 }
	    END { exit !whole }' ||
	    { kill -USR1 "$(background_pid "$1")"; false; }
}

# captured NAME FILTER: the packets of a capture that match
captured() {
	tcpdump -n -r "$RESULT/$1.pcap" "$2" 2>/dev/null
}

# count_captured NAME FILTER
count_captured() {
	captured "$@" | wc -l
}

# web_server: a page and a file of some size, on the inside
web_server() {
	mkdir -p "$SCRATCH/www"
	echo "$GREETING" > "$SCRATCH/www/index.html"
	head -c 1048576 /dev/urandom > "$SCRATCH/www/big"
	background web web busybox httpd -f -p $WEB:80 -h "$SCRATCH/www"
	until_true 10 on web curl -s -m 2 -o /dev/null http://$WEB/ ||
	    fail "the web server does not start"
}

# fetches HOST: gets the page
fetches() {
	prints "$GREETING" on "$1" curl -s -S -m 30 http://$WEB/
}

# download_start HOST [RATE]: the big file, again and again until download_end;
# each time every byte must come, which takes four seconds at the usual rate
download_start() {
	rm -f "$SCRATCH/enough-$1" "$SCRATCH/whole-$1"
	background "download-$1" "$1" sh -c 'cd "$0" && until
		curl -s -S -m 240 --limit-rate "$3" -o "big-$1" "$2" || exit
		cmp www/big "big-$1" || exit
		[ -e "enough-$1" ]
	do :; done; : > "whole-$1"' "$SCRATCH" "$1" http://$WEB/big \
	    "${2:-300k}"
	until_true 10 test -s "$SCRATCH/big-$1" ||
	    fail "the download does not begin"
}

# download_runs HOST: it is not broken off
download_runs() {
	! ended "$(background_pid "download-$1")"
}

# download_end HOST: waits until the file is whole once more
download_end() {
	: > "$SCRATCH/enough-$1"
	until_true 60 ended "$(background_pid "download-$1")" ||
	    fail "the download hangs"
	want "the download is whole, byte for byte" test -e "$SCRATCH/whole-$1"
}

# cable HOST down|up: as if its cable on the outside were pulled; no host sees
# its interface change
cable() {
	ip -n wire link set "to-$1" "$2"
}

# mac HOST INTERFACE: its link-level address
mac() {
	on "$1" cat "/sys/class/net/$2/address"
}

# nat_ports RANGE: the NAT box forgets what it knew and from now on gives out
# ports of that range
nat_ports() {
	on nat nft -f - <<-END
		flush chain ip nat out
		add rule ip nat out oifname "outside" meta l4proto udp \
		    masquerade to :$1
		add rule ip nat out oifname "outside" masquerade
	END
	on nat conntrack -F > /dev/null 2>&1
}
