import type { LookupAddress } from 'node:dns'
import t from 'tap'
import { checkWebhookUrl, isPublicAddress, publicLookup, readAllowed } from '../../../src/webhooks/address.ts'

const privateUrls = [
  'https://127.0.0.1/x', 'https://127.1/x', 'https://2130706433/x', 'https://0x7f000001/x', 'https://0177.0.0.1/x',
  'https://0/x', 'https://0.0.0.0/x', 'https://10.1.2.3/x', 'https://172.16.0.1/x', 'https://192.168.1.1/x',
  'https://169.254.169.254/latest/meta-data', 'https://100.64.0.1/x', 'https://224.0.0.1/x',
  'https://255.255.255.255/x',
  'https://192.0.2.1/x', 'https://198.18.0.1/x', 'https://192.0.0.192/x', 'https://240.0.0.1/x',
  'https://[::1]/x', 'https://[::]/x', 'https://[fe80::1]/x',
  'https://[fc00::1]/x', 'https://[::ffff:127.0.0.1]/x', 'https://[::ffff:a00:1]/x', 'https://[64:ff9b::7f00:1]/x',
  'https://[::127.0.0.1]/x', 'https://[64:ff9b:1::a00:1]/x', 'https://[2001:0:7f00:1::]/x', 'https://[fec0::1]/x',
  'https://[100::1]/x', 'https://[2001:db8::1]/x', 'https://[5f00::1]/x', 'https://[2002:7f00:1::]/x',
  'https://[ff02::1]/x', 'https://localhost/x', 'https://LOCALHOST./x',
  'https://db.internal/x', 'https://printer.local/x', 'https://metadata/x', 'https://a.localhost/x',
  'https://１２７.０.０.１/x', 'https://127。0。0。1/x'
]

for (const url of privateUrls) {
  t.test(`400: ${url} points to a private network`, async t => {
    const message = '/url must not be in a private network'
    t.throws(() => checkWebhookUrl(url, []), { code: 'VALIDATION_FAILED', message })
  })
}

const refused: Readonly<Record<string, string>> = {
  'http://hooks.example.com/x': 'must be an https URL',
  'ftp://hooks.example.com/x': 'must be an https URL',
  'https://hooks.example.com:80/x': 'must use port 443, or 1024 and above',
  'https://hooks.example.com:22/x': 'must use port 443, or 1024 and above',
  'https://kim:secret@hooks.example.com/x': 'must not contain user info',
  'https://hooks.example.com/x#top': 'must not contain a fragment',
  'https://@hooks.example.com/x': 'must not contain user info',
  'https://hooks.example.com/x#': 'must not contain a fragment',
  'https://hooks..example.com/x': 'must have a valid host name',
  'https://.example.com/x': 'must have a valid host name',
  [`https://${'a'.repeat(64)}.example.com/x`]: 'must have a valid host name',
  [`https://${'a.'.repeat(126)}com/x`]: 'must have a valid host name',
  'hooks.example.com/x': 'must be an absolute URL',
  'https:hooks.example.com/x': 'must be an absolute URL',
  'https:///hooks.example.com/x': 'must be an absolute URL',
  'https:\\\\hooks.example.com/x': 'must be an absolute URL',
  'https://hooks.example.com\\@10.0.0.1/x': 'must be an absolute URL',
  ' https://hooks.example.com/x': 'must be an absolute URL',
  'https://hooks.example.com/x\n': 'must be an absolute URL',
  'https://hooks.example.com/\tx': 'must be an absolute URL',
  'https://hooks.exa\nmple.com/x': 'must be an absolute URL',
  '': 'must be an absolute URL'
}
for (const [url, detail] of Object.entries(refused)) {
  t.test(`400: ${JSON.stringify(url)} ${detail}`, async t => {
    t.throws(() => checkWebhookUrl(url, []), { code: 'VALIDATION_FAILED', message: `/url ${detail}` })
  })
}

const accepted = [
  'https://hooks.example.com/x?y=1', 'https://hooks.example.com./x@y', `https://${'a'.repeat(63)}.example.com/`,
  'https://hooks.example.com:8443/', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'
]
for (const url of accepted) {
  t.test(`${url} is accepted`, async t => { t.equal(checkWebhookUrl(url, []).href, url) })
}

t.test('WEBHOOK_ALLOW lists hosts, with or without a port, that may be private and use plain HTTP', async t => {
  const allowed = readAllowed(' 127.0.0.1:9000, Receiver')
  t.equal(checkWebhookUrl('http://127.0.0.1:9000/x', allowed).port, '9000')
  t.equal(checkWebhookUrl('http://receiver:8080/x', allowed).host, 'receiver:8080')
  t.throws(() => checkWebhookUrl('http://127.0.0.1:9001/x', allowed))
  t.throws(() => checkWebhookUrl('ftp://receiver/x', allowed))
  t.same(readAllowed(), [])
})

async function lookUp (
  addresses: LookupAddress[] | undefined, all = false, error: Error | null = null
): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const lookup = publicLookup((_name, _options, found) => { found(error, addresses as LookupAddress[]) })
    lookup('hooks.example.com', { all }, (error, address) => {
      if (error === null) resolve(address)
      else reject(error)
    })
  })
}

t.test('a connection to a name is only made if all of its addresses are public', async t => {
  const [open, shut] = [{ address: '93.184.215.14', family: 4 }, { address: '10.0.0.7', family: 4 }]
  t.equal(await lookUp([open]), '93.184.215.14')
  t.same(await lookUp([open], true), [open])
  await t.rejects(lookUp([open, shut]), { message: 'The host name resolves to a private address' })
  await t.rejects(lookUp([shut], true), { message: 'The host name resolves to a private address' })
  await t.rejects(lookUp([]), { message: 'The host name has no address' })
  // With an error, Node.js passes no addresses.
  await t.rejects(lookUp(undefined, false, new Error('ENOTFOUND')), { message: 'ENOTFOUND' })
  t.notOk(isPublicAddress('not an address'))
})
