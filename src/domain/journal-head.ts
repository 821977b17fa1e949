/** The newest entry of a journal: who has it can tell later whether what led to it was changed. */
export interface JournalHead {
  /** 0: the journal is empty. */
  sequence: number
  /** Of that entry, hexadecimal. */
  hash: string
}
