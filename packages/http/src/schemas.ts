import type { IssueInput, JsonObject, ListQuery, UpdateInput, UsageQuery } from '@hallpass/core'
import * as z from 'zod'
import { isDay, parseTime } from './json-time.ts'
import type {
  ErrorJson,
  IssueBody,
  IssuedTokenJson,
  ItemParameters,
  ListParameters,
  RevokeAllParameters,
  RevokedJson,
  TokenPageJson,
  TokenRecordJson,
  UpdateBody,
  UsageJson,
  UsageParameters,
  VerifiedJson,
  VerifyBody,
} from './wire.ts'

/** What a body of `POST /` is read as. */
export type ParsedIssueBody = Pick<
  IssueInput,
  | 'project'
  | 'subject'
  | 'name'
  | 'application'
  | 'notBefore'
  | 'expiresIn'
  | 'expiresAt'
  | 'ip'
  | 'paths'
  | 'scope'
  | 'httpMethods'
  | 'credits'
  | 'pool'
  | 'claims'
  | 'uniqueName'
> & { readonly link?: string }

/** What a query of `GET /` is read as. */
export type ParsedListQuery = Omit<ListQuery, 'project'> & { readonly project?: string }

/** What a query of `GET /usage` is read as. */
export type ParsedUsageQuery = Omit<UsageQuery, 'project'> & { readonly project?: string }

/** What a body of `PATCH /:id` is read as. */
export type ParsedUpdate = Omit<UpdateInput, 'grant'>

// The types of `wire.ts` and the schemas below say the same, and the compiler is asked whether they do: in both
// directions, and member by member, since an optional member that one of them lacks would still be assignable.
type Frozen<T> = T extends Date
  ? T
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [K in keyof T]: Frozen<T[K]> }
    : T
type Members<T> = T extends unknown ? keyof T : never
type Same<A, B> = [Frozen<A>, Frozen<B>, Members<A>, Members<B>] extends [
  Frozen<B>,
  Frozen<A>,
  Members<B>,
  Members<A>,
]
  ? unknown
  : never
const exactly =
  <In, Out = In>() =>
  <S extends z.ZodType<Out, In>>(
    schema: S & Same<z.input<S>, In> & Same<z.output<S>, Out>,
  ): z.ZodType<Out, In> =>
    schema

/** `wire`: the JSON schema of what is sent, where it is not that of what it is checked by. */
const asSent = (wire: JsonObject): { wire: JsonObject } => ({ wire })

const label = (max: number) => z.string().meta({ minLength: 1, maxLength: max })
const texts = (max: number, min = 0) => z.array(z.string()).meta({ minItems: min, maxItems: max })
const time = z
  .string()
  .transform((text, context) => {
    const moment = parseTime(text)
    if (moment !== null) return moment
    context.addIssue({ code: 'custom', message: 'must be a time as in 2026-11-21T18:00:00Z' })
    return z.NEVER
  })
  .meta(asSent({ type: 'string', format: 'date-time' }))
const day = z
  .string()
  .refine(isDay, { error: 'must be a day as in 2026-11-21' })
  .meta(asSent({ type: 'string', format: 'date' }))
const pageLimit = z
  .string()
  .regex(/^(?:[1-9][0-9]?|1[0-9][0-9]|200)$/, { error: 'must be a whole number from 1 to 200' })
  .transform(Number)
  .meta(asSent({ type: 'integer', minimum: 1, maximum: 200, default: 50 }))
// Handed on untouched: copying would drop a `__proto__` member, which the service has to refuse.
const claims = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be an object',
  })
  .meta(
    asSent({ type: 'object', additionalProperties: true, description: 'at most 4 KB, no registered names' }),
  )
const credits = z.int().min(1)

/** Body of `POST /`. */
export const issueBody: z.ZodType<ParsedIssueBody, IssueBody> = exactly<IssueBody, ParsedIssueBody>()(
  z.strictObject({
    project: label(128).exactOptional(),
    subject: label(256).exactOptional(),
    name: label(255).nullable().exactOptional(),
    application: label(128).exactOptional(),
    notBefore: time.exactOptional(),
    expiresIn: z
      .union([z.number().meta({ exclusiveMinimum: 0, description: 'seconds' }), z.string()])
      .meta({ examples: [3600, '6 hours'] })
      .exactOptional(),
    expiresAt: time.nullable().exactOptional(),
    ip: texts(32).exactOptional(),
    paths: texts(32, 1).nullable().exactOptional(),
    scope: texts(64).exactOptional(),
    httpMethods: texts(16, 1).nullable().exactOptional(),
    credits: credits.nullable().exactOptional(),
    pool: label(256).nullable().exactOptional(),
    claims: claims.exactOptional(),
    uniqueName: z.boolean().exactOptional(),
    link: z
      .string()
      .meta({ description: 'a path that the token opens', examples: ['/files/a'] })
      .exactOptional(),
  }),
)

/** Body of `PATCH /:id`. */
export const updateBody: z.ZodType<ParsedUpdate, UpdateBody> = exactly<UpdateBody, ParsedUpdate>()(
  z.strictObject({
    name: label(255).nullable().exactOptional(),
    credits: z.strictObject({ add: credits }).exactOptional(),
    expiresAt: time.exactOptional(),
  }),
)

