// The most common passwords with at least 8 characters, which attackers try first.
const common = new Set(`
12345678 123456789 1234567890 12345678910 0123456789 0987654321 987654321 87654321 11111111 00000000 88888888 99999999
12341234 11223344 12121212 123123123 123321123 147258369 159753456 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qwer1234 qwertyui
qwertyuiop qwerty123 qwerty12 qwerty1234 qwerty123456 asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123 zaq12wsx
password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword passwort motdepasse contraseña
iloveyou iloveyou1 sunshine princess football baseball basketball superman batman123 starwars pokemon1 dragon123
welcome1 welcome123 letmein1 letmein123 whatever trustno1 changeme changeme123 default1 administrator admin123
admin1234 adminadmin rootroot test1234 testtest guest123 secret123 abcd1234 abcdefgh abc12345 abc123456 a1b2c3d4
computer internet samsung1 michelle jennifer jordan23 liverpool chelsea1 arsenal1 monkey123 master123 shadow123
charlie1 michael1 qazwsxedc 1234qwer 123qweasd q1w2e3r4 q1w2e3r4t5 google123 facebook linkedin dearbook
laurel123 laurellaurel
`.trim().split(/\s+/))

/** Returns `true` if a password is on the list, in any case and Unicode form, or consists of one repeated character. */
export function isCommonPassword (password: string): boolean {
  return common.has(password.normalize('NFC').toLowerCase()) || /^(.)\1*$/u.test(password)
}
