import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common'
import { AnsweredDenialException } from './hallpass-exception.ts'
import { sendResponse, toIncoming } from './platform.ts'

/** Answers denials in the guard's own words. Comes before the application's global filters, also those for everything. */
@Catch(AnsweredDenialException)
export class DenialFilter implements ExceptionFilter<AnsweredDenialException> {
  catch(exception: AnsweredDenialException, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const method = toIncoming(http.getRequest())?.method ?? ''
    sendResponse(exception.answer, http.getResponse(), method)
  }
}
