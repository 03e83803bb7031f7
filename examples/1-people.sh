# The first ADMIN signs in and gives two people their roles.
export API=${API:-http://127.0.0.1:3000}
export ADMIN_PASSWORD=${ADMIN_PASSWORD:-$(cat .data/first-admin-password)}
JSON='content-type: application/json'
# So that the story can be told more than once:
RUN=$(date +%s)

read_json () { node -e "const text = require('fs').readFileSync(0, 'utf8'); console.log(JSON.parse(text)$1 ?? (() => { throw text })())"; }
sign_in () { curl -sS "$API/v1/auth/login" -H "$JSON" -d "{\"email\":\"$1\",\"password\":\"$2\"}" | read_json .accessToken; }

ADMIN=$(sign_in admin@example.com "$ADMIN_PASSWORD")

for ROLE in OPERATOR AUDITOR; do
  ID=$(curl -sS "$API/v1/auth/register" -H "$JSON" -d "{\"email\":\"$ROLE-$RUN@example.com\",\"password\":\"a walk by the sea\"}" | read_json .id)
  curl -sS -X PATCH "$API/v1/users/$ID" -H "authorization: Bearer $ADMIN" -H "$JSON" -d "{\"role\":\"$ROLE\"}"; echo
done

OPERATOR=$(sign_in "OPERATOR-$RUN@example.com" 'a walk by the sea')
AUDITOR=$(sign_in "AUDITOR-$RUN@example.com" 'a walk by the sea')
