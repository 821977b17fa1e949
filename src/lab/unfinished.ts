import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Problem } from '../base/problem.ts'
import { readIfThere, type LabPaths } from './paths.ts'

/**
 * Takes an empty folder for a new lab. The note it leaves tells a lab that was killed while it was made, which is made
 * anew: nothing else is ever removed. Throws Problem `lab-directory-not-empty`, `lab-already-running`.
 */
export function claimFolder(paths: LabPaths): void {
  mkdirSync(paths.directory, { recursive: true })
  const maker = readIfThere(paths.unfinished)
  if (maker !== null && isAlive(Number(maker)))
    throw new Problem('lab-already-running', {
      subject: paths.directory,
      message: `Process ${Number(maker)} is making this lab.`,
      hint: 'Wait until it is ready, or end that process.',
    })
  const others = readdirSync(paths.directory).filter((name) => name !== basename(join(paths.output, '..')))
  if (maker === null) refuse(others, paths.directory)
  else for (const name of others) rmSync(join(paths.directory, name), { recursive: true, force: true })
  writeFileSync(paths.unfinished, `${process.pid}\n`)
}

export function markFinished(paths: LabPaths): void {
  rmSync(paths.unfinished, { force: true })
}

function refuse([other]: readonly string[], directory: string): void {
  if (other === undefined) return
  throw new Problem('lab-directory-not-empty', {
    subject: directory,
    message: `The folder holds other files (${other}), and no lab.`,
    hint: 'Give an empty folder, or a path that does not exist yet.',
  })
}

function isAlive(pid: number): boolean {
  if (pid === process.pid || !Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
