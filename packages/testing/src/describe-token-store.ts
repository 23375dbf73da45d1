import type { TokenStore } from '@hallpass/core'
import { afterEach, beforeEach, describe } from 'vitest'
import { describeClose } from './token-store-contract/close.ts'
import { describeCredits } from './token-store-contract/credits.ts'
import { describeFindHints } from './token-store-contract/find-hints.ts'
import { describeInsert } from './token-store-contract/insert.ts'
import { describeKeys } from './token-store-contract/keys.ts'
import { describeLists } from './token-store-contract/lists.ts'
import { describePools } from './token-store-contract/pools.ts'
import { describePurge } from './token-store-contract/purge.ts'
import { describeRefunds } from './token-store-contract/refunds.ts'
import { describeRevocationFeed } from './token-store-contract/revocation-feed.ts'
import { describeRevocations } from './token-store-contract/revocations.ts'
import { describeRoundTrip } from './token-store-contract/round-trip.ts'
import { describeStoredRows } from './token-store-contract/stored-rows.ts'
import { describeUniqueNames } from './token-store-contract/unique-names.ts'
import { describeUpdates } from './token-store-contract/updates.ts'
import { describeUsage } from './token-store-contract/usage.ts'

/** One store with nothing in it. */
export interface StoreUnderTest {
  readonly store: TokenStore
  /** A second, independent connection to the same data; null where there can be none. The contract closes it. */
  reopen(): Promise<TokenStore> | null
  /** Called after `store.close()`. */
  dispose(): Promise<void> | void
}

/** The store of the running test, and another way to the same data: the same one where there is no other. */
export interface StoreAccess {
  store(): TokenStore
  second(): Promise<TokenStore>
}

/**
 * The contract of `TokenStore` as tests: call it at the top level of a test file.
 * @param open makes an empty store; called once for each test
 */
export function describeTokenStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`token store on ${name}`, () => {
    let current: StoreUnderTest | null = null
    const others: TokenStore[] = []

    function opened(): StoreUnderTest {
      if (current === null) throw new Error('the store is open only inside a test')
      return current
    }

    beforeEach(async () => {
      current = await open()
    })
    afterEach(async () => {
      const ended = opened()
      current = null
      for (const other of others.splice(0)) await other.close()
      await ended.store.close()
      await ended.dispose()
    })

    const access: StoreAccess = {
      store: () => opened().store,
      second: async () => {
        const other = await opened().reopen()
        if (other === null) return opened().store
        others.push(other)
        return other
      },
    }

    describeInsert(access)
    describeFindHints(access)
    describeUniqueNames(access)
    describeRoundTrip(access)
    describeLists(access)
    describeUpdates(access)
    describeRevocations(access)
    describeRevocationFeed(access)
    describeCredits(access)
    describeRefunds(access)
    describePools(access)
    describeUsage(access)
    describeKeys(access)
    describePurge(access)
    describeStoredRows(access)
    describeClose(access)
  })
}
