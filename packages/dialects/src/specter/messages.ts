/** The messages that clients may compare with. */
export const TOKEN_GENERATED = 'Token generated'
export const TOKENS_EXIST = 'Tokens exists'
export const NO_TOKENS = 'Tokens does not exist'
export const NO_SUCH_TOKEN = 'Token does not exist, make sure to enter correct token id'
export const TOKEN_DELETED = 'Token deleted'
export const DESCRIPTION_REFUSED = 'Token description already exists or is blank'
