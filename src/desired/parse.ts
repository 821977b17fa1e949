import { nearest } from '../base/nearest.ts'
import { checkShape } from '../base/shape.ts'
import { readYaml, type YamlDocument, type YamlError, type YamlRoom } from '../base/yaml.ts'
import { laterActionKinds } from '../domain/action.ts'
import { fault, warning, type Judgement } from './judgement.ts'
import { limits, mebibyte, tooLarge } from './limits.ts'
import { apiVersion, kinds, resourceSchemas, type Kind, type Mention, type Resource } from './resources.ts'

/** A file of desired state: path within the repository (or folder) and its text. */
export interface SourceFile {
  path: string
  /** Null: larger than `limits.fileBytes`, so it was not read. */
  text: string | null
}

export interface ParsedFile {
  parts: Mention[]
  faults: Judgement[]
}

/**
 * All resources of one file, and what is wrong with it apart from its neighbours. Takes from `room` what it reads, and throws
 * Problem `desired-state-too-large` where that ends.
 */
export function parseFile({ path, text }: SourceFile, room: YamlRoom): ParsedFile {
  const start = { file: path, line: 1, column: 1 }
  if (text === null || text.length > limits.fileBytes)
    return only(
      fault('file-too-large', start, {
        message: `The file is larger than ${limits.fileBytes / mebibyte} MiB.`,
        hint: 'Split it: one file per resource, or per site, reads best.',
      }),
    )
  if (/[\0\uFFFD]/.test(text))
    return only(
      fault('file-not-utf8', start, {
        message: 'The file is not UTF-8 text.',
        hint: 'Save it as UTF-8. Windows PowerShell 5.1 writes UTF-16 unless told -Encoding utf8.',
      }),
    )
  const parsed = readYaml(path, text, room).map(parseDocument)
  return { parts: parsed.flatMap(({ parts }) => parts), faults: parsed.flatMap(({ faults }) => faults) }
}

function only(judgement: Judgement): ParsedFile {
  return { parts: [], faults: [judgement] }
}

function parseDocument(document: YamlDocument): ParsedFile {
  refuseBeyond(document.errors.at(-1))
  if (document.errors.length > 0)
    return {
      parts: [],
      faults: document.errors.map(({ message, ...place }) =>
        fault('yaml-syntax', place, {
          message: `This cannot be read as YAML: ${message}`,
          hint: 'Check indentation, quotes and brackets here and in the line before.',
        }),
      ),
    }
  if (document.value === null || document.value === undefined) return { parts: [], faults: [] }
  const head = readHead(document)
  return 'code' in head ? only(head) : parseResource(document, head.kind)
}

function refuseBeyond(error: YamlError | undefined): void {
  if (error?.beyond === undefined) return
  const most = limits.room[error.beyond]
  throw tooLarge(
    error.file,
    `At line ${error.line} ${error.message}: ${most} are allowed in all files of desired state.`,
  )
}

function readHead(document: YamlDocument): { kind: Kind } | Judgement {
  if (typeof document.value !== 'object' || Array.isArray(document.value))
    return fault('invalid-value', document.at([]), {
      message: 'A resource is a map with apiVersion, kind, metadata and spec.',
      hint: 'Begin the document with `apiVersion: holdfast/v1`, or move the file out of the path of desired state.',
    })
  const { apiVersion: version, kind } = document.value as Record<string, unknown>
  if (version !== apiVersion)
    return fault('api-version', document.at(['apiVersion']), {
      message: version === undefined ? 'apiVersion is missing.' : `apiVersion ${JSON.stringify(version)} is not known.`,
      hint: `Write apiVersion: ${apiVersion}. A file that is not a resource belongs outside the path of desired state.`,
    })
  const known = kinds.find((candidate) => candidate === kind)
  if (known !== undefined) return { kind: known }
  const meant = typeof kind === 'string' ? nearest(kind, kinds) : null
  return fault('unknown-kind', document.at(['kind']), {
    message: kind === undefined ? 'kind is missing.' : `kind ${JSON.stringify(kind)} is not known.`,
    hint: meant === null ? `Kinds: ${kinds.join(', ')}.` : `Did you mean ${meant}?`,
  })
}

function parseResource(document: YamlDocument, kind: Kind): ParsedFile {
  const shape = checkShape(resourceSchemas[kind], document, [], true)
  if (!shape.ok) {
    const name = nameIn(document.value)
    return {
      parts: name === null ? [] : [{ kind, name, resource: null, at: document.at }],
      faults: shape.faults.map(({ code, message, hint, ...place }) => fault(code, place, { message, hint })),
    }
  }
  const { metadata, spec } = shape.value
  const resource: Resource = { kind, name: metadata.name, spec, at: document.at }
  return { parts: [{ kind, name: metadata.name, resource, at: document.at }], faults: notYet(resource) }
}

function nameIn(value: unknown): string | null {
  const { metadata } = value as { metadata?: { name?: unknown } | null }
  return typeof metadata?.name === 'string' ? metadata.name : null
}

/** What is read and checked, but nothing acts on in this version. */
const laterKinds: readonly Kind[] = ['Hold']

function notYet(resource: Resource): Judgement[] {
  const { kind, name, at } = resource
  if (!laterKinds.includes(kind)) return laterFields(resource)
  const message = `${kind} ${name} was read and checked, but this version does not act on it yet.`
  const hint = 'Nothing happens because of it. It may stay.'
  return [warning('not-yet-acted-on', at(['kind']), { message, hint })]
}

/** Fields that promise what this version does not do: who relies on them loses. */
function laterFields({ kind, name, spec, at }: Resource): Judgement[] {
  if (kind === 'BackupLocation' && (spec as Resource<'BackupLocation'>['spec']).copies.length > 0)
    return [
      warning('not-yet-acted-on', at(['spec', 'copies']), {
        message: `copies of BackupLocation ${name} was read and checked, but this version copies no set there.`,
        hint: 'Copy the share by other means until then. The places are watched all the same.',
      }),
    ]
  if (kind === 'BackupPolicy' && (spec as Resource<'BackupPolicy'>['spec']).retention.enforce)
    return [
      warning('not-yet-acted-on', at(['spec', 'retention', 'enforce']), {
        message: `enforce of BackupPolicy ${name} was read and checked, but this version deletes no set.`,
        hint: 'holdfast plan --base shows what the rules would not keep. Watch the free space of the share.',
      }),
    ]
  if (kind === 'Suspension') {
    const { actions } = spec as Resource<'Suspension'>['spec']
    return laterActionKinds
      .filter((one) => actions.includes(one))
      .map((one) =>
        warning('not-yet-acted-on', at(['spec', 'actions', actions.indexOf(one)]), {
          message: `${one} of Suspension ${name} was read and checked, but this version does no such action.`,
          hint: 'Nothing happens because of it. It may stay.',
        }),
      )
  }
  return []
}
