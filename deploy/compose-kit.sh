# Shared by the tests of the compose file. Source it in the root of the repository: `. deploy/compose-kit.sh`. COMPOSE
# sets the command with additional files and profiles: COMPOSE='docker compose -f a -f b --profile monitoring'. SERVICES
# limits the run to the given services.

read -r -a compose <<< "${COMPOSE:-docker compose}"
compose () { "${compose[@]}" --project-name laurel-test "$@"; }
services=${SERVICES:-}
# Port ranges, because two gateways run at the end of test-compose.sh.
first=${PORT:-13000}
export PORT=$first-$((first + 1)) METRICS_PORT=${METRICS_PORT:-19464-19465}
export BCRYPT_COST=6 RATE_LIMIT_PER_MINUTE=0 LOGIN_LIMIT_PER_MINUTE=0
gateways="http://127.0.0.1:$first http://127.0.0.1:$((first + 1))"
dir=$(mktemp -d)

# Removes everything.
clean_up () { compose down --volumes --timeout 10 > /dev/null 2>&1 || true; rm -rf "$dir"; }

wait_for () { # SECONDS COMMAND…
  local end=$((SECONDS + $1)); shift
  until "$@" > /dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then echo "failed: $*"; compose ps; compose logs --tail 20; exit 1; fi
    sleep 0.5
  done
}
# Compose assigns any port of the range to a gateway.
ready () {
  local url
  for url in $gateways; do if curl -sf "$url/health/ready"; then export API=$url; return; fi; done
  return 1
}
containers () { docker ps -aq --filter label=com.docker.compose.project=laurel-test; }

tell_story () {
  ADMIN_PASSWORD=$(compose exec -T auth-service cat /data/first-admin-password)
  export ADMIN_PASSWORD
  for part in examples/[0-9]-*.sh; do . "$part"; done > "$dir/story"
  grep -q GRANTED "$dir/story"
}
