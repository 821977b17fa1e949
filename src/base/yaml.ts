import {
  Composer,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml'

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
  errors: YamlError[]
}

export interface YamlError extends Located {
  message: string
  /** The room that was used up here: nothing after it was read. */
  beyond?: keyof YamlRoom
}

/** How much may be read; `readYaml` takes from it what it reads, so that several files can share it. */
export interface YamlRoom {
  documents: number
  /** Names, values, punctuation, line ends and comments: what the time and the memory go into. */
  pieces: number
  aliases: number
  /** Lists and maps within each other; nothing is taken from it. */
  depth: number
}

/** Far more than anybody writes into one file. */
const ofOneFile: Readonly<YamlRoom> = { documents: 1000, pieces: 1_000_000, aliases: 1000, depth: 100 }

/**
 * Every document of a YAML 1.2 file with the position of each value. Duplicate keys are errors; so are aliases that
 * expand beyond reason. Never throws: what is wrong is in `errors`. Where `room` ends, so does the reading, and the last
 * document says so.
 */
export function readYaml(file: string, text: string, room: YamlRoom = { ...ofOneFile }): YamlDocument[] {
  const lines = new LineCounter()
  const place = (offset: number): Located => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  // The library compares each key of a map with all before it: `repeatedKeys` does not.
  const options = { uniqueKeys: false, strict: true, version: '1.2', logLevel: 'silent' } as const
  const composer = new Composer(options)
  const documents: YamlDocument[] = []
  try {
    for (const document of composer.compose(tokens(text, lines, room))) {
      if (--room.documents < 0) throw new Beyond('documents', document.range[0])
      documents.push(readDocument(document, place))
    }
  } catch (thrown) {
    if (!(thrown instanceof Beyond)) throw thrown
    const end = place(thrown.offset)
    const error = { ...end, message: tooMuch[thrown.what], beyond: thrown.what }
    documents.push({ value: undefined, errors: [error], at: () => end, keyAt: () => end })
  }
  return documents
}

const tooMuch: Readonly<Record<keyof YamlRoom, string>> = {
  documents: 'there are too many documents',
  pieces: 'there are too many names, values and comments',
  aliases: 'there are too many aliases',
  depth: 'lists and maps are nested too deeply',
}

class Beyond extends Error {
  readonly what: keyof YamlRoom
  readonly offset: number
  constructor(what: keyof YamlRoom, offset: number) {
    super(what)
    this.what = what
    this.offset = offset
  }
}

/** Throws Beyond before more is made of the text than `room` has place for. */
function* tokens(text: string, lines: LineCounter, room: YamlRoom): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  for (const piece of new Lexer().lex(text)) {
    if (--room.pieces < 0) throw new Beyond('pieces', parser.offset)
    if (piece.startsWith('*') && --room.aliases < 0) throw new Beyond('aliases', parser.offset)
    yield* parser.next(piece)
    // The file, its document, and what is open below them.
    if (parser.stack.length - 2 > room.depth) throw new Beyond('depth', parser.offset)
  }
  yield* parser.end()
}

function readDocument(document: Document.Parsed, place: (offset: number) => Located): YamlDocument {
  const errors: YamlError[] = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    ...place(pos[0]),
    message,
  }))
  if (errors.length === 0)
    errors.push(...repeatedKeys(document).map((offset) => ({ ...place(offset), message: 'Map keys must be unique' })))
  let value: unknown
  if (errors.length === 0) {
    try {
      value = document.toJS()
    } catch (thrown) {
      errors.push({ ...place(document.range[0]), message: thrown instanceof Error ? thrown.message : String(thrown) })
    }
  }
  const entries = indexed()
  return {
    value,
    errors,
    at: (path) => place(offsetOf(document, path, entries)),
    keyAt: (path) => place(keyOffsetOf(document, path, entries)),
  }
}

/** What a key becomes as the name of a property; null where it is a list or a map. */
function nameOf({ key }: Pair): string | null {
  return isScalar(key) ? String(key.value) : null
}

/** Offsets of the keys that their map has already. */
function repeatedKeys(document: Document.Parsed): number[] {
  const offsets: number[] = []
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>()
      for (const pair of map.items) {
        const name = nameOf(pair)
        if (name === null) continue
        if (seen.has(name)) offsets.push((isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? 0)
        seen.add(name)
      }
    },
  })
  return offsets
}

/** Finds the entries of maps by key; a map is gone through once, however often it is asked. */
type Entries = (map: YAMLMap) => ReadonlyMap<string | null, Pair>

function indexed(): Entries {
  const known = new WeakMap<YAMLMap, ReadonlyMap<string | null, Pair>>()
  return (map) => {
    const index = known.get(map) ?? new Map(map.items.map((pair) => [nameOf(pair), pair]))
    known.set(map, index)
    return index
  }
}

function keyOffsetOf(document: Document.Parsed, path: readonly PropertyKey[], entries: Entries): number {
  const parent = path.length > 0 ? nodeAt(document, path.slice(0, -1), entries) : undefined
  const pair = isMap(parent) ? entries(parent).get(String(path.at(-1))) : undefined
  return (isNode(pair?.key) ? pair.key.range?.[0] : undefined) ?? offsetOf(document, path, entries)
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], entries: Entries): number {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(document, path.slice(0, length), entries)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range[0] ?? document.range[0]
}

function nodeAt(document: Document.Parsed, path: readonly PropertyKey[], entries: Entries): unknown {
  return path.reduce<unknown>((node, part) => {
    if (isMap(node)) return entries(node).get(String(part))?.value
    return isSeq(node) && typeof part === 'number' ? node.items[part] : undefined
  }, document.contents)
}
