step 'A user registers and logs in, which is the visit that the event requires.'
curl -sSw "$OUT" "$API/v1/auth/register" -H "$JSON" \
  -d "{\"email\":\"kim-$RUN@example.com\",\"password\":\"$PASSWORD\",\"name\":\"Kim\"}" | show 201 email role
KIM=$(sign_in "kim-$RUN@example.com" "$PASSWORD")

step 'The user reads the progress and claims the reward. The second claim is refused with the reason.'
curl -sSw "$OUT" "$API/v1/events/$EVENT/progress" -H "authorization: Bearer $KIM" | show 200 eligible
curl -sSw "$OUT" -X POST "$API/v1/events/$EVENT/claims" -H "authorization: Bearer $KIM" | show 201 status
curl -sSw "$OUT" -X POST "$API/v1/events/$EVENT/claims" -H "authorization: Bearer $KIM" | show 409 code

step 'The points are in the wallet, and the claim is in the list.'
curl -sSw "$OUT" "$API/v1/users/me/wallet" -H "authorization: Bearer $KIM" | show 200 points
curl -sSw "$OUT" "$API/v1/users/me/claims" -H "authorization: Bearer $KIM" | show 200 data.length data.0.status
