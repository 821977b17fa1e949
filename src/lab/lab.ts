import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { Problem } from '../base/problem.ts'
import { timeOf } from '../base/time.ts'
import { load, type Desired } from '../desired/load.ts'
import { absolutePath, doIt, listActs, type ActRequest } from './acts.ts'
import type { Bench } from './break.ts'
import { breakIt, listBreaks, repairIt, type BreakRequest } from './breaks.ts'
import { buildWorld } from './build-world.ts'
import { heldContent, type Held } from './content-view.ts'
import { sqlUser, writeConfig } from './config-file.ts'
import { order, refuseRunning } from './control.ts'
import { growFileStore, serviceFoldersOf } from './file-tree.ts'
import { labPaths, readIfThere, replaceFile, type LabPaths } from './paths.ts'
import { freePort, openPorts, type Ports } from './ports.ts'
import { writeTopology } from './topology-file.ts'
import { makeRepository, type TreeFile } from './repository.ts'
import { serveLab } from './serve.ts'
import { folderOf } from './shares.ts'
import { daemonLogin } from './sql-login.ts'
import { claimFolder, markFinished } from './unfinished.ts'
import { readWorld, same, saveWorld, type World } from './world.ts'

export interface RunningLab extends AsyncDisposable {
  readonly paths: LabPaths
  /** The daemon's configuration file. */
  readonly config: string
  /** Resolves when `lab down` asked the lab to end. */
  readonly asked: Promise<void>
  /** Its facts now, as the state file has them. */
  world(): World
}

/**
 * Starts the lab in a folder, and makes it before when the folder is new or empty. `from`: folder of desired state.
 * Throws Problem `lab-already-running`, `lab-directory-not-empty`, `lab-desired-state-invalid`, `lab-port-taken`.
 */
export async function startLab(directory: string, from: string): Promise<RunningLab> {
  const paths = labPaths(directory)
  await refuseRunning(paths)
  const old = readIfThere(paths.state) === null ? null : readWorld(paths)
  await using started = new AsyncDisposableStack()
  const ports = started.use(await openPorts(old?.ports.blocks))
  const world = old ?? (await makeLab(paths, from, ports))
  const served = started.use(
    await serveLab(paths, world, ports, (ready) => {
      writeConfig(paths, ready)
      markFinished(paths)
    }),
  )
  const parts = started.move()
  return {
    paths,
    config: paths.config,
    asked: served.asked,
    world: () => served.world,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** Everything but the processes: facts, repository, file stores, shares. The state file comes last of all. */
async function makeLab(paths: LabPaths, from: string, ports: Ports): Promise<World> {
  const tree = readTree(from)
  const desired = loadTree(tree, from)
  claimFolder(paths)
  const password = randomBytes(18).toString('base64url')
  const now = timeOf(Date.now())
  const world = buildWorld(desired, daemonLogin(sqlUser, password), now)
  world.ports.daemon = await freePort(ports)
  mkdirSync(paths.scratch, { recursive: true, mode: 0o700 })
  replaceFile(paths.password, `${password}\n`, 0o600)
  const repository = makeRepository(paths, tree, now.slice(0, 10))
  for (const share of world.shares) mkdirSync(folderOf(paths, share), { recursive: true })
  growFileStores(paths, world, desired)
  writeTopology(paths, world)
  await repository
  return world
}

/** Many stores get fewer files each, so that a large lab is made as quickly. */
function growFileStores(paths: LabPaths, world: World, desired: Desired): void {
  const meetings = desired.fileStores.length > 20 ? 1 : 12
  for (const store of desired.fileStores) {
    const share = world.shares.find(({ unc }) => unc === store.path)
    if (share) growFileStore(folderOf(paths, share), serviceFoldersOf(store, world.topology), store.path, meetings)
  }
}

/** Every regular file below a folder. Problem where it cannot be read. */
function readTree(from: string): TreeFile[] {
  try {
    return readdirSync(from, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.split(sep).includes('.git'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ path: file.slice(from.length + 1).replaceAll(sep, '/'), bytes: readFileSync(file) }))
  } catch (thrown) {
    throw new Problem('lab-desired-state-invalid', {
      subject: from,
      message: 'The folder of desired state cannot be read.',
      hint: 'Check the path given with --from.',
      cause: thrown,
    })
  }
}

function loadTree(tree: readonly TreeFile[], from: string): Desired {
  const loaded = load(
    'lab',
    tree.map(({ path, bytes }) => ({ path, text: bytes.toString('utf8') })),
  )
  if (loaded.ok) return loaded.desired
  const [first] = loaded.errors
  const more = loaded.errors.length > 1 ? ` And ${loaded.errors.length - 1} more.` : ''
  throw new Problem('lab-desired-state-invalid', {
    subject: from,
    message: first ? `${first.file}:${first.line}:${first.column}: ${first.message}${more}` : 'It has faults.',
    hint: `holdfast validate ${from} lists every fault.`,
  })
}

/** Breaks or repairs: in the running lab, which answers when it is done, or in the state of one that is down. */
export async function change(directory: string, name: 'break' | 'repair', request: BreakRequest): Promise<void> {
  const paths = labPaths(directory)
  const world = readWorld(paths)
  if ((await order(paths, name, request)) !== null) return
  const bench = { world, paths }
  if (name === 'break') breakIt(bench, request)
  else repairIt(bench, request)
  saveWorld(world, paths)
}

/** The hands of an administrator: as `change`. `folder`: the one that a path in the request is relative to. */
export async function act(directory: string, request: ActRequest, folder: string): Promise<void> {
  const paths = labPaths(directory)
  const world = readWorld(paths)
  const wanted = absolutePath(request, folder)
  if ((await order(paths, 'do', wanted)) !== null) return
  await doIt({ world, paths }, wanted)
  saveWorld(world, paths)
}

/** What the deployment holds; `subject`: only of that one. */
export function contentOf(directory: string, subject: string | null): Held[] {
  const paths = labPaths(directory)
  const held = heldContent({ world: readWorld(paths), paths })
  return subject === null ? held : held.filter((one) => same(one.subject, subject))
}

/** Every act, with the subjects of the lab in this folder, if there is one. */
export function actsOf(directory: string): ReturnType<typeof listActs> {
  return listActs(benchIn(directory))
}

/** Every way to break a lab; with the subjects of the lab in this folder, if there is one. */
export function breaksOf(directory: string): ReturnType<typeof listBreaks> {
  return listBreaks(benchIn(directory))
}

function benchIn(directory: string): Bench | null {
  const paths = labPaths(directory)
  return readIfThere(paths.state) === null ? null : { world: readWorld(paths), paths }
}
