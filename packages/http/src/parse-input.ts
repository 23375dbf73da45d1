import { toFieldName } from '@hallpass/core'
import type * as z from 'zod'
import { RouteError } from './request-errors.ts'

/** Where a value came from, for the message of a refusal. */
export type InputPlace = 'body' | 'query'

/**
 * What a body or query says, by its schema.
 * @throws RouteError `invalid_request` naming the first field at fault. The message never repeats a value, and a
 * name only where it looks like one.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, place: InputPlace): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw issue === undefined
    ? new RouteError('invalid_request', `the ${place} is not valid`)
    : toRouteError(issue, place)
}

function toRouteError(issue: z.core.$ZodIssue, place: InputPlace): RouteError {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys
    const field = toFieldName(name)
    const what = place === 'body' ? 'member' : 'parameter'
    return new RouteError('invalid_request', `the ${place} has a ${what} that is not known here`, {
      field: field === null ? null : [...path, field].join('.'),
    })
  }
  const field = path.join('.')
  if (field === '') return new RouteError('invalid_request', `the ${place} must be a JSON object`)
  return new RouteError('invalid_request', `${field} ${toSentence(issue)}`, { field })
}

function toSentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${TYPE_NAMES[issue.expected] ?? `of type ${issue.expected}`}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `must be at least ${issue.minimum}`
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'custom':
    case 'invalid_format':
      return issue.message
    default:
      return 'is not of a kind that is accepted here'
  }
}

const TYPE_NAMES: Readonly<Partial<Record<string, string>>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}
