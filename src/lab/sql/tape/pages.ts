/** Pages of a database as a backup holds them: 8 KiB, a header of 96 bytes with a checksum, rows, slots. */
export const pageBytes = 8192
const headerLength = 96
const checksumAt = 60
const dataPage = 1
const rowBytes = 128
const rowsPerPage = Math.floor((pageBytes - headerLength) / (rowBytes + 2))

/** How many pages the backup of a database of that size has. */
export function pageCount(sizeBytes: number): number {
  return Math.max(Math.ceil(sizeBytes / pageBytes), 24)
}

/** Pages `from` to `to` (exclusive) of a database, the same for the same rows. */
export function pagesOf(database: { name: string; tables: Record<string, number> }, from: number, to: number): Buffer {
  const bytes = Buffer.alloc((to - from) * pageBytes)
  const tables = Object.entries(database.tables)
  for (let page = from; page < to; page++)
    writePage(bytes.subarray((page - from) * pageBytes, (page - from + 1) * pageBytes), page, tables)
  return bytes
}

function writePage(page: Buffer, number: number, tables: readonly [string, number][]): void {
  page.writeUInt8(1, 0)
  page.writeUInt8(specialPages[number] ?? dataPage, 1)
  page.writeUInt16LE(0x0200, 4)
  page.writeUInt32LE(number, 32)
  page.writeUInt16LE(1, 36)
  const rows = specialPages[number] === undefined ? rowsOf(number - firstData, tables) : []
  page.writeUInt16LE(rows.length, 22)
  rows.forEach((row, slot) => {
    page.write(row, headerLength + slot * rowBytes, rowBytes, 'latin1')
    page.writeUInt16LE(headerLength + slot * rowBytes, pageBytes - (slot + 1) * 2)
  })
  page.writeInt32LE(pageChecksum(page), checksumAt)
}

/** File header, free space, allocation maps, boot page: page number -> page type. */
const specialPages: Record<number, number> = { 0: 15, 1: 11, 2: 8, 3: 9, 6: 16, 7: 17, 9: 13 }
const firstData = 10

function rowsOf(index: number, tables: readonly [string, number][]): string[] {
  const rows: string[] = []
  let first = index * rowsPerPage
  for (const [table, count] of tables) {
    for (; first < count && rows.length < rowsPerPage; first++)
      rows.push(
        `${table}|${first + 1}|sip:user${(first * 7919) % 100_003}@contoso.com|${(first * 2_654_435_761) % 4_294_967_296}`,
      )
    if (rows.length === rowsPerPage) break
    first = Math.max(first - count, 0)
  }
  return rows
}

/** XOR of the words of each sector, turned by the place of the sector: a change of any bit shows. */
function pageChecksum(page: Buffer): number {
  let total = 0
  for (let sector = 0; sector < 16; sector++) {
    let value = 0
    for (let at = sector * 512; at < (sector + 1) * 512; at += 4) if (at !== checksumAt) value ^= page.readInt32LE(at)
    const turn = 15 - sector
    total ^= (value << turn) | (value >>> (32 - turn))
  }
  return total | 0
}

/** The number of the first page whose checksum is wrong, or null. */
export function damagedPage(pages: Buffer): number | null {
  for (let at = 0; at + pageBytes <= pages.length; at += pageBytes) {
    const page = pages.subarray(at, at + pageBytes)
    if (pageChecksum(page) !== page.readInt32LE(checksumAt)) return page.readUInt32LE(32)
  }
  return null
}
