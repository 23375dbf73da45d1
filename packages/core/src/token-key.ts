/** One text for where a token is kept. No id and no project can hold the control character between them. */
export function toTokenKey({ project, id }: { readonly project: string; readonly id: string }): string {
  return `${id}\n${project}`
}
