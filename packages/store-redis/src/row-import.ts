import type { StoredRow, StoredRows } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { IMPORT_REVOCATIONS, IMPORT_ROWS } from './lua/stored-rows.ts'
import { toTimeText, toTokenFields } from './token-fields.ts'

type ImportAnswer = 'imported' | 'name_taken' | 'once_taken'

export function createRowImport(
  connection: Connection,
): Pick<StoredRows, 'importRows' | 'importRevocations'> {
  return {
    async importRows(rows) {
      const parameters = rows.flatMap((row) => {
        const values = toValues(row)
        return [row.kind, String(values.length), ...values]
      })
      const answer = (await connection.run(IMPORT_ROWS, parameters)) as ImportAnswer
      if (answer === 'name_taken') throw new Error('the name of a token is taken')
      if (answer === 'once_taken') throw new Error('the idempotency key of a token is taken')
    },

    async importRevocations(entries) {
      const parameters = entries.flatMap(({ project, id, reason, refusedFrom, signedExpiresAt }) => {
        checkStorable(project, id)
        return [project, id, reason, toTimeText(refusedFrom), toTimeText(signedExpiresAt) ?? '']
      })
      await connection.run(IMPORT_REVOCATIONS, parameters)
    },
  }
}

/** What `IMPORT_ROWS` takes of a row. */
function toValues(row: StoredRow): string[] {
  switch (row.kind) {
    case 'token': {
      const { token, uniqueName, idempotency } = row
      checkStorable(token.project, token.id, token.subject, token.name, token.application, token.profile)
      checkStorable(token.keyId, token.pool, token.tokenSha256, token.createdBy)
      const promised = [uniqueName ? '1' : '', idempotency?.keySha256 ?? '', idempotency?.requestSha256 ?? '']
      return [token.project, token.id, ...promised, ...toTokenFields(token)]
    }
    case 'pool': {
      const { project, name, limit, remaining } = row.pool
      checkStorable(project, name)
      return [project, name, String(limit), String(remaining)]
    }
    case 'receipt': {
      const { receipt, at, amount, refunded, counters, remaining } = row.receipt
      checkStorable(receipt)
      const places = counters.flatMap((counter, index) => [
        ...('id' in counter
          ? ['token', counter.project, counter.id]
          : ['pool', counter.project, counter.pool]),
        String(remaining[index] ?? 0),
      ])
      return [receipt, toTimeText(at), String(amount), refunded ? 'refunded' : '', ...places]
    }
    case 'usage': {
      const { project, day, application, subject, tokenId, calls, credits } = row.usage
      checkStorable(project, day, application, subject, tokenId)
      return [project, day, JSON.stringify([application, subject, tokenId]), String(calls), String(credits)]
    }
  }
}
