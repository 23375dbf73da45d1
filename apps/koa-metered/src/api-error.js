// @ts-check

/** What a route answers when it cannot serve a request. The message is for the client. */
export class ApiError extends Error {
  /**
   * @param {number} status 400 or above
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
  }
}
