import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { createLog } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import type { Facts } from '../../src/domain/facts.ts'
import type { BackupSet, Verification } from '../../src/domain/backup-set.ts'
import type { Drivers } from '../../src/drivers/drivers.ts'
import type { CallName, CallResult } from '../../src/drivers/shell/host.ts'
import type { SqlAddress } from '../../src/drivers/sql/sql-server.ts'
import { observe, type Observer } from '../../src/observed/observer.ts'
import { vanishedOf, type VanishedSet } from '../../src/domain/vanished-set.ts'
import type { SetCache } from '../../src/sets/catalogue.ts'
import { TestClock } from '../support/test-clock.ts'

const noon = '2026-07-29T12:00:00.000Z'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-observed-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function certificate(port: number): Facts['tls'] {
  return { port, subject: 'CN=x', names: [], issuer: 'CN=ca', thumbprint: 'AA', expiresAt: '2027-01-01T00:00:00.000Z' }
}

export function instance(version: string): Facts['sqlInstance'] {
  return { version, edition: 'Standard Edition', machine: 'SQL01', databases: [] }
}

/** A world whose answers the test gives, one function for each way to look; shares are folders below `root`. */
export function bench(
  before: Parameters<typeof observe>[0]['before'] = null,
  cache: SetCache = memoryCache(),
  atLeastEverySeconds: number | null = null,
) {
  const clock = new TestClock(noon)
  const root = temporaryFolder()
  const asked: string[] = []
  const answers = {
    resolve: (_name: string, _type: 'A' | 'SRV', _signal: AbortSignal): Promise<readonly string[]> =>
      Promise.resolve(['10.0.0.1']),
    certificate: (_host: string, port: number, _signal: AbortSignal): Promise<Facts['tls']> =>
      Promise.resolve(certificate(port)),
    facts: (_address: SqlAddress, _signal: AbortSignal): Promise<Facts['sqlInstance']> =>
      Promise.resolve(instance('11.0')),
    accepts: (_host: string, _port: number, _signal: AbortSignal): Promise<boolean> => Promise.resolve(true),
    call: (_name: CallName, _parameters: object, _signal: AbortSignal): Promise<CallResult> =>
      Promise.reject(new Problem('shell-not-configured', { message: 'There is no shell host.' })),
  }
  const drivers = {
    clock,
    network: {
      resolve: (name: string, type: 'A' | 'SRV', signal: AbortSignal) => {
        asked.push(`dns ${name} ${type}`)
        return answers.resolve(name, type, signal)
      },
      certificate: (host: string, port: number, signal: AbortSignal) => {
        asked.push(`tls ${host}:${port}`)
        return answers.certificate(host, port, signal)
      },
      accepts: (host: string, port: number, signal: AbortSignal) => {
        asked.push(`tcp ${host}:${port}`)
        return answers.accepts(host, port, signal)
      },
    },
    probeShell: {
      call: (name: CallName, parameters: Readonly<Record<string, string | boolean>>, signal: AbortSignal) => {
        const words = Object.values(parameters).filter((value) => typeof value === 'string')
        asked.push(['shell', name, ...words].join(' '))
        return answers.call(name, parameters, signal)
      },
    },
    sql: (address: SqlAddress) => ({
      facts: (signal: AbortSignal) => {
        asked.push(`sql ${address.host}\\${address.instance}:${address.port ?? ''}`)
        return answers.facts(address, signal)
      },
    }),
    localPath: (unc: string) => join(root, ...unc.split('\\').filter((part) => part !== '')),
  } as unknown as Drivers
  const log = createLog({ write: () => {} }, 'silent')
  const observer: Observer = observe({ drivers, clock, log, cache, owner: 'owner-1', before, atLeastEverySeconds })
  ends.push(() => observer[Symbol.asyncDispose]())
  const share = (unc: string): string => {
    mkdirSync(drivers.localPath(unc), { recursive: true })
    return drivers.localPath(unc)
  }
  return { clock, asked, answers, drivers, observer, share, cache }
}

/** A cache of sets without a file. */
export function memoryCache(...known: BackupSet[]): SetCache {
  const sets = new Map(known.map((set) => [set.id, set]))
  const proofs = new Map<string, Verification[]>()
  const missed: VanishedSet[] = []
  return {
    get: (id) => sets.get(id) ?? null,
    put: (...made) => {
      for (const set of made) sets.set(set.id, set)
    },
    forget: (id) => void sets.delete(id),
    vanish(gone, at) {
      for (const set of gone) {
        sets.delete(set.id)
        missed.push(vanishedOf(set, at))
      }
    },
    vanished: () => missed,
    all: (location) => [...sets.values()].filter((set) => set.location === location),
    ids: (location) => [...sets.values()].filter((set) => set.location === location).map(({ id }) => id),
    isVouched: () => true,
    vouch: () => {},
    neverListed: () => new Set(),
    find: () => {},
    isFormer: () => true,
    listAnew: () => {},
    proofs: (id) => proofs.get(id) ?? [],
    allOk: () => null,
    prove: (id, proof) => void proofs.set(id, [...(proofs.get(id) ?? []), proof]),
  }
}

/** Lets everything that waits for no clock go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What a cmdlet returned, without an error. */
export function returned(...objects: unknown[]): CallResult {
  return { objects, errors: [], warnings: [] }
}
