/** A promise whose end the test decides. */
export class Deferred<T> {
  readonly promise: Promise<T>
  resolve: (value: T) => void = () => {}
  reject: (error: unknown) => void = () => {}

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

/** An answer that never comes. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => {})
}
