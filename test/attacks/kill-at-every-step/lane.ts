/** A small lab of its own, with the processes that are killed and started on it. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCommands, type Outcome } from '../../support/commands.ts'
import { smallDeployment } from '../../support/desired-files.ts'
import { startLab } from '../../support/lab.ts'
import { mortalRuns, type MortalRuns } from './mortal-runs.ts'
import { fillStore } from './small-store.ts'

export const slotMilliseconds = 30 * 60_000

/** An export by cmdlet, two databases, a file store: every way in which a set is filled. */
const deployment = smallDeployment
  .replace('userStore: se01-rtc,', 'userStore: se01-rtc, monitoring: se01-rtc,')
  .replace("share: '", "minimumFree: 1MiB, share: '")
  .replace(
    /spec: \{ location.*/,
    `spec:
  location: backup01
  include: { kinds: [user-data, sql-database, file-store] }
  schedule: { cron: '*/30 * * * *', timeZone: UTC, window: 30m, jitter: 0s }`,
  )

export interface Lane extends AsyncDisposable, MortalRuns {
  /** The folder of the lab, with state store and scratch folder in it. */
  dir: string
  share: string
  /** Runs a command in a process that has run others before, `time` (milliseconds) being now. */
  command(time: number, ...argv: string[]): Promise<Outcome>
  /** As if Holdfast had never run there. */
  forget(): void
}

export async function openLane(): Promise<Lane> {
  await using opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  opened.defer(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'deployment.yaml'), deployment)
  const { dir, share, config } = opened.use(await startLab(folder))
  fillStore(join(dir, 'shares/se01.contoso.com/LyncShare'))
  const commands = opened.use(openCommands())

  const runs = mortalRuns({ root: dir, config, notes: folder })
  const held = opened.move()
  return {
    dir,
    share,
    command: (time, ...argv) => commands.run([...argv, '--config', config], time),
    ...runs,
    forget() {
      for (const name of readdirSync(dir)) if (/^(state\.db|owner\.id|scratch$)/.test(name)) remove(dir, name)
      for (const name of readdirSync(share)) remove(share, name)
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

function remove(folder: string, name: string): void {
  rmSync(join(folder, name), { recursive: true, force: true })
}
