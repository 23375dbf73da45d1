/** The most credits that one request can cost. */
export const MAX_COST = 1_000_000

/** Whether a cost can be charged: a whole number from 0 to 1e6. */
export function isCost(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COST
}
