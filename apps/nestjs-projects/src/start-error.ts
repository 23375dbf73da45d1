/** A reason not to start that one line can say. Its message holds no secret. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
