import { availableParallelism, cpus, release, totalmem, type as systemType } from 'node:os'
import { formatSize } from '../../src/base/units.ts'
import type { Row } from './row.ts'

/** For the terminal. */
export function table(rows: readonly Row[]): string {
  return rows
    .map((row) => {
      const theirs = row.baseline === null ? '' : ` against ${row.baseline} ${seconds(row.baselineSeconds)}`
      const over = row.ok ? '' : `; over in ${row.broken.join(' and ')}`
      return `${row.ok ? 'ok  ' : 'OVER'} ${row.name}: ${seconds(row.seconds)}${theirs}, ${measure(row)}${memory(row)}${over}\n`
    })
    .join('')
}

/** `docs/benchmarks.md`: the rows, and the machine without its name. */
export function report(rows: readonly Row[], inMemory: boolean): string {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${seconds(row.seconds)} | ${row.baseline ?? ''} | ${seconds(row.baselineSeconds)} | ${row.ratio?.toFixed(2) ?? ''} | ${budget(row)} | ${row.residentBytes === undefined ? '' : formatSize(row.residentBytes)} | ${row.residentBudgetBytes === undefined ? '' : formatSize(row.residentBudgetBytes)} | ${row.ok ? 'yes' : `no: ${row.broken.join(', ')}`} |`,
  )
  return `# Benchmarks

Written by \`npm run bench\`. Competitors take turns with ours in the same run; figures are medians.

Ours flushes every file and reads its size and its last block back before it counts; the stock tools do not. The files
lie ${inMemory ? 'in memory (tmpfs), where a flush costs next to nothing, so that the programs are compared and not a disk' : 'on the disk of the machine, so the figures tell of the disk as much as of the programs'}.

Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown processor'}), ${formatSize(totalmem())} of memory, ${systemType()} ${release().split('.').slice(0, 2).join('.')}, Node ${process.versions.node}.

| Work | Ours | Against | Theirs | Ratio | Budget | Peak memory | Budget | Kept |
|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`
}

function measure(row: Row): string {
  return row.ratio === null ? `budget ${budget(row)}` : `ratio ${row.ratio.toFixed(2)}, budget ${budget(row)}`
}

function memory({ residentBytes, residentBudgetBytes }: Row): string {
  if (residentBytes === undefined) return ''
  const allowed = residentBudgetBytes === undefined ? '' : ` of ${formatSize(residentBudgetBytes)}`
  return `, memory ${formatSize(residentBytes)}${allowed}`
}

function budget(row: Row): string {
  return row.ratio === null ? seconds(row.budget) : String(row.budget)
}

function seconds(value: number | null): string {
  return value === null ? '' : `${value.toFixed(value < 0.1 ? 4 : 2)} s`
}
