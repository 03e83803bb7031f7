# Functions of the scripts in examples/. They work in bash and zsh, in a file and at a prompt.
export API=${API:-http://127.0.0.1:3000}
JSON='content-type: application/json'
# For curl: print the status and the request after the body.
OUT='\n%{http_code} %{method} %{url_effective}'

# Prints what the next requests are about.
step () { node examples/lib/show.mjs --step "$1"; }

# Reads a response from curl. Prints its request, its status and some fields; stops if it is not as expected.
# show STATUS [FIELD…]
show () { node examples/lib/show.mjs "$@" || stop_story; }

# The same, and the value of the first field goes to stdout: ID=$(curl … | take 201 id)
take () { node examples/lib/show.mjs --take "$@" || stop_story; }

sign_in () {
  curl -sSw "$OUT" "$API/v1/auth/login" -H "$JSON" -d "{\"email\":\"$1\",\"password\":\"$2\"}" 2> /dev/null |
    take 200 accessToken user.email
}

# Ends a script with 1, or goes back to the prompt. It also works inside $(…), where `exit` would end a subshell only.
case $- in *i*) STOP=INT ;; *) STOP=TERM; trap 'exit 1' TERM ;; esac
stop_story () { kill "-$STOP" $$; }
