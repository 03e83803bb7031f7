step 'The operator finds a user by the beginning of the email address, which is masked.'
curl -sSw "$OUT" "$API/v1/users?q=kim-$RUN" -H "authorization: Bearer $OPERATOR" | show 200 data.0.id data.0.email

step 'The ADMIN imports activities from a file, after a dry run that reports the errors.'
orders () {
  printf 'id,userId,type,occurredAt,value,data.orderId:string\n'
  printf "o-$RUN,$KIM_ID,order.paid,2026-11-20T10:00:00+09:00,12000,1001\n"
}
{ orders; printf 'o-2,nobody,order.paid,,5,\no-3,nobody,order.paid,yesterday,5,\n'; } |
  curl -sSw "$OUT" "$API/v1/activities?dryRun=true" -H "authorization: Bearer $ADMIN" \
    -H 'content-type: text/csv' --data-binary @- | show 200 accepted unknownUsers.0 rejected.0.detail
orders | curl -sSw "$OUT" "$API/v1/activities" -H "authorization: Bearer $ADMIN" \
  -H 'content-type: text/csv' --data-binary @- | show 200 accepted duplicates

step 'The operator simulates an event, grants it to all eligible users, and then to a list of users.'
SALE=$(curl -sSw "$OUT" "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "Autumn sale", "startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00",
  "condition": { "aggregation": "sum", "activity": "order.paid", "target": 10000 }, "status": "ACTIVE",
  "rewards": [{ "type": "CURRENCY", "currency": "gems", "name": "20 gems", "amount": 20 }]
}' | take 201 id name)
curl -sSw "$OUT" -X POST "$API/v1/events/$SALE/simulate" -H "authorization: Bearer $OPERATOR" |
  show 200 users eligible wouldTake.0.units wouldTake.0.amount
TOKEN=$OPERATOR bash examples/grant-eligible.sh "$SALE" 'Autumn sale' || stop_story
printf 'userId\n%s\nnobody\n' "$KIM_ID" | curl -sSw "$OUT" \
  "$API/v1/events/$SALE/grants?condition=WAIVE&reason=Autumn%20sale" -H "authorization: Bearer $OPERATOR" \
  -H 'content-type: text/csv' --data-binary @- | show 200 results.0.code results.1.code

step 'Another operator reviews grants of an event that needs reviews. The ADMIN revokes one of them.'
LEE_ID=$(curl -sSw "$OUT" "$API/v1/users/me" -H "authorization: Bearer $LEE" | take 200 id)
PENDING=$(curl -sSw "$OUT" "$API/v1/events/$STREAK/grants" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d "{
  \"grants\": [{ \"userId\": \"$LEE_ID\" }], \"condition\": \"WAIVE\", \"reason\": \"The server was down\"
}" | take 200 results.0.claim.id results.0.claim.status)
curl -sSw "$OUT" "$API/v1/claims/review" -H "authorization: Bearer $ADMIN" -H "$JSON" \
  -d "{ \"decisions\": [{ \"claimId\": \"$PENDING\", \"decision\": \"APPROVE\" }] }" | show 200 results.0.claim.status
curl -sSw "$OUT" "$API/v1/claims/$PENDING/revoke" -H "authorization: Bearer $ADMIN" -H "$JSON" \
  -d '{ "reason": "The server was not down for this user" }' | show 200 status

step 'The auditor exports the grants of a time range, and reads their totals.'
MONTH='grantedFrom=2026-01-01T00:00:00%2B09:00&grantedTo=2030-01-01T00:00:00%2B09:00'
curl -sSw "$OUT" "$API/v1/claims/export?$MONTH" -H "authorization: Bearer $AUDITOR" | show 200
curl -sSw "$OUT" "$API/v1/stats?$MONTH" -H "authorization: Bearer $AUDITOR" | show 200 data.length data.0.name

step 'The ADMIN pauses all granting, and ends the pause.'
curl -sSw "$OUT" -X PUT "$API/v1/pause" -H "authorization: Bearer $ADMIN" -H "$JSON" \
  -d '{ "paused": true, "reason": "The amounts of the sale are wrong" }' | show 200 paused reason
curl -sSw "$OUT" -X POST "$API/v1/events/$SALE/claims" -H "authorization: Bearer $LEE" | show 503 code
curl -sSw "$OUT" -X PUT "$API/v1/pause" -H "authorization: Bearer $ADMIN" -H "$JSON" \
  -d '{ "paused": false, "reason": "The amounts are right" }' | show 200 paused
