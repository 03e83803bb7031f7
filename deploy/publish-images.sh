#!/usr/bin/env bash
# Publishes the images that test-compose.sh has built and tested.
#   publish-images.sh push ARCHITECTURE       pushes each server's image as laurel-SERVER:VERSION-ARCHITECTURE
#   publish-images.sh combine ARCHITECTURE…   makes laurel-SERVER:VERSION of the images of all architectures
# REGISTRY, VERSION, REGISTRY_USER and REGISTRY_TOKEN say where to, as what, and with which credentials.
set -euo pipefail

: "${REGISTRY:?}" "${VERSION:?}" "${REGISTRY_USER:?}" "${REGISTRY_TOKEN:?}"
action=${1:?push or combine}; shift
version=${VERSION#v}

docker login --username "$REGISTRY_USER" --password-stdin "${REGISTRY%%/*}" <<< "$REGISTRY_TOKEN"
for server in gateway auth-service event-service; do
  image=$REGISTRY/laurel-$server:$version
  case $action in
    push)
      docker tag "laurel-test-$server" "$image-$1"
      docker push "$image-$1"
      ;;
    combine)
      docker buildx imagetools create --tag "$image" "${@/#/$image-}"
      ;;
    *) echo "unknown action: $action"; exit 2 ;;
  esac
done
