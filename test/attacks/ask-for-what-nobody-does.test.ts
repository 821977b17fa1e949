/** Fault B9: what the configuration accepts and nothing acts on is warned of, and never silently accepted. */
import { expect, test } from 'vitest'
import { load } from '../../src/desired/load.ts'
import { smallDeployment } from '../support/desired-files.ts'

const head = 'apiVersion: holdfast/v1\nkind: '
const locationOf = (more: string): string =>
  `${head}BackupLocation\nmetadata: { name: second }\nspec:\n  host: backup02.contoso.com\n  share: '\\\\backup02.contoso.com\\Second'\n${more}`
const policyOf = (retention: string): string =>
  `${head}BackupPolicy\nmetadata: { name: weekly }\nspec:\n  location: second\n  schedule: { cron: 0 1 * * 0, timeZone: UTC }\n  retention: ${retention}\n`

function warnings(...more: string[]): [string, number, string][] {
  const loaded = load('r', [
    { path: 'a.yaml', text: smallDeployment },
    { path: 'b.yaml', text: more.join('---\n') },
  ])
  return loaded.warnings
    .filter(({ code }) => code === 'not-yet-acted-on')
    .map(({ code, line, message }) => [code, line, message])
}

test('copies to further places are warned of, at their line', () => {
  expect(
    warnings(locationOf("  copies: [{ share: '\\\\off.contoso.com\\Copies' }]\n"), policyOf('{ daily: 7 }')),
  ).toEqual([['not-yet-acted-on', 7, expect.stringContaining('copies')]])
})

test('enforced retention is warned of, and what only shows is not', () => {
  const ofLocation = locationOf('')
  expect(warnings(ofLocation, policyOf('{ daily: 7, enforce: true }'))).toEqual([
    ['not-yet-acted-on', 14, expect.stringContaining('enforce')],
  ])
  expect(warnings(ofLocation, policyOf('{ daily: 7, enforce: false }'))).toEqual([])
})
