import { RouteError } from '@hallpass/http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMultipart } from '../../src/servicestack/multipart.ts'

const TYPE = 'multipart/form-data; boundary=x'

function part(name: string, value: string, more = ''): string {
  return `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
}

function parse(text: string, type: string = TYPE): Promise<unknown> {
  return parseMultipart(Buffer.from(text), type).catch((error: unknown) => {
    expect(error).toBeInstanceOf(RouteError)
    return error instanceof RouteError ? error.message : 'another error'
  })
}

describe('parseMultipart', () => {
  it('gives the fields in their order, repeated ones and all, and passes over files', async () => {
    const file = part('avatar', 'PNG', '; filename="a.png"')
    const text = `${part('a', 'one')}${part('a', 'zwei ö')}${file}${part('b', '')}--x--\r\n`
    expect(await parse(text)).toEqual([
      ['a', 'one'],
      ['a', 'zwei ö'],
      ['b', ''],
    ])
    expect(await parse('--x--\r\n')).toEqual([])
  })

  it.each([
    ['no boundary in the type', `${part('a', 'b')}--x--`, 'multipart/form-data'],
    ['a body that ends early', part('a', 'b'), TYPE],
    ['a body that ends in a header', '--x\r\nContent-Disp', TYPE],
    [
      'a body that ends in a file',
      '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nPNG',
      TYPE,
    ],
    ['another boundary', part('a', 'b').replace('--x', '--y'), TYPE],
    ['a text', 'hello', TYPE],
    ['too many parts', `${part('a', 'b').repeat(257)}--x--`, TYPE],
  ])('refuses %s', async (_what, text, type) => {
    expect(await parse(text, type)).toBe('the multipart form is malformed')
  })

  it('settles for whatever it is given', async () => {
    const pieces = fc.constantFrom(
      ...['--x', '--x--', '\r\n', '\r\n\r\n', '\n', ':', ';', '"', 'a', '\0', '='],
      ...[
        'Content-Disposition: form-data; name="a"',
        '; filename="f"',
        'Content-Type: text/plain; charset=utf-16',
      ],
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 30 }), async (text) => {
        const found = await parse(text.join(''))
        expect(Array.isArray(found) || found === 'the multipart form is malformed').toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
