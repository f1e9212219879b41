# Runs one temporary PostgreSQL server and outlives the programs that use it.
#
# Standard input is the read end of the FIFO "$folder/control". Whoever uses the server holds its write end; the kernel
# closes that when the user ends, however it ends. When nobody is left, the server is stopped and the folder removed.
# Orders, one a line: "start" and "stop" (answered with "ok"), "hello" (a further user has come).
#
# usage: watchdog.sh FOLDER POSTGRES GRACE KEEP     GRACE: seconds to wait for a further user, 0 for a private server
folder=$1 postgres=$2 grace=$3 keep=$4 server=

start() {
    [ ! -e "$folder/exited" ] || rm -f "$folder/exited"
    { "$postgres" -D "$folder/data"; echo "$?" >"$folder/exited"; } </dev/null >>"$folder/log" 2>&1 &
    server=$!
}

# Signals the server and waits for its end. A server that has just been started may not have written its pid yet, and
# after a kill -9 the file still names its predecessor.
signal() {
    while [ ! -e "$folder/exited" ]; do
        if read -r pid <"$folder/data/postmaster.pid" && kill -s "$1" "$pid"; then break; fi
        sleep 0.02
    done 2>/dev/null
    wait "$server"
}

finish() {
    trap '' TERM
    [ -z "$server" ] || signal QUIT
    # A server that was killed leaves its System V segment, of which macOS has few; line 7 of the file names it.
    if [ -e "$folder/data/postmaster.pid" ]; then
        segment=$(sed -n '7s/^ *[0-9]* *//p' "$folder/data/postmaster.pid")
        [ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
    fi
    rm -rf "$folder"
    exit 0
}

trap '' HUP INT PIPE
trap finish TERM

while :; do
    if read -r order; then
        case $order in
            start) start; echo ok ;;
            stop) signal INT; echo ok ;;
        esac
        continue
    fi
    # Nobody holds the write end now.
    if [ -n "$keep" ] && [ -n "$server" ]; then
        wait "$server"
        break
    fi
    [ "$grace" != 0 ] || break
    sleep "$grace"
    # Without the FIFO nobody can come any more; whoever was quicker has said hello.
    mv "$folder/control" "$folder/closing"
    if read -r order; then
        mv "$folder/closing" "$folder/control"
        continue
    fi
    break
done
finish
