#!/bin/sh
# Git and the OpenSSH client run this when they need a login; what they ask is the argument.
case $1 in
'Username for '*) printf '%s\n' "$HOLDFAST_USERNAME" ;;
*) printf '%s\n' "$HOLDFAST_PASSWORD" ;;
esac
