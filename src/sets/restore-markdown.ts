/** Markdown that reads well in a text editor too: what is not a plain word stands as code, and nothing is escaped. */

export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

/** Text from outside as code in a line, or in a cell of a table. */
export function inline(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\``
}

export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
}

/** A sentence in which names and paths stand as code. */
export function sentence(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => {
      const [, before = '', name = word, after = ''] = /^([("]*)(.*?)([.,;:)"]*)$/.exec(word) ?? []
      return /[\\_*#<>[\]|~`!]/.test(name) ? `${before}${inline(name)}${after}` : word
    })
    .join(' ')
}
