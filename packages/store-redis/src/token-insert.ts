import type { InsertConditions, InsertResult, StoredToken, TokenStore } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { INSERT } from './lua/token-insert.ts'
import { type TokenValues, toStoredToken, toTokenFields } from './token-fields.ts'

type Answer =
  | readonly ['inserted' | 'id_taken']
  | readonly ['name_taken', name: string]
  | readonly ['exists', project: string, id: string, requestSha256: string, values: TokenValues]

export function createTokenInsert(connection: Connection): Pick<TokenStore, 'insert'> {
  return {
    async insert(
      tokens: readonly StoredToken[],
      { uniqueName = false, idempotency }: InsertConditions,
    ): Promise<InsertResult> {
      const parameters = [
        uniqueName ? '1' : '',
        idempotency?.keySha256 ?? '',
        idempotency?.requestSha256 ?? '',
      ]
      for (const token of tokens) {
        checkStorable(token.project, token.id, token.subject, token.name, token.application, token.profile)
        checkStorable(token.keyId, token.pool, token.tokenSha256, token.createdBy)
        const fields = toTokenFields(token)
        parameters.push(token.project, token.id, String(fields.length / 2), ...fields)
      }
      const answer = (await connection.run(INSERT, parameters)) as Answer
      switch (answer[0]) {
        case 'inserted':
          return { outcome: 'inserted' }
        case 'name_taken':
          return { outcome: 'name_taken', name: answer[1] }
        case 'exists': {
          const [, project, id, requestSha256, values] = answer
          const token = toStoredToken(project, id, values)
          if (token !== null) return { outcome: 'exists', token, requestSha256 }
          throw new Error('the answer of the server holds no token')
        }
        case 'id_taken':
          throw new Error('a token of this project and id is stored already')
      }
    },
  }
}
