import moo from 'moo'
import { EngineError } from '../errors.ts'

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'variable' | 'symbol' | 'end'
  /** As written, without brackets and quotes. */
  text: string
  /** Lower case; empty for what no keyword may be (quoted names, literals). */
  word: string
}

const lexer = moo.compile({
  space: { match: /[\s\uFEFF]+/u, lineBreaks: true },
  comment: { match: /--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\//u, lineBreaks: true },
  string: { match: /[nN]?'(?:[^']|'')*'/u, lineBreaks: true },
  bracketed: /\[(?:[^\]]|\]\])*\]/u,
  doubleQuoted: /"(?:[^"]|"")*"/u,
  variable: /@@?[\p{L}\p{N}_#$@]+/u,
  // What goes on behind the digits (fractions, exponents, 0x) is not known here.
  number: /\d+(?![\p{L}\p{N}_.])/u,
  word: /[\p{L}_#][\p{L}\p{N}_#$@]*/u,
  symbol: /<>|<=|>=|!=|[-+*/%=<>(),.;]/u,
  wrong: moo.error,
})

/** The tokens of a batch, with an `end` behind the last. Throws 102 or 105. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  lexer.reset(sql)
  for (const token of lexer) {
    switch (token.type) {
      case 'space':
      case 'comment':
        break
      case 'string':
        tokens.push({
          kind: 'string',
          text: inner(token.value.replace(/^n/i, ''), "'"),
          word: /^n/i.test(token.value) ? 'n' : '',
        })
        break
      case 'bracketed':
        tokens.push({ kind: 'quoted', text: inner(token.value, ']'), word: '' })
        break
      case 'doubleQuoted':
        tokens.push({ kind: 'quoted', text: inner(token.value, '"'), word: '' })
        break
      case 'wrong':
        throw wrong(token.value)
      default:
        tokens.push({ kind: token.type as Token['kind'], text: token.value, word: token.value.toLowerCase() })
    }
  }
  tokens.push({ kind: 'end', text: '', word: '' })
  return tokens
}

function inner(quoted: string, quote: string): string {
  return quoted.slice(1, -1).replaceAll(quote + quote, quote)
}

function wrong(rest: string): EngineError {
  if (/^[nN]?'/.test(rest)) return new EngineError(105, rest.replace(/^[nN]?'/, '').slice(0, 128))
  return new EngineError(102, rest.slice(0, 1))
}
