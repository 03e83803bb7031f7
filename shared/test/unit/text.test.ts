import { Strict, Text } from '@laurel/shared/contracts'
import t from 'tap'
import { hasVisibleCharacter, searchPattern, toSearchForm } from '../../src/text.ts'
import { echoService } from '../support/service.ts'

const invisible = {
  'U+3164': '\u3164',
  'U+200B': '\u200b',
  'U+2800': '\u2800',
  'U+00AD': '\u00ad',
  'U+FEFF': '\ufeff',
  'U+202E': '\u202e',
  'U+115F and U+1160': '\u115f\u1160',
  'U+FFA0': '\uffa0',
  'a tag character': '\u{e0041}',
  controls: '\u0001\u0007\u007f\u0085',
  'blanks and invisible characters': ' \u3000\t\u200b\u00a0\u3164'
}

const app = echoService(Strict({ name: Text(100) }))
const post = async (name: string) => (await app.inject({ method: 'POST', url: '/', payload: { name } })).json()

for (const [description, name] of Object.entries(invisible)) {
  t.test(`400 for a name without a visible character: ${description}`, async t => {
    t.equal(hasVisibleCharacter(name), false)
    const { status, errors } = await post(name)
    t.same({ status, errors }, { status: 400, errors: [{ pointer: '/name', detail: 'must have a visible character' }] })
  })
}

t.test('200: a name with a visible character is stored unchanged', async t => {
  for (const name of ['kim', '김', 'e\u0301', '\u200bkim\u00ad', '\u{1f468}\u200d\u{1f469}', '.', ' a ']) {
    t.equal(hasVisibleCharacter(name), true)
    t.same(await post(name), { body: { name } })
  }
})

t.test('composed and decomposed spellings have one search form', async t => {
  t.equal(toSearchForm('\u1100\u1161\u11a8'), toSearchForm('\uac01'))
  t.equal(toSearchForm('CAFE\u0301'), toSearchForm('caf\u00e9'))
  t.equal(toSearchForm('\u0130'), toSearchForm('I\u0307'))
  t.not(toSearchForm('cafe'), toSearchForm('caf\u00e9'))
})

const finds = (text: string, name: string): boolean => new RegExp(searchPattern(text), 'iu').test(name)

t.test('a string is found in NFC and NFD, regardless of its own form', async t => {
  for (const text of ['출석', 'Pokémon', 'ガチャ', 'Ǻ']) {
    for (const [typed, stored] of [['NFC', 'NFD'], ['NFD', 'NFC'], ['NFC', 'NFC'], ['NFD', 'NFD']] as const) {
      t.ok(finds(text.normalize(typed), `The ${text} event`.normalize(stored)), `${text}: ${typed} in ${stored}`)
    }
  }
})

t.test('a string does not match a part of a character, in any form', async t => {
  for (const [text, name] of [['e', 'é'], ['가', '각'], ['カ', 'ガ']] as const) {
    for (const form of ['NFC', 'NFD'] as const) t.notOk(finds(text, name.normalize(form)), `${name} in ${form}`)
  }
  t.ok(finds('ka', 'kappa'))
  t.ok(finds('❤', '❤\uFE0F'))
})

t.test('characters have no special meaning', async t => {
  for (const text of ['.*', '^a', 'a$', 'a|b', '[a]', '(?i)a', '\\d', 'a+', '{2}', '/', '-']) {
    t.ok(finds(text, `x${text}y`), text)
    t.notOk(finds(text, 'a b 1'), text)
  }
})
