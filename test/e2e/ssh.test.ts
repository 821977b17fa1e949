/** The lab, with its shell host behind a real sshd: what a daemon outside Windows does every night. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { smallDeployment } from '../support/desired-files.ts'
import { sha256sumCheck, startLab, type TestLab } from '../support/lab.ts'
import { until } from '../support/until.ts'
import type { SetsJson } from '../support/shapes.ts'
import { sshdLacks, startSshd, type Sshd } from '../support/sshd.ts'

type Made = { set: SetsJson['sets'][number] }

/** What a set of that deployment must hold, by hand from the data inventory of the domain reference (section 3). */
const items = [
  'configuration contoso',
  'directory-record contoso',
  'environment contoso',
  'file-store \\\\se01.contoso.com\\LyncShare',
  'location-information contoso',
  'response-groups se01.contoso.com',
  'user-data se01.contoso.com',
]

let sshd: Sshd
let lab: TestLab
let folder: string

describe.skipIf(sshdLacks)(
  `a whole deployment over ssh${sshdLacks ? `: ${sshdLacks}` : ''}`,
  { timeout: 180_000 },
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-e2e-ssh-'))
      await writeFile(
        join(folder, 'contoso.yaml'),
        smallDeployment.replace('userStore: se01-rtc,', 'userStore: se01-rtc, applications: [response-group],'),
      )
      ;[sshd, lab] = await Promise.all([startSshd(), startLab(folder)])
      const config = parse(await readFile(lab.config, 'utf8')) as { shell: { command: string[]; scratch: string } }
      const { host, port, user, knownHosts } = sshd.settings([], '')
      const shell = { ...config.shell, transport: 'ssh', host, port, user, knownHosts }
      const login = { identityFile: join(sshd.folder, 'user_key') }
      await writeFile(lab.config, stringify({ ...config, shell: { ...shell, ...login } }))
    })
    afterAll(async () => {
      await Promise.all([sshd[Symbol.asyncDispose](), lab[Symbol.asyncDispose]()])
      await rm(folder, { recursive: true })
    })

    const outcomes = ({ set }: Made): string[] =>
      set.items.map(({ kind, subject, outcome }) => `${kind} ${subject} ${outcome}`).sort()
    const asked = async (call: string): Promise<number> =>
      (await readFile(join(lab.dir, 'log', 'requests.jsonl'), 'utf8')).split(`"call":"${call}"`).length - 1

    test('a complete set, which a stranger can check; nothing stays in the scratch folder', async () => {
      expect((await lab.holdfast('run', '--once')).code).toBe(0)
      const { json } = await lab.json<SetsJson>('sets')
      expect(json.sets.map(({ policy, state }) => `${policy} ${state}`)).toEqual(['nightly complete'])
      const [set] = json.sets
      expect(outcomes({ set: set! })).toEqual(items.map((item) => `${item} ok`))
      expect(await sha256sumCheck(set!.path, 'manifest-sha256.txt')).toMatchObject({ code: 0 })
      expect(await readdir(join(lab.dir, 'scratch'))).toEqual([])
    })

    test('the connection is cut in the middle of an export: made once more, counted once', async () => {
      await lab.break('cmdlet', 'Export-CsUserData', 'slow')
      const before = await asked('export-user-data')
      const making = lab.json<Made>('backup', 'nightly', '--wait')
      await until(async () => (await asked('export-user-data')) > before || undefined)
      sshd.cut()
      const { json, code, err } = await making
      await lab.repair('cmdlet', 'Export-CsUserData')
      expect(code, err).toBe(0)
      expect(json.set.state).toBe('complete')
      expect(outcomes(json)).toEqual(items.map((item) => `${item} ok`))
      expect(await asked('export-user-data')).toBe(before + 2)
    })

    test('a machine that does not answer: its items fail, the others are taken, and the next set is complete', async () => {
      await sshd.kill()
      const partial = await lab.json<Made>('backup', 'nightly', '--wait')
      expect(partial.code).toBe(3)
      expect(partial.json.set.state).toBe('partial')
      expect(outcomes(partial.json).filter((line) => line.endsWith(' ok'))).toEqual(
        expect.arrayContaining(['file-store \\\\se01.contoso.com\\LyncShare ok']),
      )
      expect(partial.json.set.items.find(({ kind }) => kind === 'user-data')).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('127.0.0.1') as string,
      })
      await sshd.start()
      const next = await lab.json<Made>('backup', 'nightly', '--wait')
      expect(next.json.set.state).toBe('complete')
    })
  },
)
