step 'The operator reads the pending claim and its evidence, and approves it.'
curl -sSw "$OUT" "$API/v1/claims?status=PENDING" -H "authorization: Bearer $OPERATOR" | show 200 data.0.status
curl -sSw "$OUT" "$API/v1/users/$KIM_ID/activities?type=user.visited" -H "authorization: Bearer $OPERATOR" |
  show 200 data.length data.0.type
curl -sSw "$OUT" -X POST "$API/v1/claims/$CLAIM/approve" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "note": "Seven visits" }' | show 200 status

step 'The item is in the wallet, and the ADMIN sees who did what.'
curl -sSw "$OUT" "$API/v1/users/me/wallet" -H "authorization: Bearer $KIM" |
  show 200 items.0.itemId items.0.quantity
curl -sSw "$OUT" "$API/v1/audit/events?limit=1" -H "authorization: Bearer $ADMIN" |
  show 200 data.0.action data.0.role
