#!/bin/sh
# The OpenSSH client runs this when it needs the password.
printf '%s\n' "$HOLDFAST_SSH_PASSWORD"
