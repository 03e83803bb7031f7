import t from 'tap'
import { searchPattern } from '../../../src/domain/search.ts'

const finds = (text: string, name: string): boolean => new RegExp(searchPattern(text), 'iu').test(name)

t.test('a text is found in NFC and NFD, whichever of them it has itself', async t => {
  for (const text of ['출석', 'Pokémon', 'ガチャ', 'Ǻ']) {
    for (const [typed, stored] of [['NFC', 'NFD'], ['NFD', 'NFC'], ['NFC', 'NFC'], ['NFD', 'NFD']] as const) {
      t.ok(finds(text.normalize(typed), `The ${text} event`.normalize(stored)), `${text}: ${typed} in ${stored}`)
    }
  }
})

t.test('a text does not match a part of a character, whatever its form', async t => {
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
