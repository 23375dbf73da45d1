/** How the value of a field is read. */
export type FieldKind = 'text' | 'flag' | 'whole' | 'date' | 'texts' | 'accesses' | 'items'

export interface Field {
  /** As the API documents it. */
  readonly name: string
  readonly kind: FieldKind
}

/** The fields of a request, by their lower-case names. */
export type Fields = ReadonlyMap<string, Field>

/** CreateJwt: `JwtExpiry`, and a user's session. */
export const CREATE_JWT_FIELDS: Fields = toFields({
  text: `ReferrerUrl Id UserAuthId UserAuthName UserName TwitterUserId TwitterScreenName FacebookUserId
    FacebookUserName FirstName LastName DisplayName Company Email PrimaryEmail PhoneNumber BirthDateRaw Address
    Address2 City State Country Culture FullName Gender Language MailAddress Nickname PostalCode TimeZone
    RequestTokenSecret ProfileUrl Sequence AuthProvider`,
  flag: 'IsAuthenticated FromToken',
  whole: 'Tag',
  date: 'JwtExpiry BirthDate CreatedAt LastModified',
  texts: 'Roles Permissions',
  accesses: 'ProviderOAuthAccess',
})

/** One member of `ProviderOAuthAccess`. */
export const ACCESS_FIELDS: Fields = toFields({
  text: 'Provider UserId AccessToken AccessTokenSecret RefreshToken RequestToken RequestTokenSecret',
  date: 'RefreshTokenExpiry',
  items: 'Items',
})

export const HELLO_FIELDS: Fields = toFields({ text: 'Name' })

function toFields(namesByKind: Readonly<Partial<Record<FieldKind, string>>>): Fields {
  const kinds: FieldKind[] = ['text', 'flag', 'whole', 'date', 'texts', 'accesses', 'items']
  return new Map(
    kinds.flatMap((kind) => {
      const names = namesByKind[kind]?.match(/\w+/g) ?? []
      return names.map((name) => [name.toLowerCase(), { name, kind }] as const)
    }),
  )
}
