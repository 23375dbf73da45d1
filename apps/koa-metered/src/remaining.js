// @ts-check

/**
 * Says in a header how many credits are left.
 * @param {{ set(name: string, value: string): void }} ctx
 * @param {number} credits
 */
export function setRemaining(ctx, credits) {
  ctx.set('x-credits-remaining', String(credits))
}
