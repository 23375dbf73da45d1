import { RouteError } from '@hallpass/http'
import { SaxesParser, type SaxesTagNS } from 'saxes'

export interface XmlAttribute {
  /** Without its prefix. */
  readonly name: string
  /** Empty where the attribute has no prefix. */
  readonly namespace: string
  readonly value: string
}

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  /** Empty = in none. */
  readonly namespace: string
  /** Namespace declarations left out. */
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** The text directly inside, CDATA included, white space as it is. */
  readonly text: string
}

export interface XmlLimits {
  /** Levels of elements. Default 32. */
  readonly maxDepth?: number
  /** Elements and attributes together. Default 10,000. */
  readonly maxNodes?: number
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

const XMLNS = 'http://www.w3.org/2000/xmlns/'

/**
 * The root element of a document. Nothing is fetched and nothing is expanded: a document type, a processing
 * instruction, and any entity but the five of XML itself are refused. The text is decoded already, so what the
 * declaration says of the encoding does not count.
 * @throws RouteError `invalid_request`; the message holds nothing of the text
 */
export function parseXml(text: string, limits: XmlLimits = {}): XmlElement {
  const { maxDepth = 32, maxNodes = 10_000 } = limits
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let nodes = 0
  const addText = (part: string): void => {
    const inner = open.at(-1)
    if (inner !== undefined) inner.text += part
  }

  const parser = new SaxesParser({
    xmlns: true,
    position: false,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  })
  parser.on('doctype', () => {
    throw refusal('the XML must not have a document type')
  })
  parser.on('processinginstruction', () => {
    throw refusal('the XML must not hold processing instructions')
  })
  parser.on('attribute', () => {
    if (++nodes > maxNodes) throw refusal('the XML has too many parts')
  })
  parser.on('opentagstart', () => {
    if (++nodes > maxNodes) throw refusal('the XML has too many parts')
  })
  parser.on('opentag', (tag) => {
    if (open.length >= maxDepth) throw refusal('the XML is nested too deeply')
    const element = toElement(tag)
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  parser.on('text', addText)
  parser.on('cdata', addText)

  try {
    parser.write(text).close()
  } catch (error) {
    // The parser's own messages quote what they stumbled over.
    throw error instanceof RouteError ? error : refusal('the XML is not well-formed')
  }
  if (root === undefined) throw refusal('the XML is not well-formed')
  return root
}

function toElement(tag: SaxesTagNS): OpenElement {
  const attributes = Object.values(tag.attributes)
    .filter(({ uri }) => uri !== XMLNS)
    .map(({ local, uri, value }) => ({ name: local, namespace: uri, value }))
  return { name: tag.local, namespace: tag.uri, attributes, children: [], text: '' }
}

function refusal(message: string): RouteError {
  return new RouteError('invalid_request', message)
}
