#!/bin/sh
# The nginx image runs this before it starts nginx.
set -eu
state=/var/lib/signalbox/nginx
# An nginx that was killed left its socket, on which this one could not listen.
rm -f "$state/control/nginx.sock"
# At the very first start Signalbox has yet to write the configuration.
until [ -e "$state/current/signalbox.conf" ]; do sleep 0.2; done
