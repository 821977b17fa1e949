/** A LIKE pattern as a regular expression: `%`, `_`, `[set]`, `[^set]`. */
export function likeExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/%|_|\[(\^?)([^\]]+)\]|[^]/gu, (part: string, not?: string, set?: string) => {
    if (part === '%') return '[^]*'
    if (part === '_') return '[^]'
    return set === undefined ? RegExp.escape(part) : `[${not ?? ''}${set.replaceAll('\\', '\\\\')}]`
  })
  return new RegExp(`^${source}$`, 'i')
}
