/** Turns of phrase that are not English, in the texts of the product and in its documentation. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import ts from 'typescript'
import { root } from '../tools/generated.ts'

/** Rooms whose texts were read for this. Add each room once its texts are clean. */
const rooms = ['base', 'config', 'desired', 'domain', 'topology', 'sets', 'drivers', 'doctor', 'act']
const pages = ['docs/*.md', 'docs/errors/*.md', 'docs/how-to/*.md', 'docs/reference/*.md']

const wrong: readonly (readonly [RegExp, string])[] = [
  [/(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|older\b|newer\b|more\b|less\b)[a-z]+/i, '"is not a ..."'],
  [/\bmay (?:not )?stand (?:here|there)\b/, '"is (not) allowed here"'],
  [/(?<!-)\b(?:stands|stood) (?!for\b)/, '"is"'],
  [/\b[Mm]end(?:s|ed|ing)?\b/, '"fix", "repair"'],
  [/(?<!cannot )\btells\b/, '"says", "shows", "reports"'],
  [/\bexists? not\b/, '"does not exist"'],
  [/\bnobody told\b/, '"it is not known"'],
]

function faultsOf(text: string): string[] {
  return wrong.flatMap(([pattern, better]) => {
    const found = pattern.exec(text)?.[0]
    return found === undefined ? [] : [`"${found}" in "${text.trim().slice(0, 120)}": write ${better}`]
  })
}

/** The texts of a source file: those of more than one word, without the code in them. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text)
    if (ts.isTemplateExpression(node))
      texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('X'))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return texts.filter((text) => text.includes(' '))
}

test.each(rooms)('the texts of %s', (room) => {
  const files = globSync(join(root, 'src', room, '**', '*.ts'))
  expect(files.length).toBeGreaterThan(0)
  expect(files.flatMap((file) => textsOf(file).flatMap(faultsOf))).toEqual([])
})

test.each(pages)('the prose of %s', (pattern) => {
  const files = globSync(join(root, pattern))
  expect(files.length).toBeGreaterThan(0)
  const paragraphs = files.flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  expect(paragraphs.flatMap(faultsOf)).toEqual([])
})

test.each([
  ['It is no number.', 1],
  ['The value may not stand here.', 1],
  ['The log tells more. Mend it.', 2],
  ['It is not a number, there is no other, and it is no longer used.', 0],
])('of "%s" it finds %i', (text, count) => {
  expect(faultsOf(text)).toHaveLength(count)
})
