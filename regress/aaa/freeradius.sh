# FreeRADIUS for tests: its configuration, made in DIR, and its life.  Sourced;
# OUTPUT and TOP are set.

. "$TOP/regress/unpack.sh"
FREERADIUS=$OUTPUT/clients/freeradius

# radius_fetch: before the rest, where the network is
radius_fetch() {
	unpack "$FREERADIUS" freeradius freeradius-common libfreeradius3
}

# radius_conf DIR ADDRESS KEY [no-mac]: a server at ADDRESS, port 1812, with the
# users on standard input; no-mac: answers without Message-Authenticator, as old
# servers do.  The user token has the password "secret" and the code 123456.
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
	        ipaddr = 0.0.0.0/0
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
	cat > "$1/users"
	echo "\$INCLUDE $FREERADIUS/usr/share/freeradius/dictionary" \
	    > "$1/dictionary"
}

# radius_start DIR [COMMAND...]: the server, run by that command (ip netns exec
# HOST), is there when this returns; its pid in RADIUS
radius_start() {
	radius_dir=$1
	shift
	rm -f "$radius_dir/radius.log"
	LD_LIBRARY_PATH=$FREERADIUS/usr/lib/freeradius \
	    "$@" "$FREERADIUS/usr/sbin/freeradius" -f \
	    -d "$radius_dir" -D "$FREERADIUS/usr/share/freeradius" \
	    < /dev/null > "$radius_dir/out" 2>&1 &
	RADIUS=$!
	i=0
	until grep -q 'Ready to process requests' "$radius_dir/radius.log" 2>/dev/null
	do
		kill -0 "$RADIUS" 2>/dev/null || {
			echo "freeradius ended: $(cat "$radius_dir/radius.log")"
			return 1
		}
		i=$((i + 1))
		[ "$i" -lt 300 ] || return 1
		sleep 0.1
	done
}
