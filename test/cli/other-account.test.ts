/** Commands that read, under an account that may read `holdfast.yaml` and the store, and nothing else of the daemon's. */
import { execFile, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { smallDeployment } from '../support/desired-files.ts'
import { startCli, startLab, type Outcome, type TestLab } from '../support/lab.ts'
import { setsShape } from '../../src/views/sets.ts'
import { until } from '../support/until.ts'

const launcher = join(import.meta.dirname, '..', '..', 'src', 'cli', 'holdfast.js')
const nobody = 65534
const reading = [
  ['status'],
  ['sets'],
  ['drift'],
  ['explain', 'nightly'],
  ['recoverability'],
  ['plan'],
  ['audit', 'list'],
]
const isRoot = process.getuid?.() === 0

let lab: TestLab

/** Runs a command as `nobody`, from a folder and with an environment that are not the daemon's. */
function asNobody(...argv: string[]): Promise<Outcome> {
  const words = [launcher, ...argv, '--config', lab.config, '--output', 'json']
  const options = { uid: nobody, gid: nobody, cwd: '/', env: { PATH: process.env['PATH'] }, maxBuffer: 1 << 26 }
  return new Promise((resolve) => {
    execFile(process.execPath, words, options, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })
}

/** What a daemon writes beside the commands. */
const ofTheDaemon = /^(log|\.|state\.db\.child-)/

async function foldersAndOwners(): Promise<string[]> {
  const names = await readdir(lab.dir, { recursive: true })
  const of = async (name: string): Promise<string> => `${name} ${(await stat(join(lab.dir, name))).uid}`
  return (await Promise.all(names.filter((name) => !ofTheDaemon.test(name)).map(of))).sort()
}

describe.skipIf(!isRoot)(
  `an account that may only read${isRoot ? '' : ' (skipped: becoming another needs root)'}`,
  () => {
    let daemon: ChildProcess | null = null

    beforeAll(async () => {
      const tree = await mkdtemp(join(tmpdir(), 'holdfast-tree-'))
      await writeFile(join(tree, 'contoso.yaml'), smallDeployment)
      lab = await startLab(tree)
      await rm(tree, { recursive: true })
      expect((await lab.holdfast('run', '--once')).code).toBe(0)
      for (const folder of [dirname(lab.dir), lab.dir]) await chmod(folder, 0o755)
      await chmod(lab.config, 0o644)
    })
    afterAll(async () => {
      daemon?.kill('SIGKILL')
      await lab[Symbol.asyncDispose]()
    })

    async function everyCommandAnswers(): Promise<void> {
      const before = await foldersAndOwners()
      const answers = await Promise.all(reading.map((command) => asNobody(...command)))
      expect(answers.map(({ code, err }) => [code, err])).toEqual(reading.map(() => [0, '']))
      const sets = reading.findIndex(([name]) => name === 'sets')
      const { sets: told, unseen } = setsShape.parse(JSON.parse(answers[sets]?.out ?? ''))
      expect(told).toEqual((await lab.json('sets')).json['sets'])
      // A daemon looks for everybody; without one, this account cannot, and says since when nobody did.
      expect(unseen).toMatchObject(
        daemon === null
          ? [{ location: 'backup01', message: expect.stringMatching(/^This account could not look at the share\. /) }]
          : [],
      )
      expect(await foldersAndOwners()).toEqual(before)
    }

    test('cannot read the secrets and the id, nor write the folder', async () => {
      const secret = await asNobody('take-over', 'main')
      expect(secret).toMatchObject({ code: 2, out: '' })
      expect(secret.err).toMatch(/cannot be read \(EACCES\)/)
    })

    test('reads all that was seen last while no daemon runs', { timeout: 120_000 }, everyCommandAnswers)

    test('reads beside a running daemon, and after it was killed', { timeout: 120_000 }, async () => {
      daemon = startCli('run', '--config', lab.config)
      await until(async () => ((await lab.holdfast('status', '--health')).code === 0 ? true : undefined))
      await everyCommandAnswers()
      daemon.kill('SIGKILL')
      await once(daemon, 'exit')
      daemon = null
      expect(await readdir(lab.dir)).toContain('state.db-wal')
      await everyCommandAnswers()
    })
  },
)
