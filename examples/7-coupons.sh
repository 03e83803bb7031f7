# A coupon for the first two: the pool of codes is the stock. Codes come as JSON or as a file with one a line.
COFFEE=$(curl -sS "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "The first two get a coffee",
  "startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00", "timeZone": "Asia/Seoul"
}' | read_json .id)
COUPON=$(curl -sS "$API/v1/events/$COFFEE/rewards" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "type": "COUPON", "name": "A free coffee" }' | read_json .id)
printf 'COFFEE-7F3K\nCOFFEE-9Q2M\nCOFFEE-7F3K\n' | curl -sS "$API/v1/events/$COFFEE/rewards/$COUPON/codes" \
  -H "authorization: Bearer $OPERATOR" -H 'content-type: text/csv' --data-binary @-; echo
curl -sS -X PATCH "$API/v1/events/$COFFEE" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{ "status": "ACTIVE" }' > /dev/null

# Three ask, two get a code of their own; the third is told so. The codes are mine to look up, the numbers everyone's who runs the event.
curl -sS -X POST "$API/v1/events/$COFFEE/claims" -H "authorization: Bearer $KIM"; echo
for NAME in lee park; do
  curl -sS "$API/v1/auth/register" -H "$JSON" -d "{\"email\":\"$NAME-$RUN@example.com\",\"password\":\"a walk by the sea\"}" > /dev/null
  curl -sS -X POST "$API/v1/events/$COFFEE/claims" -H "authorization: Bearer $(sign_in "$NAME-$RUN@example.com" 'a walk by the sea')"; echo
done
curl -sS "$API/v1/users/me/coupons" -H "authorization: Bearer $KIM"; echo
curl -sS "$API/v1/users/me/ledger" -H "authorization: Bearer $KIM"; echo
curl -sS "$API/v1/events/$COFFEE/stats" -H "authorization: Bearer $AUDITOR"; echo
