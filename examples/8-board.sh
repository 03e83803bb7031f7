step 'The operator creates an attendance board: one day, two clones of it, and a reward for all three days.'
BOARD="board-$RUN"
DATES='"startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00"'
visits_on () { echo "{ \"aggregation\": \"active_days\", \"activity\": \"user.visited\", \"target\": $1 }"; }
DAY_3=$(curl -sSw "$OUT" "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d "{
  \"name\": \"Day 3\", $DATES, \"timeZone\": \"Asia/Seoul\", \"group\": \"$BOARD\", \"position\": 3,
  \"condition\": $(visits_on 3), \"rewards\": [{ \"type\": \"POINT\", \"name\": \"100 points\", \"amount\": 100 }]
}" | take 201 id name)
clone_for_day () {
  curl -sSw "$OUT" "$API/v1/events/$DAY_3/clone" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
    -d "{ \"name\": \"Day $1\", $DATES, \"condition\": $(visits_on "$1"), \"position\": $1 }" | take 201 id name
}
DAY_5=$(clone_for_day 5)
DAY_7=$(clone_for_day 7)
WHOLE=$(curl -sSw "$OUT" "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d "{
  \"name\": \"The whole board\", $DATES, \"group\": \"$BOARD\", \"position\": 8,
  \"condition\": { \"aggregation\": \"unique_count\", \"activity\": \"event.granted\", \"property\": \"eventId\",
    \"where\": [{ \"property\": \"group\", \"op\": \"eq\", \"value\": \"$BOARD\" }], \"target\": 3 },
  \"rewards\": [{ \"type\": \"ITEM\", \"itemId\": \"winter-cape\", \"name\": \"A winter cape\", \"amount\": 1 }]
}" | take 201 id name)
for ID in "$DAY_3" "$DAY_5" "$DAY_7" "$WHOLE"; do
  curl -sSw "$OUT" -X PATCH "$API/v1/events/$ID" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
    -d '{ "status": "ACTIVE" }' | show 200 status
done

step 'The user lists the board, claims all completed days in one request, and then the whole board.'
curl -sSw "$OUT" "$API/v1/users/me/events?group=$BOARD" -H "authorization: Bearer $KIM" |
  show 200 data.length data.0.event.name data.0.eligible
curl -sSw "$OUT" "$API/v1/users/me/claims" -H "authorization: Bearer $KIM" -H "$JSON" \
  -d "{ \"eventIds\": [\"$DAY_3\", \"$DAY_5\", \"$DAY_7\"] }" |
  show 200 results.0.claim.status results.1.claim.status results.2.claim.status
curl -sSw "$OUT" -X POST "$API/v1/events/$WHOLE/claims" -H "authorization: Bearer $KIM" |
  show 201 status rewards.0.itemId
