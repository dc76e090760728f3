#!/bin/sh
# The lab's network, in the manner of the PIX's: every host is a network
# namespace.  Called by guest before and after each scenario.
#
#   outside 192.168.1.0/24, switch "wire"      inside 10.89.129.192/28, "lan"
#     gw    .1   the gateway                     gw      .194
#     c2    .2   vpnc                            router  .193
#     c3    .3   another client                behind router 10.89.129.128/25
#     nat   .9   masquerades 10.0.0.0/24         router  .129
#       n1  10.0.0.11, n2 10.0.0.12              web     .131
#     far   .20  a host of the Internet          aaa     .134
#
# The gateway's interfaces are "outside" and "inside"; a host's is "eth0".
# The two inside networks overlap, as they do in the configuration this
# comes from: the longer prefix wins, and the router answers ARP on the one
# for the other.  Clients have their default route by "far", which does not
# forward: without a tunnel they reach nothing inside.  "far" itself has its
# default by the gateway, as every attacker would like to have.
set -eu

HOSTS="wire gw c2 c3 nat n1 n2 far lan router web aaa"

# What "ip" shall do is collected first, as a program for each command would
# take an emulated machine long: LINKS in no host, BATCH/HOST in each.
BATCH=/run/lab/net
LINKS=$BATCH/links

# in_host HOST COMMAND: later, in this order
in_host() {
	printf '%s\n' "$2" >> "$BATCH/$1"
}

# switch HOST BRIDGE: a switch, whose bridge tcpdump can listen on
switch() {
	in_host "$1" "link add $2 type bridge forward_delay 0 mcast_snooping 0"
	in_host "$1" "link set dev $2 up"
}

# cable HOST INTERFACE ADDRESS SWITCH BRIDGE
cable() {
	printf '%s\n' >> $LINKS \
	    "link add $2 netns $1 type veth peer name to-$1 netns $4"
	in_host "$4" "link set dev to-$1 master $5 up"
	in_host "$1" "addr add $3 dev $2"
	in_host "$1" "link set dev $2 up"
}

# route HOST TO VIA
route() {
	in_host "$1" "route add $2 via $3"
}

outside() {
	switch wire br0
	cable gw outside 192.168.1.1/24 wire br0
	cable c2 eth0 192.168.1.2/24 wire br0
	cable c3 eth0 192.168.1.3/24 wire br0
	cable far eth0 192.168.1.20/24 wire br0
	cable nat outside 192.168.1.9/24 wire br0
	for host in c2 c3 nat gw; do
		route $host default 192.168.1.20
	done
	route far default 192.168.1.1
}

behind_nat() {
	switch nat br0
	cable n1 eth0 10.0.0.11/24 nat br0
	cable n2 eth0 10.0.0.12/24 nat br0
	in_host nat "addr add 10.0.0.1/24 dev br0"
	route n1 default 10.0.0.1
	route n2 default 10.0.0.1
}

inside() {
	switch lan br0
	cable gw inside 10.89.129.194/28 lan br0
	cable router uplink 10.89.129.193/28 lan br0
	switch router below
	in_host router "addr add 10.89.129.129/25 dev below"
	cable web eth0 10.89.129.131/25 router below
	cable aaa eth0 10.89.129.134/25 router below
	route web default 10.89.129.129
	route aaa default 10.89.129.129
	route router default 10.89.129.194
	route gw 10.89.129.128/25 10.89.129.193
}

# after the links are there
forwarding() {
	for host in nat router gw; do
		ip netns exec $host sysctl -q -w net.ipv4.ip_forward=1
	done
	ip netns exec router sysctl -q -w net.ipv4.conf.below.proxy_arp=1 \
	    net.ipv4.neigh.below.proxy_delay=0
	ip netns exec nat nft -f - <<-END
		table ip nat {
			chain out {
				type nat hook postrouting priority 100
				oifname "outside" masquerade
			}
		}
	END
}

up() {
	mkdir -p $BATCH
	for host in $HOSTS; do
		echo "netns add $host" >> $LINKS
		in_host $host "link set dev lo up"
	done
	outside
	behind_nat
	inside
	ip -batch $LINKS
	for host in $HOSTS; do
		ip -n $host -batch $BATCH/$host
	done
	forwarding
}

down() {
	ip -all netns delete
}

case ${1:-} in
up|down)	"$1" ;;
*)	echo "usage: net.sh up|down" >&2; exit 1 ;;
esac
