/** A file store that is copied in no time, and has what makes a copy hard. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const files: readonly [name: string, bytes: number][] = [
  ['1-ApplicationServer-1/AppServerFiles/CPS/Music on hold (Zürich).wma', 5000],
  ['1-WebServices-1/DataConf/Meeting.Active', 1],
  ['1-WebServices-1/MeetingContent/Poll~1.xml', 300],
  ['1-WebServices-1/MeetingContent/recording 🙂.bin', 1_300_000],
]

/** Instead of what the lab made: a few files, one of them larger than what is copied in one piece. */
export function fillStore(store: string): void {
  for (const name of readdirSync(store)) rmSync(join(store, name), { recursive: true })
  for (const [name, bytes] of files) {
    mkdirSync(join(store, dirname(name)), { recursive: true })
    writeFileSync(join(store, name), Buffer.alloc(bytes, 'Lync'))
  }
}
