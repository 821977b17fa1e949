import { sqlSubject } from '../../domain/subject.ts'
import { fault, type Judgement } from '../judgement.ts'
import type { Mention, Resources } from '../resources.ts'

export function oneDeployment(resources: Resources): Judgement[] {
  const [first, ...others] = resources.mentioned().filter(({ kind }) => kind === 'Deployment')
  if (first)
    return others.map(({ name, at }) =>
      fault('deployment-duplicate', at(['kind']), {
        message: `Deployment ${name} is one too many: ${first.name} is at ${placeOf(first)}.`,
        hint: 'One repository path describes one deployment. Remove one, or give each a path and a daemon of its own.',
      }),
    )
  const start = resources.mentioned()[0]?.at([])
  return start === undefined
    ? []
    : [
        fault(
          'deployment-missing',
          { ...start, line: 1, column: 1 },
          {
            message: 'No resource here is of kind Deployment.',
            hint: 'Add one: it names the product, the Active Directory domain and the SIP domains.',
          },
        ),
      ]
}

/** Names are compared without case, as Windows, DNS and SQL Server do. */
export function namesAreUnique(resources: Resources): Judgement[] {
  const same = Map.groupBy(resources.mentioned(), ({ kind, name }) => `${kind} ${name.toLowerCase()}`)
  return [...same.values()].flatMap(([first, ...others]) =>
    others.map(({ kind, name, at }) =>
      fault('duplicate-name', at(['metadata', 'name']), {
        message: `There are two of kind ${kind} with the name ${name}; the first is at ${placeOf(first)}.`,
        hint: 'Rename or remove one. Upper and lower case make no difference.',
      }),
    ),
  )
}

export function storesAreListedOnce(resources: Resources): Judgement[] {
  const sql = resources.all('SqlStore').map((store) => ({ store, subject: sqlSubject(store.spec), field: 'host' }))
  const files = resources.all('FileStore').map((store) => ({ store, subject: store.spec.path, field: 'path' }))
  const same = Map.groupBy([...sql, ...files], ({ subject, field }) => `${field} ${subject.toLowerCase()}`)
  return [...same.values()].flatMap(([first, ...others]) =>
    others.map(({ store, subject, field }) =>
      fault('duplicate-store', store.at(['spec', field]), {
        message: `${subject} is already described by ${first?.store.kind ?? ''} ${first?.store.name ?? ''}.`,
        hint: 'List each store once and let every pool that uses it refer to that name.',
      }),
    ),
  )
}

function placeOf(mention: Pick<Mention, 'at'> | undefined): string {
  if (!mention) return ''
  const { file, line } = mention.at(['metadata', 'name'])
  return `${file}:${line}`
}
