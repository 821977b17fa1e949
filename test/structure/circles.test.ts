import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** What each file of src/ imports of src/, types too. */
function importsOfHouse(): Map<string, string[]> {
  const files = globSync('src/**/*.ts').map((file) => file.replaceAll('\\', '/'))
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
      const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
      return [file, own.map((name) => join(dirname(file), name).replaceAll('\\', '/'))]
    }),
  )
}

/** The first way from a file back to itself that is met on each depth-first walk. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file)
    if (at >= 0) found.push([...way.slice(at), file].join(' -> '))
    if (at >= 0 || done.has(file)) return
    for (const next of imports.get(file) ?? []) walk(next, [...way, file])
    done.add(file)
  }
  for (const file of imports.keys()) walk(file, [])
  return found
}

test('a circle is found, also one of types', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  expect(circles(imports)).toEqual(['b -> c -> b'])
})

test('no files of src/ import each other in a circle: what two need of each other belongs into a third', () => {
  const imports = importsOfHouse()
  expect([...imports.values()].flat().length).toBeGreaterThan(1000)
  expect(circles(imports)).toEqual([])
})
