import { ADMIN, type Issued, issueToken, type Login, send } from './api-client.ts'

/** Two projects that have nothing to do with each other, as every test here finds them. */
export const ADA: Login = ['aurora/ada', 'correct horse battery']
export const ALAN: Login = ['aurora/alan', 'staple of the day']
export const AMY: Login = ['aurora/amy', 'yet another one']
export const BEA: Login = ['borealis/bea', 'somewhere else now']
/** Of the same name as the one in the other project. */
export const OTHER_ALAN: Login = ['borealis/alan', 'quite another man']

export const WELCOME = {
  aurora: '/projects/aurora/documents/welcome.txt',
  borealis: '/projects/borealis/documents/welcome.txt',
}

/** A token of each, issued by itself. */
export interface Tokens {
  readonly ada: Issued
  readonly alan: Issued
  readonly amy: Issued
  readonly bea: Issued
  readonly otherAlan: Issued
}

export async function setUpProjects(origin: string): Promise<Tokens> {
  await put(origin, '/projects/aurora', { title: 'Aurora' })
  await put(origin, '/projects/borealis', { title: 'Borealis' })
  for (const [login, role] of [
    [ADA, 'admin'],
    [ALAN, 'member'],
    [AMY, 'member'],
    [BEA, 'admin'],
    [OTHER_ALAN, 'member'],
  ] as const) {
    await putUser(origin, login, role)
  }
  return {
    ada: await issueToken(origin, ADA),
    alan: await issueToken(origin, ALAN),
    amy: await issueToken(origin, AMY),
    bea: await issueToken(origin, BEA),
    otherAlan: await issueToken(origin, OTHER_ALAN),
  }
}

export async function putUser(
  origin: string,
  [login, password]: Login,
  role: string,
  by = ADMIN,
): Promise<void> {
  const [project, name] = login.split('/')
  await put(origin, `/projects/${project}/users/${name}`, { password, role }, by)
}

async function put(origin: string, target: string, body: object, login = ADMIN): Promise<void> {
  const answer = await send(origin, target, { login, method: 'PUT', body })
  if (answer.status !== 200) throw new Error(`PUT ${target} answered ${answer.status}: ${answer.body}`)
}
