import { Problem, toProblem } from '../../base/problem.ts'
import type { ItemOutcome } from '../../domain/backup-set.ts'
import { importCalls, type ImportedKind } from '../../drivers/shell/import-calls.ts'
import { cmdletOf } from '../../drivers/shell/calls.ts'
import type { CallName, CallResult, ShellHost } from '../../drivers/shell/host.ts'
import { bringFromSet } from './from-set.ts'
import type { RestoreContext } from './restorer.ts'

type Parameters = Readonly<Record<string, string | boolean>>

/**
 * Runs the import cmdlet of an item over a copy of its file; the scratch folder is removed in any case. Gives what was done,
 * for a person. Throws Problem `artefact-damaged` or `set-damaged` before anything is imported, `import-reported-errors` where the cmdlet ended
 * with error records, and whatever its call ends with.
 */
export async function importFile(
  kind: ImportedKind,
  { set, copy, tools, signal }: Pick<RestoreContext, 'set' | 'copy' | 'tools' | 'signal'>,
): Promise<string> {
  const { shell } = tools.drivers
  const { call, parameters } = importCalls[kind]
  await using scratch = await shell.scratch()
  const { path: FileName } = await bringFromSet(set, copy, scratch, { clock: tools.drivers.clock, signal })
  const forms = parameters(copy.subject).map((form): Parameters => ({ ...form, FileName }))
  const form = await firstAccepted(shell, copy, call, inTurn(forms, tools.takenDestination(copy)), signal)
  if (typeof form.Destination === 'string') await tools.keepDestination(copy, form.Destination)
  const after = await finishImport(kind, { copy, tools, signal })
  const how = forms.length > 1 ? ` (-Destination ${String(form.Destination)})` : ''
  return `${[call, ...after].map((one) => cmdletOf(one).cmdlet).join(', ')} ran over ${copy.path}${how}.`
}

/** Runs what follows the import cmdlet of an item, and says what that was; as often as one likes. Throws as `importFile` does. */
export async function finishImport(
  kind: ImportedKind,
  { copy, tools, signal }: Pick<RestoreContext, 'copy' | 'tools' | 'signal'>,
): Promise<CallName[]> {
  const { then } = importCalls[kind]
  if (!then) return []
  refuseErrors(copy, then, await tools.drivers.shell.call(then, {}, signal))
  return [then]
}

/** The form that was taken last time is tried first; the documents' own is the first of all. */
function inTurn(forms: readonly Parameters[], taken: string | null): readonly Parameters[] {
  return forms.toSorted((one, other) => Number(other.Destination === taken) - Number(one.Destination === taken))
}

/** The form that the cmdlet took. Where it took none, what it said of the first one. */
async function firstAccepted(
  shell: ShellHost,
  { subject }: ItemOutcome,
  call: CallName,
  forms: readonly Parameters[],
  signal: AbortSignal,
): Promise<Parameters> {
  let first: Problem | null = null
  for (const form of forms)
    try {
      refuseErrors({ subject }, call, await shell.call(call, form, signal))
      return form
    } catch (thrown) {
      const problem = toProblem(thrown, subject)
      // Anything else than a refusal may have begun already, or says nothing of how the destination is written.
      if (problem.code !== 'shell-call-failed') throw thrown
      first ??= problem
    }
  throw new Problem('shell-call-failed', {
    subject,
    message: `${cmdletOf(call).cmdlet}: ${first?.message ?? ''}`,
    hint: first?.hint ?? '',
    cause: first,
  })
}

/** Throws Problem `import-reported-errors` where a call ended with error records. */
export function refuseErrors({ subject }: Pick<ItemOutcome, 'subject'>, call: CallName, { errors }: CallResult): void {
  const [first, ...others] = errors
  if (!first) return
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  throw new Problem('import-reported-errors', {
    subject,
    message: `${cmdletOf(call).cmdlet} ended, but reported: ${first.message}${more}`,
    hint: 'What it did not bring is not known. Fix what the message names, then let the step run again.',
  })
}
