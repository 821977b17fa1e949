/** What a shell host prints beside its messages: a cmdlet that writes to the screen, a program that it starts, a banner. */
export interface Noise {
  hear(piece: string): void
  /** The last lines. */
  lines(): readonly string[]
}

const longestLine = 1000
const mostLines = 20
const lastLines = 10

/** Keeps little of it, however much comes. `tell` gets the first lines, and no more of them than a log can bear. */
export function createNoise(tell: (line: string) => void): Noise {
  let open = ''
  let told = 0
  const last: string[] = []

  function end(line: string): void {
    // Nothing in it moves the cursor of whoever reads it.
    const text = line.replace(/[\u0000-\u001f\u007f-\u009f\ufeff]+/g, ' ').trim()
    if (text === '') return
    last.push(text)
    if (last.length > lastLines) last.shift()
    if (told < mostLines) tell(text)
    if (told++ === mostLines) tell('More of it is not told.')
  }

  return {
    hear(piece) {
      const [first = '', ...others] = piece.split('\n')
      open = (open + first).slice(0, longestLine)
      for (const line of others) {
        end(open)
        open = line.slice(0, longestLine)
      }
    },
    lines: () => (open.trim() === '' ? last : [...last, open.trim()]),
  }
}
