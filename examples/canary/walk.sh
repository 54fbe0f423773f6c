#!/usr/bin/env bash
# A canary release from beginning to end, with the aws CLI: deploy release one,
# let release two have a share of the requests, raise the share, promote it.
#
# Start a node first, with "postern serve --ephemeral". ENDPOINT is its address.
set -euo pipefail
ENDPOINT=${ENDPOINT:-http://127.0.0.1:4566}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

api() { aws --endpoint-url "$ENDPOINT" --output text apigateway "$@"; }

# document NAME writes the definition of a release.
document() { sed "s/RELEASE/$1/" "$here/api.yaml" > "$work/api.yaml"; }

# requests N sends N requests and counts the answers by release and feature.
requests() {
  for _ in $(seq "$1"); do
    curl -si "$ENDPOINT/restapis/$id/prod/_user_request_/release" | tr -d '\r' |
      awk -F ': ' 'tolower($1) == "x-release" { r = $2 } tolower($1) == "x-feature" { f = $2 } END { print r, "feature " f }'
  done | sort | uniq -c
}

echo "Release one gets everything:"
document one
id=$(api import-rest-api --body "fileb://$work/api.yaml" --query id)
api create-deployment --rest-api-id "$id" --stage-name prod --variables feature=off > "$work/answer"
requests 10

echo "Release two gets a quarter, with the feature on:"
document two
api put-rest-api --rest-api-id "$id" --mode overwrite --body "fileb://$work/api.yaml" > "$work/answer"
two=$(api create-deployment --rest-api-id "$id" --stage-name prod --query id \
  --canary-settings 'percentTraffic=25,stageVariableOverrides={feature=on}')
requests 40

echo "Release two gets all requests, and can still be taken back:"
api update-stage --rest-api-id "$id" --stage-name prod --patch-operations \
  op=replace,path=/canarySettings/percentTraffic,value=100 > "$work/answer"
requests 10

echo "Release two is promoted; there is no canary any more:"
api update-stage --rest-api-id "$id" --stage-name prod --patch-operations \
  "op=replace,path=/deploymentId,value=$two" \
  op=copy,from=/canarySettings/stageVariableOverrides,path=/variables \
  op=remove,path=/canarySettings > "$work/answer"
requests 10
