#!/bin/sh
# What the image's own script does that matters here: executable scripts run before nginx, and one that fails ends it.
set -e
for script in /docker-entrypoint.d/*.sh; do
  if [ -x "$script" ]; then "$script"; fi
done
exec "$@"
