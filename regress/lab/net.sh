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

# in_host HOST: runs what "ip" commands stand on standard input there
in_host() {
	ip -n "$1" -batch -
}

# switch HOST BRIDGE: a switch, whose bridge tcpdump can listen on
switch() {
	in_host "$1" <<-END
		link add $2 type bridge forward_delay 0 mcast_snooping 0
		link set dev $2 up
	END
}

# cable HOST INTERFACE ADDRESS SWITCH BRIDGE
cable() {
	ip link add "$2" netns "$1" type veth peer name "to-$1" netns "$4"
	ip -n "$4" link set "to-$1" master "$5" up
	in_host "$1" <<-END
		addr add $3 dev $2
		link set dev $2 up
	END
}

# forwards HOST: makes a router of it
forwards() {
	ip netns exec "$1" sysctl -q -w net.ipv4.ip_forward=1
}

outside() {
	switch wire br0
	cable gw outside 192.168.1.1/24 wire br0
	cable c2 eth0 192.168.1.2/24 wire br0
	cable c3 eth0 192.168.1.3/24 wire br0
	cable far eth0 192.168.1.20/24 wire br0
	cable nat outside 192.168.1.9/24 wire br0
	for host in c2 c3 nat gw; do
		ip -n $host route add default via 192.168.1.20
	done
	ip -n far route add default via 192.168.1.1
}

behind_nat() {
	switch nat br0
	cable n1 eth0 10.0.0.11/24 nat br0
	cable n2 eth0 10.0.0.12/24 nat br0
	ip -n nat addr add 10.0.0.1/24 dev br0
	for host in n1 n2; do
		ip -n $host route add default via 10.0.0.1
	done
	forwards nat
	ip netns exec nat nft -f - <<-END
		table ip nat {
			chain out {
				type nat hook postrouting priority 100
				oifname "outside" masquerade
			}
		}
	END
}

inside() {
	switch lan br0
	cable gw inside 10.89.129.194/28 lan br0
	cable router uplink 10.89.129.193/28 lan br0
	switch router below
	ip -n router addr add 10.89.129.129/25 dev below
	cable web eth0 10.89.129.131/25 router below
	cable aaa eth0 10.89.129.134/25 router below
	ip netns exec router sysctl -q -w net.ipv4.conf.below.proxy_arp=1 \
	    net.ipv4.neigh.below.proxy_delay=0
	ip -n web route add default via 10.89.129.129
	ip -n aaa route add default via 10.89.129.129
	ip -n router route add default via 10.89.129.194
	ip -n gw route add 10.89.129.128/25 via 10.89.129.193
	forwards router
	forwards gw
}

up() {
	for host in $HOSTS; do
		ip netns add $host
		ip -n $host link set lo up
		ip netns exec $host sysctl -q -w \
		    net.ipv4.conf.all.accept_redirects=0 \
		    net.ipv4.conf.default.accept_redirects=0 \
		    net.ipv6.conf.all.disable_ipv6=1 \
		    net.ipv6.conf.default.disable_ipv6=1
	done
	outside
	behind_nat
	inside
}

down() {
	ip -all netns delete
}

case ${1:-} in
up|down)	"$1" ;;
*)	echo "usage: net.sh up|down" >&2; exit 1 ;;
esac
