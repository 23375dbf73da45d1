import type { Comparison } from './comparison.ts'
import type { Table } from './result.ts'
import { formatSummary, summarize } from './stats.ts'

/** Answers and CPU of each subject, and their ratios to `base`. */
export function toServerTable(
  title: string,
  comparison: Comparison,
  subjects: readonly string[],
  base: string | null,
): Table {
  return {
    title,
    columns: [
      'subject',
      'requests/s',
      'CPU µs per request',
      ...(base === null ? [] : [`requests/s, × ${base}`, `CPU, × ${base}`]),
      'wrong',
    ],
    rows: subjects.map((subject) => {
      const { perSecond, cpuMicros, wrong } = comparison.of(subject)
      return [
        subject,
        formatSummary(summarize(perSecond), 0),
        formatSummary(summarize(cpuMicros), 1),
        ...(base === null
          ? []
          : [
              formatSummary(comparison.throughput(subject, base), 1),
              formatSummary(comparison.cpuRatio(subject, base), 3),
            ]),
        String([...wrong.values()].reduce((sum, count) => sum + count, 0)),
      ]
    }),
  }
}
