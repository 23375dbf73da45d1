import type { AdapterRow } from './adapter-row.ts'
import { CARRIAGE_ROWS } from './adapter-rows/carriage-rows.ts'
import { CREDIT_ROWS } from './adapter-rows/credit-rows.ts'
import { LIFE_ROWS } from './adapter-rows/life-rows.ts'
import { LIMIT_ROWS } from './adapter-rows/limit-rows.ts'
import { MOUNT_ROWS } from './adapter-rows/mount-rows.ts'
import { TARGET_ROWS } from './adapter-rows/target-rows.ts'

/** The adapter contract: the same requests, and the same expected answers, for every host. */
export const ADAPTER_ROWS: readonly AdapterRow[] = [
  ...CARRIAGE_ROWS,
  ...TARGET_ROWS,
  ...LIMIT_ROWS,
  ...CREDIT_ROWS,
  ...LIFE_ROWS,
  ...MOUNT_ROWS,
]
