import { RouteError } from '@hallpass/http'
import type { XmlElement } from '../xml-reader.ts'

export const DATA8_NAMESPACE = 'http://webservices.data-8.co.uk/'
export const SOAP_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/'
const INSTANCE_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance'

const OPERATION = 'GetJWT'

/**
 * The members of a GetJWT request in a SOAP 1.1 envelope, as JSON would hold them.
 * @throws RouteError `invalid_request`; the message repeats nothing of the request
 */
export function toGetJwtMembers(envelope: XmlElement): Readonly<Record<string, unknown>> {
  if (!isNamed(envelope, SOAP_NAMESPACE, 'Envelope')) throw refusal('the body is not a SOAP 1.1 envelope')
  const { Header: header, Body: body } = toUnique(envelope.children, SOAP_NAMESPACE)
  if (header?.children.some(isMandatory)) throw refusal('a SOAP header must be understood and is not')
  const [request, ...more] = body?.children ?? []
  if (request === undefined || more.length > 0 || !isNamed(request, DATA8_NAMESPACE, OPERATION)) {
    throw refusal(`the SOAP body must hold one ${OPERATION} element of the namespace ${DATA8_NAMESPACE}`)
  }
  const elements = Object.entries(toUnique(request.children, DATA8_NAMESPACE))
  return Object.fromEntries(
    elements.map(([name, element]) => [name, isNil(element) ? null : toValue(name, element)]),
  )
}

/** The operation that a SOAPAction header names is the only one there is; quotes may be missing, and so may the name. */
export function assertSoapAction(values: readonly string[]): void {
  const names = values.map((value) => value.replace(/^"(.*)"$/, '$1'))
  if (names.every((name) => name === '' || name === DATA8_NAMESPACE + OPERATION)) return
  throw refusal('the SOAPAction is not one of this service')
}

function toValue(name: string, element: XmlElement): unknown {
  if (name === 'allowedMethods') {
    return element.children.map((child) => {
      if (isNamed(child, DATA8_NAMESPACE, 'string')) return toText(child)
      throw unknown()
    })
  }
  if (name === 'options') return toOptions(element.children)
  const text = toText(element)
  if (name === 'expiresAt') return text.trim()
  if (name === 'maxCredits') return /^\s*[+-]?\d{1,16}\s*$/.test(text) ? Number(text) : text
  return text
}

function toOptions(elements: readonly XmlElement[]): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = Object.create(null)
  for (const element of elements) {
    if (!isNamed(element, DATA8_NAMESPACE, 'Option')) throw unknown()
    const { Name: name, Value: value } = toUnique(element.children, DATA8_NAMESPACE)
    if (name === undefined) throw refusal('an Option needs a Name')
    const key = toText(name)
    if (key in options) throw refusal('an Option is given twice')
    options[key] = value === undefined || isNil(value) ? null : toText(value)
  }
  return options
}

/** Elements by name: each at most once, all of one namespace. */
function toUnique(elements: readonly XmlElement[], namespace: string): Readonly<Record<string, XmlElement>> {
  const byName: Record<string, XmlElement> = Object.create(null)
  for (const element of elements) {
    if (element.namespace !== namespace) throw unknown()
    if (element.name in byName) throw refusal('an element is given twice')
    byName[element.name] = element
  }
  return byName
}

function toText(element: XmlElement): string {
  if (element.children.length > 0) throw unknown()
  return element.text
}

function isNamed(element: XmlElement, namespace: string, name: string): boolean {
  return element.namespace === namespace && element.name === name
}

function isNil({ attributes }: XmlElement): boolean {
  return attributes.some(
    ({ namespace, name, value }) =>
      namespace === INSTANCE_NAMESPACE && name === 'nil' && (value === 'true' || value === '1'),
  )
}

function isMandatory({ attributes }: XmlElement): boolean {
  return attributes.some(
    ({ namespace, name, value }) =>
      namespace === SOAP_NAMESPACE && name === 'mustUnderstand' && value !== '0',
  )
}

function unknown(): RouteError {
  return refusal('the XML holds an element that is not expected there, or is of another namespace')
}

function refusal(message: string): RouteError {
  return new RouteError('invalid_request', message)
}
