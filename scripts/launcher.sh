#!/bin/sh
':' //; if [ $$ -eq 1 ]; then node -- "$0" "$@" <&0 & node=$!; for signal in HUP INT TERM USR2; do trap "kill -$signal $node" $signal; done; while :; do wait $node; code=$?; kill -0 $node 2>/dev/null || exit $code; done; fi; exec node -- "$0" "$@"
// The line above is a comment to Node and a program to sh: the kernel starts this file with sh, which becomes node. As process 1
// of a container it stays instead, because Node has no way to wait for orphans: the shell takes them, and passes the signals on.
// `--` keeps Node from taking a word that begins with --env-file for its own, which it does wherever that stands.
