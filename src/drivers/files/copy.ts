/** One file of a copied tree. */
export interface CopiedFile {
  /** Original name relative to the root, with `/`, as the file system gave it. */
  name: string
  /** Where it stands now, relative to the target, with `/` (escaped). */
  path: string
  bytes: number
  /** Hexadecimal. */
  sha256: string
}
