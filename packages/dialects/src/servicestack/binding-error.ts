/** What is wrong with one field. */
export interface FieldError {
  /** As it was sent; empty = no single field is at fault. */
  readonly fieldName: string
  readonly message: string
}

/** A request that cannot be read. */
export class BindingError extends Error {
  override readonly name = 'BindingError'
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    super('the request cannot be read')
    this.errors = errors
  }
}
