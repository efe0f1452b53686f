#!/bin/bash
# Whether the service on SERVER_PORT is ready; needs nothing but bash.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$SERVER_PORT"
printf 'GET /actuator/health/readiness HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
[[ $status == 200 ]]
