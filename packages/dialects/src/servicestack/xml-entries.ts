import type { XmlElement } from '../xml-reader.ts'
import type { Entry } from './bound-request.ts'
import type { SentValue } from './field-value.ts'
import { ACCESS_FIELDS, type FieldKind, type Fields } from './fields.ts'

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'

/** The fields in an element's children. Namespaces of fields are not looked at. */
export function toXmlEntries(element: XmlElement, fields: Fields): readonly Entry[] {
  return element.children.map((child) => [child.name, toSentValue(child, fields)])
}

function toSentValue(element: XmlElement, fields: Fields): SentValue {
  const { children, text } = element
  if (isNil(element)) return null
  const kind: FieldKind | undefined = fields.get(element.name.toLowerCase())?.kind
  if (children.length === 0) return kind === 'text' ? text : text.trim()
  if (kind === 'texts') return children.map((child) => (child.children.length === 0 ? child.text : {}))
  if (kind === 'accesses') {
    return children.map((child) => Object.fromEntries(toXmlEntries(child, ACCESS_FIELDS)))
  }
  // Not a value of any other kind; `items` are pairs of a key and a value.
  return kind === 'items' ? Object.fromEntries(children.map(toItem)) : {}
}

function toItem({ name, text, children }: XmlElement): readonly [string, SentValue] {
  if (children.length === 0) return [name, text]
  const [key, value] = children
  return [key?.text ?? '', value?.text ?? '']
}

function isNil({ attributes }: XmlElement): boolean {
  return attributes.some(
    ({ name, namespace, value }) => name === 'nil' && namespace === XSI && /^(?:true|1)$/.test(value),
  )
}
