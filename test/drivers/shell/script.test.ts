import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const script = readFileSync(new URL('../../../src/drivers/shell/holdfast.ps1', import.meta.url), 'utf8')
const code = script.replaceAll(/^\s*#.*$/gm, '')

describe('holdfast.ps1, as far as it can be told without an engine', () => {
  test('is short enough to be read whole', () => {
    expect(script.trimEnd().split('\n').length).toBeLessThanOrEqual(120)
  })

  test('is plain ASCII, which every code page reads alike', () => {
    expect(script).toMatch(/^[\n -~]*$/)
  })

  test.each([
    ['the variable that makes the host drain standard input', /\$input\b/i],
    ['text that is evaluated', /Invoke-Expression|\biex\b|ScriptBlock\]?::Create|-EncodedCommand|Add-Type/i],
    ['anything forced', /-Force\b|-Confirm|ConfirmPreference|ExecutionPolicy/i],
    ['operators of later engines', /\?\?|\?\.|&&|\|\|/],
    ['words of later engines', /::new\(|-Parallel\b|-AsHashtable\b|\bclass\s+\w+|\benum\s+\w+\s*\{|^using\s/im],
    ['a cmdlet of the Management Shell by name', /-Cs[A-Z]/],
    ['output past the protocol', /Write-(Host|Output|Error|Warning)|\bOut-/i],
  ])('holds no %s', (_, pattern) => {
    expect(code).not.toMatch(pattern)
  })

  test('brackets and quotes are in balance', () => {
    const bare = code
      .replaceAll(/'[^'\n]*'/g, "''")
      .replaceAll(/"[^"\n]*"/g, '""')
      .replaceAll(/#.*$/gm, '')
    const open: string[] = []
    const pair: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
    for (const character of bare) {
      if ('([{'.includes(character)) open.push(character)
      else if (character in pair) expect(open.pop()).toBe(pair[character])
    }
    expect(open).toEqual([])
  })
})
