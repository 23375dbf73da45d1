import { RouteError } from '@hallpass/http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseXml } from '../src/xml-reader.ts'
import { escapeXml } from '../src/xml-writer.ts'

function refusalOf(text: string): string {
  try {
    parseXml(text)
  } catch (error) {
    expect(error).toBeInstanceOf(RouteError)
    if (error instanceof RouteError) {
      expect(error.code).toBe('invalid_request')
      expect(error.cause).toBeUndefined()
      return error.message
    }
  }
  return 'accepted'
}

describe('parseXml', () => {
  it('gives names without prefixes, their namespaces, attributes, children and text', () => {
    const root = parseXml(
      '<?xml version="1.0" encoding="utf-16"?>\n<a:x xmlns:a="urn:a" xmlns="urn:d" a:p="1" q="2"><y>t<![CDATA[<&]]>u</y><z/> w</a:x>\n',
    )
    expect(root).toEqual({
      name: 'x',
      namespace: 'urn:a',
      attributes: [
        { name: 'p', namespace: 'urn:a', value: '1' },
        { name: 'q', namespace: '', value: '2' },
      ],
      children: [
        { name: 'y', namespace: 'urn:d', attributes: [], children: [], text: 't<&u' },
        { name: 'z', namespace: 'urn:d', attributes: [], children: [], text: '' },
      ],
      text: ' w',
    })
  })

  it('reads a byte order mark, the five entities of XML and references to characters', () => {
    expect(parseXml('\ufeff<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;</a>').text).toBe('<>&"\'A😀')
  })

  it.each([
    ['a document type', '<!DOCTYPE a><a/>', 'document type'],
    [
      'an external entity',
      '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
      'document type',
    ],
    ['a document type that comes late', '<a/><!DOCTYPE a>', 'well-formed'],
    ['a processing instruction', '<?php evil?><a/>', 'processing instructions'],
    ['a style sheet', '<a/><?xml-stylesheet href="x"?>', 'processing instructions'],
    ['an unknown entity', '<a>&nbsp;</a>', 'well-formed'],
    ['an entity named like a member of every object', '<a>&constructor;</a>', 'well-formed'],
    ['an undeclared prefix', '<b:a/>', 'well-formed'],
    ['two roots', '<a/><b/>', 'well-formed'],
    ['the same attribute twice', '<a x="1" x="2"/>', 'well-formed'],
    ['the same attribute under two prefixes', '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>', 'well-formed'],
    ['an element that is not closed', '<a><b></a>', 'well-formed'],
    ['a text', 'hello', 'well-formed'],
    ['nothing', '', 'well-formed'],
    ['a NUL character', '<a>\0</a>', 'well-formed'],
    ['a reference to a NUL character', '<a>&#0;</a>', 'well-formed'],
  ])('refuses %s', (_what, text, why) => {
    expect(refusalOf(text)).toContain(why)
  })

  it('keeps to its limits, and says nothing of the text', () => {
    expect(refusalOf(`${'<a>'.repeat(33)}${'</a>'.repeat(33)}`)).toBe('the XML is nested too deeply')
    expect(refusalOf('<a>'.repeat(200_000))).toBe('the XML is nested too deeply')
    expect(refusalOf(`<a>${'<b/>'.repeat(10_000)}</a>`)).toBe('the XML has too many parts')
    const many = Array.from({ length: 10_000 }, (_, i) => `x${i}=""`).join(' ')
    expect(refusalOf(`<a ${many}/>`)).toBe('the XML has too many parts')
    expect(refusalOf('<a>secret-1234')).not.toContain('secret-1234')
    expect(parseXml(`${'<a>'.repeat(3)}${'</a>'.repeat(3)}`, { maxDepth: 3, maxNodes: 3 }).name).toBe('a')
  })

  it('reads back every text that was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = escapeXml(text)
        const readable = text.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
        const root = parseXml(`<a b="${written}">${written}</a>`)
        expect([root.text, root.attributes[0]?.value]).toEqual([readable, readable])
      }),
    )
  })

  it('answers or refuses whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('<', '>', '/', 'a', '&', ';', '"', '=', '!', '?', '[', ']', '-', ' ', '#x9'),
        ),
        (parts) => {
          refusalOf(parts.join(''))
        },
      ),
    )
  })
})
