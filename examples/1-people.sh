. examples/lib/story.sh

step 'The first ADMIN logs in and gives two people their roles.'
ADMIN_PASSWORD=${ADMIN_PASSWORD:-$(cat .data/first-admin-password)}
ADMIN=$(sign_in admin@example.com "$ADMIN_PASSWORD")

RUN=$(date +%s)
PASSWORD='a walk by the sea'
for ROLE in OPERATOR AUDITOR; do
  ID=$(curl -sSw "$OUT" "$API/v1/auth/register" -H "$JSON" \
    -d "{\"email\":\"$ROLE-$RUN@example.com\",\"password\":\"$PASSWORD\"}" | take 201 id)
  curl -sSw "$OUT" -X PATCH "$API/v1/users/$ID" -H "authorization: Bearer $ADMIN" -H "$JSON" \
    -d "{\"role\":\"$ROLE\"}" | show 200 email role
done

OPERATOR=$(sign_in "OPERATOR-$RUN@example.com" "$PASSWORD")
AUDITOR=$(sign_in "AUDITOR-$RUN@example.com" "$PASSWORD")