/** Body of `POST /verify`. */
export const verifyBody: z.ZodType<VerifyBody, VerifyBody> = exactly<VerifyBody>()(
  z.strictObject({
    token: z.string(),
    ip: z.string().exactOptional(),
    target: z.string().exactOptional(),
    method: z.string().exactOptional(),
    scope: texts(64).exactOptional(),
  }),
)

const noMembers = z.strictObject({})

/** No query, or an empty body. */
export const nothing: z.ZodType<object> = noMembers

/** Query of `GET /`. */
export const listQuery: z.ZodType<ParsedListQuery, ListParameters> = exactly<
  ListParameters,
  ParsedListQuery
>()(
  z.strictObject({
    project: label(128).exactOptional(),
    subject: label(256).exactOptional(),
    status: z.enum(['pending', 'active', 'exhausted', 'expired', 'revoked']).exactOptional(),
    application: label(128).exactOptional(),
    name: label(255).exactOptional(),
    limit: pageLimit.exactOptional(),
    after: z.string().meta({ description: '`next` of the page before' }).exactOptional(),
  }),
)

/** Query of the routes of one token. */
export const itemQuery: z.ZodType<ItemParameters, ItemParameters> = exactly<ItemParameters>()(
  z.strictObject({ project: label(128).exactOptional() }),
)

/** Query of `DELETE /`. */
export const revokeAllQuery: z.ZodType<RevokeAllParameters, RevokeAllParameters> =
  exactly<RevokeAllParameters>()(z.strictObject({ project: label(128), subject: label(256) }))

/** Query of `GET /usage`. */
export const usageQuery: z.ZodType<ParsedUsageQuery, UsageParameters> = exactly<
  UsageParameters,
  ParsedUsageQuery
>()(
  z.strictObject({
    project: label(128).exactOptional(),
    subject: label(256).exactOptional(),
    from: day.exactOptional(),
    to: day.exactOptional(),
    by: z.enum(['application', 'subject', 'token']).exactOptional(),
  }),
)

const shownTime = z.string().meta(asSent({ type: 'string', format: 'date-time' }))
const record = z.object({
  id: z.string().meta({ format: 'uuid' }),
  project: z.string(),
  subject: z.string(),
  name: z.string().nullable(),
  application: z.string(),
  profile: z.string(),
  createdAt: shownTime,
  notBefore: shownTime.nullable(),
  expiresAt: shownTime.nullable(),
  ip: z.array(z.string()),
  paths: z.array(z.string()).nullable(),
  scope: z.array(z.string()),
  httpMethods: z.array(z.string()).nullable(),
  credits: z.object({ limit: z.int(), remaining: z.int() }).nullable(),
  pool: z.string().nullable(),
  claims,
  tokenSha256: z.string().meta({ pattern: '^[0-9a-f]{64}$' }),
  createdBy: z.string(),
  lastUsedAt: shownTime.nullable(),
  revokedAt: shownTime.nullable(),
  status: z.enum(['pending', 'active', 'exhausted', 'expired', 'revoked']),
  remainingSeconds: z.number().nullable(),
})

/** A token as the routes show it. */
export const tokenRecord: z.ZodType<TokenRecordJson, TokenRecordJson> = exactly<TokenRecordJson>()(record)

/** Answer of `POST /`. */
export const issuedToken: z.ZodType<IssuedTokenJson, IssuedTokenJson> = exactly<IssuedTokenJson>()(
  z.object({
    token: z.string().meta({ description: 'shown this once' }),
    ...record.shape,
    url: z.string().meta({ description: '`link` with the token in its query' }).exactOptional(),
  }),
)

/** Answer of `GET /`. */
export const tokenPage: z.ZodType<TokenPageJson, TokenPageJson> = exactly<TokenPageJson>()(
  z.object({ tokens: z.array(record), next: z.string().nullable() }),
)

/** Answer of `DELETE /`. */
export const revoked: z.ZodType<RevokedJson, RevokedJson> = exactly<RevokedJson>()(
  z.object({ revoked: z.int().min(0) }),
)

/** Answer of `POST /verify`. */
export const verified: z.ZodType<VerifiedJson, VerifiedJson> = exactly<VerifiedJson>()(
  z.union([
    z.object({
      valid: z.literal(true),
      claims,
      record,
      unchecked: z.array(z.enum(['ip', 'target', 'method'])),
    }),
    z.object({ valid: z.literal(false), error: z.string(), message: z.string() }),
  ]),
)

/** Answer of `GET /usage`. */
export const usage: z.ZodType<UsageJson, UsageJson> = exactly<UsageJson>()(
  z.object({ usage: z.array(z.object({ key: z.string(), calls: z.int(), credits: z.int() })) }),
)

/** Body of every refusal. */
export const errorAnswer: z.ZodType<ErrorJson, ErrorJson> = exactly<ErrorJson>()(
  z.object({
    error: z.string(),
    message: z.string(),
    details: z
      .object({
        field: z.string().exactOptional(),
        scope: z.array(z.string()).exactOptional(),
        remaining: z.int().exactOptional(),
        cost: z.int().exactOptional(),
      })
      .exactOptional(),
  }),
)
