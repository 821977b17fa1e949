import { LineCounter, parseAllDocuments, isMap, isNode, isScalar, type Document } from 'yaml'

/** A place in a file, counted from 1. */
export interface Located {
  file: string
  line: number
  column: number
}

export interface YamlDocument {
  /** Plain values; undefined when the document did not parse. */
  value: unknown
  /** Where the value at `path` is; for a path that is not there, the nearest parent that is. */
  at: (path: readonly PropertyKey[]) => Located
  /** Where the last key of `path` is; as `at` where it is not a key. */
  keyAt: (path: readonly PropertyKey[]) => Located
  errors: (Located & { message: string })[]
}

/**
 * Every document of a YAML 1.2 file with the position of each value. Duplicate keys are errors; so are aliases that
 * expand beyond reason. Never throws: what is wrong is in `errors`.
 */
export function readYaml(file: string, text: string): YamlDocument[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    version: '1.2',
    logLevel: 'silent',
  })
  const place = (offset: number): Located => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  return (Array.isArray(documents) ? documents : []).map((document) => readDocument(document, place))
}

function readDocument(document: Document.Parsed, place: (offset: number) => Located): YamlDocument {
  const errors = [...document.errors, ...document.warnings].map((fault) => ({
    ...place(fault.pos[0]),
    message: fault.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? fault.message,
  }))
  let value: unknown
  if (errors.length === 0) {
    try {
      value = document.toJS()
    } catch (thrown) {
      errors.push({ ...place(document.range[0]), message: thrown instanceof Error ? thrown.message : String(thrown) })
    }
  }
  return {
    value,
    errors,
    at: (path) => place(offsetOf(document, path)),
    keyAt: (path) => place(keyOffsetOf(document, path)),
  }
}

function keyOffsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined
  return (isNode(pair?.key) ? pair.key.range?.[0] : undefined) ?? offsetOf(document, path)
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range[0] ?? document.range[0]
}
