import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { holdfast } from '../support/terminal.ts'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'Dockerfile'), 'utf8')

/** Instructions with their continued lines joined: `[name, rest]`. */
const instructions = text
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line): [string, string] => [line.split(/\s/, 1)[0] ?? '', line.replace(/^\S+\s+/, '')])

function all(name: string): string[] {
  return instructions.filter(([is]) => is === name).map(([, rest]) => rest)
}

/** The list of words of an instruction in the exec form. */
function words(rest: string | undefined): string[] {
  return JSON.parse(/\[.*\]/.exec(rest ?? '')?.[0] ?? 'null') as string[]
}

test('every file it copies from the checkout is there', () => {
  const fromCheckout = all('COPY').filter((rest) => !rest.startsWith('--from='))
  const sources = fromCheckout.flatMap((rest) => rest.split(/\s+/).slice(0, -1))
  expect(sources).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'src', 'desired-state']))
  for (const source of sources) expect(existsSync(join(root, source)), source).toBe(true)
})

test('it is built in stages, and what runs holds no development tools and no second Node', () => {
  expect(all('FROM').length).toBeGreaterThan(1)
  expect(all('RUN').find((command) => command.startsWith('npm'))).toMatch(/npm ci .*--omit=dev --omit=optional/)
})

test('its Node is the one that runs TypeScript', () => {
  const stages = all('FROM').map((rest) => rest.split(' AS ')[1])
  const images = all('FROM').filter((rest) => !stages.includes(rest.split(' AS ')[0]))
  for (const image of images) expect(Number(/^node:(\d+)/.exec(image)?.[1])).toBeGreaterThanOrEqual(24)
})

test('it runs as a person of its own and not as root, with a folder that it may write', () => {
  const user = all('USER').at(-1) ?? ''
  expect(user).not.toMatch(/^(root|0)?(:|$)/)
  expect(all('RUN').join('\n')).toMatch(new RegExp(`useradd .*\\b${user}$`, 'm'))
  expect(all('RUN').join('\n')).toContain(`--create-home --home-dir ${all('WORKDIR').at(-1) ?? '?'}`)
})

test('what it starts and what tells its health are commands that exist', async () => {
  const started = [...words(all('ENTRYPOINT')[0]), ...words(all('CMD')[0])]
  const health = words(all('HEALTHCHECK')[0])
  for (const [program, ...line] of [started, health]) {
    expect(program).toBe('holdfast')
    const command = line[0] ?? ''
    const options = line.filter((word) => word.startsWith('--'))
    const { code, out } = await holdfast(root, command, '--help')
    expect(code).toBe(0)
    expect(options).toContain('--config')
    for (const option of options) expect(out).toContain(option)
  }
  expect(health).toContain('--health')
  expect(text).toContain(`ln -s /opt/holdfast/src/cli/holdfast.js /usr/local/bin/holdfast`)
})
