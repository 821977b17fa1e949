/** Somebody takes over a location in the middle of a run of its owner, who is alive. */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, startCli, startLab } from '../support/lab.ts'
import { until } from '../support/until.ts'

test('the run ends without a commit record, and the new owner begins when it has ended', async () => {
  await using lab = await startLab()
  const [before, after] = [lab.config, join(lab.dir, 'after', 'holdfast.yaml')]
  await mkdir(join(lab.dir, 'after'))
  await writeFile(after, await readFile(before, 'utf8'))
  await lab.break('cmdlet', 'Export-CsUserData', 'hangs')
  const daemon = startCli('run', '--config', before)
  const exited = once(daemon, 'exit')
  const folder = await until(() => {
    const names = existsSync(join(lab.share, 'nightly')) ? readdirSync(join(lab.share, 'nightly')) : []
    return Promise.resolve(names[0] === undefined ? undefined : join(lab.share, 'nightly', names[0]))
  })

  expect(await cli('take-over', 'backup01', '--config', after)).toMatchObject({ code: 0 })
  const told = await until(async () => {
    const { out } = await cli('audit', 'list', '--output', 'json', '--config', before)
    const { entries } = JSON.parse(out) as { entries: { type: string; message: string }[] }
    return entries.find(({ message }) => message.includes('without a commit record'))
  })
  const made = await until(async () => {
    const { code } = await cli('backup', 'file-stores', '--wait', '--config', after)
    return code === 0 ? true : undefined
  })

  expect(made).toBe(true)
  expect(told.message).toContain('location-foreign-owner')
  expect(readdirSync(folder)).not.toContain('tagmanifest-sha256.txt')
  const newest = readdirSync(join(lab.share, 'file-stores')).sort().at(-1) ?? ''
  const record = JSON.parse(readFileSync(join(lab.share, 'file-stores', newest, 'backup-set.json'), 'utf8')) as {
    startedAt: string
  }
  const last = Math.max(
    ...[folder, ...readdirSync(folder).map((name) => join(folder, name))].map((path) => statSync(path).mtimeMs),
  )
  expect(last).toBeLessThan(Date.parse(record.startedAt))
  daemon.kill('SIGTERM')
  await exited
}, 120_000)
