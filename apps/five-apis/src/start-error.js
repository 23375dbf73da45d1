// @ts-check

/** A reason not to start that one line can say. Its message holds no secret. */
export class StartError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message)
    this.name = 'StartError'
  }
}
