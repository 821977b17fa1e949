import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { violations } from './violations.ts'

const script = readFileSync(new URL('../../src/drivers/shell/holdfast.ps1', import.meta.url), 'utf8')

test('holdfast.ps1 parses and holds only what is allowed', () => {
  expect(violations(script)).toEqual([])
})

test('it is short enough to be read whole', () => {
  expect(script.trimEnd().split('\n').length).toBeLessThanOrEqual(140)
})

test('it is plain ASCII, which every code page reads alike', () => {
  expect(script).toMatch(/^[\n -~]*$/)
})

describe('is told from', () => {
  test.each([
    ['a script that does not parse', 'if ($ok) {', 'syntax error'],
    ['text that is run', 'Invoke-Expression $line', 'command: Invoke-Expression'],
    ['an alias', 'iex $line', 'command: iex'],
    ['a cmdlet by its name', 'Remove-CsUserData', 'command: Remove-CsUserData'],
    ['a program', 'cmd.exe /c del', 'command: cmd.exe'],
    ['a parameter that forces', 'Import-Module $module -Force', 'parameter: -Force'],
    ['a short name of a parameter', 'ConvertTo-Json -Dep 6', 'parameter: -Dep'],
    ['another object made', 'New-Object System.Net.WebClient', 'object made'],
    ['an object whose type is computed', 'New-Object $name', 'object made'],
    ['a second call', '& $line', 'calls: '],
    ['a file read as code', '. $line', 'calls: '],
    ['a block that is called', '& { 1 }', 'calls: '],
    ['another splat', 'Send @request', 'splats: '],
    ['another origin of the name', '$entry = $line', 'assignment: $entry'],
    ['another origin of the table', '$table = $line', 'assignment: $table'],
    ['another type', '[scriptblock]$line', 'type: [scriptblock]'],
    ['a method that runs things', '$line.Invoke()', 'method'],
    ['a static method that runs things', '[Console]::Exit(0)', 'method'],
    ['a member with a computed name', '$table.$line', 'computed member'],
    ['the variable that drains standard input', 'Send $input', 'variable: $input'],
    ['the environment', 'Send $env:PATH', 'variable: $env:PATH'],
    ['a variable of another scope', '$global:ok = 1', 'variable: $global:ok'],
    ['a name in braces', 'Send ${env:PATH}', 'variable: ${env:PATH}'],
    ['the engine itself', 'Send $ExecutionContext', 'variable: $ExecutionContext'],
    ['a pattern from outside', 'if ($line -match $line) { Send 1 }', 'operator: -match'],
    ['a file written', 'Send 1 > out.txt', 'syntax: '],
    ['a conditional of later engines', '$ok = $line ? 1 : 2', 'syntax error'],
    ['a chain of later engines', 'Send 1 && Send 2', 'syntax: &&'],
    ['a class of later engines', 'class A { }', 'syntax: class A'],
    ['an error of its own', "throw 'no'", 'statement: throw'],
    ['an end of its own', 'exit 0', 'statement: exit'],
    ['a trap', 'trap { }', 'syntax: trap'],
    ['an expression within a text', 'Send "$(Get-Date)"', 'command: Get-Date'],
  ])('one with %s', (_, line, expected) => {
    expect(violations(`${script}\n${line}\n`).join('\n')).toContain(expected)
  })
})
