import { EngineError } from '../errors.ts'
import type { Token } from './lexer.ts'

/** Walks over tokens; every refusal is error 102 at the token where it happens. */
export interface Cursor {
  peek(ahead?: number): Token
  next(): Token
  /** Takes the word or symbol when it stands here; several in a row, all or none. */
  accept(...words: string[]): boolean
  expect(word: string): void
  /** A name: a word that is not reserved, or a quoted one. */
  name(): string
  /** Whether a name stands here. */
  startsName(): boolean
  /** `a`, `a.b`, `a..b`, up to four parts. */
  dotted(): string[]
  /** One or more, with commas between them. */
  list<T>(parse: () => T): T[]
  fail(): never
}

/** Words that can be no name without brackets (of those that T-SQL reserves, what matters here). */
const reserved = new Set(
  `all alter and any as asc backup begin between break by case check close collate column commit constraint continue convert
  create cross current cursor database dbcc declare default delete desc distinct drop else end escape except exec execute
  exists exit fetch file for from full function goto grant group having identity if in inner insert intersect into is join
  key kill left like merge not null nullif of off offsets on open option or order outer over percent plan primary print proc
  procedure public raiserror read restore return revert revoke right rollback rule save schema select session_user set
  shutdown some statistics system_user table then to top tran transaction trigger truncate try_convert union unique update
  use user values view waitfor when where while with`.split(/\s+/),
)

export function createCursor(tokens: readonly Token[]): Cursor {
  let position = 0
  const end: Token = { kind: 'end', text: '', word: '' }
  const cursor: Cursor = {
    peek: (ahead = 0) => tokens[position + ahead] ?? end,
    next() {
      const token = cursor.peek()
      position += 1
      return token
    },
    accept(...words) {
      if (!words.every((word, index) => isPlain(cursor.peek(index)) && cursor.peek(index).word === word)) return false
      position += words.length
      return true
    },
    expect(word) {
      if (!cursor.accept(word)) cursor.fail()
    },
    startsName: () =>
      cursor.peek().kind === 'quoted' || (cursor.peek().kind === 'word' && !reserved.has(cursor.peek().word)),
    name() {
      if (!cursor.startsName()) cursor.fail()
      return cursor.next().text
    },
    dotted() {
      const parts = [cursor.name()]
      while (cursor.accept('.')) parts.push(cursor.peek().word === '.' ? '' : cursor.name())
      return parts
    },
    list(parse) {
      const found = [parse()]
      while (cursor.accept(',')) found.push(parse())
      return found
    },
    fail() {
      throw new EngineError(102, cursor.peek().text === '' ? (tokens.at(-2)?.text ?? '') : cursor.peek().text)
    },
  }
  return cursor
}

function isPlain(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'symbol'
}
