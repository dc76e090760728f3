# FreeRADIUS for tests: its configuration, made in DIR, and its life.  Sourced;
# OUTPUT and TOP are set.  All users have the password "secret".

. "$TOP/regress/unpack.sh"
FREERADIUS=$OUTPUT/clients/freeradius

# radius_fetch: before the rest, where the network is
radius_fetch() {
	unpack "$FREERADIUS" freeradius freeradius-common libfreeradius3
}

# radius_conf DIR ADDRESS KEY [no-mac]: a server at ADDRESS, port 1812; no-mac:
# answers as old servers do, without Message-Authenticator
radius_conf() {
	mkdir -p "$1"
	mac='update reply { Message-Authenticator := 0x00 }'
	[ "${4:-}" != no-mac ] || mac=''
	cat > "$1/radiusd.conf" <<-END
	prefix = $FREERADIUS/usr
	raddbdir = $1
	libdir = $FREERADIUS/usr/lib/freeradius
	run_dir = $1
	logdir = $1
	radacctdir = $1/radacct
	pidfile = $1/radiusd.pid
	max_request_time = 5
	cleanup_delay = 2
	hostname_lookups = no
	log {
	        destination = files
	        file = $1/radius.log
	        auth = yes
	}
	security {
	        reject_delay = 0
	        status_server = yes
	}
	client gateway {
	        ipaddr = 127.0.0.0/8
	        secret = $3
	        require_message_authenticator = yes
	}
	thread pool {
	        start_servers = 2
	        max_servers = 4
	        min_spare_servers = 1
	        max_spare_servers = 3
	        max_requests_per_server = 0
	}
	modules {
	        pap {
	        }
	        chap {
	        }
	        always handled {
	                rcode = handled
	        }
	        files {
	                filename = $1/users
	        }
	        detail {
	                filename = $1/detail
	        }
	}
	server default {
	        listen {
	                type = auth
	                ipaddr = $2
	                port = 1812
	        }
	        authorize {
	                chap
	                if (&User-Name == "token") {
	                        if (!&State) {
	                                update control {
	                                        Auth-Type := pin
	                                        Cleartext-Password := "secret"
	                                }
	                        }
	                        else {
	                                update control {
	                                        Auth-Type := passcode
	                                        Cleartext-Password := "123456"
	                                }
	                        }
	                }
	                files
	                pap
	        }
	        authenticate {
	                Auth-Type PAP {
	                        pap
	                }
	                Auth-Type CHAP {
	                        chap
	                }
	                Auth-Type pin {
	                        pap
	                        update reply {
	                                Reply-Message := "Enter PASSCODE"
	                                Prompt := No-Echo
	                        }
	                        $mac
	                        update control {
	                                Response-Packet-Type := Access-Challenge
	                        }
	                        handled
	                }
	                Auth-Type passcode {
	                        pap
	                }
	        }
	        post-auth {
	                $mac
	                detail
	                Post-Auth-Type REJECT {
	                        $mac
	                }
	        }
	}
	END
	cat > "$1/users" <<-'END'
	alice   Cleartext-Password := "secret"
	
	rich    Cleartext-Password := "secret"
	        Service-Type = Framed-User,
	        Framed-IP-Address = 10.128.7.7,
	        Framed-IP-Netmask = 255.255.255.0,
	        Session-Timeout = 3600,
	        Reply-Message = "Welcome, rich",
	        MS-Primary-DNS-Server = 10.1.0.53,
	        MS-Secondary-DNS-Server = 10.1.0.54,
	        MS-Primary-NBNS-Server = 10.1.0.42,
	        ASA-IPsec-Default-Domain = "example.org",
	        ASA-IPsec-Split-Tunnel-List = "10.1.0.0/16,10.2.0.0/16"
	
	admin   Cleartext-Password := "secret"
	        Service-Type = Administrative-User
	
	locked  Cleartext-Password := "secret"
	        ASA-Tunnel-Group-Lock = "others"
	
	barred  Auth-Type := Reject
	        Reply-Message = "Ask the office for a new password."
	END
	echo "\$INCLUDE $FREERADIUS/usr/share/freeradius/dictionary" \
	    > "$1/dictionary"
}

# radius_start DIR: the server is there when this returns; its pid in RADIUS
radius_start() {
	LD_LIBRARY_PATH=$FREERADIUS/usr/lib/freeradius \
	    "$FREERADIUS/usr/sbin/freeradius" -f -d "$1" \
	    -D "$FREERADIUS/usr/share/freeradius" < /dev/null > "$1/out" 2>&1 &
	RADIUS=$!
	i=0
	until grep -q 'Ready to process requests' "$1/radius.log" 2>/dev/null
	do
		kill -0 "$RADIUS" 2>/dev/null || {
			echo "freeradius ended: $(cat "$1/radius.log")"
			return 1
		}
		i=$((i + 1))
		[ "$i" -lt 300 ] || return 1
		sleep 0.1
	done
}
