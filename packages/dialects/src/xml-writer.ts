/** What XML 1.0 has no way to write, not even as a reference. */
const UNWRITABLE = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/**
 * A text as it may stand in an element or in an attribute between quotes, and be read back as it was; what XML
 * cannot hold (control characters, lone surrogates) becomes U+FFFD.
 * @see XML 1.0 section 2.2
 */
export function escapeXml(text: string): string {
  return text
    .replaceAll(UNWRITABLE, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => REFERENCES[character] ?? character)
}
