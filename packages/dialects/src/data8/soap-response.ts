import type { JsonValue } from '@hallpass/core'
import type { HttpResponse } from '@hallpass/http'
import { escapeXml } from '../xml-writer.ts'
import { DATA8_NAMESPACE, SOAP_NAMESPACE } from './soap-request.ts'
import type { Answer } from './status.ts'

/** An XML document that nobody keeps. */
export function xmlResponse(
  status: number,
  document: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: `<?xml version="1.0" encoding="utf-8"?>\n${document}`,
  }
}

/** The answer to GetJWT in a SOAP 1.1 envelope; refusals too, since a SOAP fault would have to go with HTTP 500. */
export function soapResponse(
  status: number,
  answer: Answer,
  headers?: Readonly<Record<string, string>>,
): HttpResponse {
  const result = toElement('GetJWTResult', answer)
  const response = `<GetJWTResponse xmlns="${DATA8_NAMESPACE}">${result}</GetJWTResponse>`
  const envelope = `<soap:Envelope xmlns:soap="${SOAP_NAMESPACE}"><soap:Body>${response}</soap:Body></soap:Envelope>`
  return xmlResponse(status, envelope, headers)
}

function toElement(name: string, value: JsonValue): string {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, member]) => toElement(key, member))
          .join('')
      : escapeXml(String(value))
  return `<${name}>${inner}</${name}>`
}
