# What the scenario files say about themselves; sourced by vm and guest.
# A scenario begins with comment lines that tell what a user does and sees;
# "# limit: SECONDS" among them replaces the usual time limit, which only ends
# what hangs: emulation on a busy host is slow.

lab_directory=${here:?}

scenario_limit() {
	limit=$(sed -n 's/^# limit: *\([0-9][0-9]*\).*/\1/p' \
	    "$lab_directory/scenario/$1" | head -1)
	limit=${limit:-300}
	# the long form of a test has its time too
	[ -z "${LONG:-}" ] || limit=$((limit * 8))
	echo "$limit"
}

# scenario_story NAME: the first comment, without its marks
scenario_story() {
	awk '/^#!/ || /^# limit:/ || /^# by name only:/ { next }
	    /^#/ { sub(/^# ?/, ""); print; next }
	    { exit }' "$lab_directory/scenario/$1"
}

# scenario_usual: those that run when none is named.  "# by name only: WHY"
# among a scenario's first lines keeps it out, but not with LONG=1.
scenario_usual() {
	if [ -n "${LONG:-}" ]; then
		ls "$lab_directory/scenario"
		return
	fi
	grep -L '^# by name only:' "$lab_directory"/scenario/* |
	    sed 's,.*/,,'
}

# scenario_list: every scenario's name and story, for T=list
scenario_list() {
	for file in "$lab_directory"/scenario/*; do
		basename "$file"
		scenario_story "$(basename "$file")" | sed 's/^/	/'
	done
}
