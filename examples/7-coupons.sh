step 'The operator defines coupons for the first two users. The pool of codes is the stock.'
COFFEE=$(curl -sSw "$OUT" "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "The first two get a coffee",
  "startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00", "timeZone": "Asia/Seoul"
}' | take 201 id name)
COUPON=$(curl -sSw "$OUT" "$API/v1/events/$COFFEE/rewards" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "type": "COUPON", "name": "A free coffee" }' | take 201 id type)
printf 'COFFEE-7F3K\nCOFFEE-9Q2M\nCOFFEE-7F3K\n' | curl -sSw "$OUT" "$API/v1/events/$COFFEE/rewards/$COUPON/codes" \
  -H "authorization: Bearer $OPERATOR" -H 'content-type: text/csv' --data-binary @- | show 200 added duplicates
curl -sSw "$OUT" -X PATCH "$API/v1/events/$COFFEE" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "status": "ACTIVE" }' | show 200 status

step 'Three users claim. Two of them get a code, and the third is refused because none is left.'
curl -sSw "$OUT" -X POST "$API/v1/events/$COFFEE/claims" -H "authorization: Bearer $KIM" |
  show 201 status rewards.0.couponCode
for NAME in lee park; do
  curl -sSw "$OUT" "$API/v1/auth/register" -H "$JSON" \
    -d "{\"email\":\"$NAME-$RUN@example.com\",\"password\":\"$PASSWORD\"}" | show 201 email
done
LEE=$(sign_in "lee-$RUN@example.com" "$PASSWORD")
PARK=$(sign_in "park-$RUN@example.com" "$PASSWORD")
curl -sSw "$OUT" -X POST "$API/v1/events/$COFFEE/claims" -H "authorization: Bearer $LEE" |
  show 201 status rewards.0.couponCode
curl -sSw "$OUT" -X POST "$API/v1/events/$COFFEE/claims" -H "authorization: Bearer $PARK" | show 409 code

step 'A user reads the coupons and the ledger. The auditor reads the statistics of the event.'
curl -sSw "$OUT" "$API/v1/users/me/coupons" -H "authorization: Bearer $KIM" | show 200 data.length data.0.couponCode
curl -sSw "$OUT" "$API/v1/users/me/ledger" -H "authorization: Bearer $KIM" | show 200 data.length data.0.direction
curl -sSw "$OUT" "$API/v1/events/$COFFEE/stats" -H "authorization: Bearer $AUDITOR" | show 200 rewards.0.remaining
