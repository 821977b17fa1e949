import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '../base/problem.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import { order, refuseRunning } from './control.ts'
import { labPaths, readIfThere } from './paths.ts'
import { readWorld } from './world.ts'

const startSeconds = 60
const stopSeconds = 10
const pollMilliseconds = 25

/**
 * Runs `command` (which serves the lab and writes errors as JSON) in the background and returns its process id when
 * every port answers. Throws the Problem with which it ended, `lab-already-running`, or `lab-start-failed`.
 */
export async function startInBackground(directory: string, command: readonly [string, ...string[]]): Promise<number> {
  const paths = labPaths(directory)
  await refuseRunning(paths)
  mkdirSync(dirname(paths.output), { recursive: true })
  const output = openSync(paths.output, 'w')
  const [program, ...options] = command
  const child = spawn(program, options, { detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  const ended = new AbortController()
  for (const event of ['exit', 'error'])
    child.once(event, () => {
      ended.abort()
    })
  for (let waited = 0; waited < startSeconds * 1000 && !ended.signal.aborted; waited += pollMilliseconds) {
    const pid = await order(paths, 'ping')
    if (pid !== null) {
      child.unref()
      return pid
    }
    await wait(pollMilliseconds)
  }
  child.kill()
  throw told(readIfThere(paths.output) ?? '', directory)
}

/** The Problem that the command wrote as its last line, or that it wrote none. */
function told(output: string, directory: string): Problem {
  try {
    const { error } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as {
      error: { code: ProblemCode; subject?: string; message: string; hint?: string }
    }
    return new Problem(error.code, error)
  } catch {
    return new Problem('lab-start-failed', {
      subject: directory,
      message: 'The lab in the background ended before it answered.',
      hint: `Start it in the foreground to see why: holdfast lab up ${directory}`,
    })
  }
}

/** Ends the lab of this folder and waits until it is gone. False when none runs. */
export async function stopLab(directory: string): Promise<boolean> {
  const paths = labPaths(directory)
  readWorld(paths)
  const pid = await order(paths, 'stop')
  if (pid === null) return false
  for (let waited = 0; waited < stopSeconds * 1000; waited += pollMilliseconds) {
    if (readIfThere(paths.control) === null) return true
    await wait(pollMilliseconds)
  }
  // It answered with our token a moment ago, so the process is the lab's.
  if (pid !== process.pid) process.kill(pid, 'SIGKILL')
  return true
}
