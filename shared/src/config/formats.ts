import { isIP } from 'node:net'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

/** Accepts the origin of a server. A path or a password would be ignored or disclosed. */
function isServerUrl (text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, href, origin } = new URL(text)
  return /^https?:$/.test(protocol) && href === `${origin}/`
}

/** Accepts the base URL of a collector. A password, a query or a fragment would be ignored or disclosed. */
function isCollectorUrl (text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, origin, pathname } = new URL(text)
  return /^https?:$/.test(protocol) && [`${origin}${pathname}`, origin].includes(text)
}

/** Accepts addresses and networks (`10.0.0.0/8`), separated by commas. */
function isAddressList (text: string): boolean {
  return text.split(',').every(entry => {
    const [address = '', prefix = '0', ...rest] = entry.trim().split('/')
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number
    return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
  })
}

/** Accepts `*`, or origins exactly as a browser sends them: in lower case, without a default port or a path. */
function isOriginList (text: string): boolean {
  return text.split(',').map(entry => entry.trim()).every(entry =>
    entry === '*' || (isServerUrl(entry) && new URL(entry).origin === entry))
}

/** Accepts host names and addresses, with or without a port, exactly as a URL contains them, separated by commas. */
function isHostList (text: string): boolean {
  return text.split(',').map(entry => entry.trim()).every(entry =>
    URL.canParse(`ws://${entry}`) && new URL(`ws://${entry}`).href === `ws://${entry}/`)
}

/** Returns an Ajv instance without type coercion and with the formats of the settings. */
export function createConfigAjv (): Ajv {
  const ajv = new Ajv({ coerceTypes: false })
  addFormats.default(ajv, ['email'])
  return ajv
    .addFormat('server-url', isServerUrl)
    .addFormat('collector-url', isCollectorUrl)
    .addFormat('redis-url', text => /^rediss?:\/\//.test(text) && URL.canParse(text))
    .addFormat('addresses', isAddressList)
    .addFormat('origins', isOriginList)
    .addFormat('hosts', isHostList)
}
