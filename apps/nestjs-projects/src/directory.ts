import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export interface Project {
  readonly name: string
  readonly title: string
}

/** `admin` looks after the project's users and their tokens, `member` after its own tokens. */
export const ROLES = ['admin', 'member'] as const
export type Role = (typeof ROLES)[number]

export interface User {
  /** Unique within its project only, so that no name tells of another project's users. */
  readonly name: string
  readonly project: string
  readonly role: Role
  /** As `hashPassword` of `@hallpass/http` makes it. */
  readonly passwordHash: string
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS projects (name TEXT PRIMARY KEY, title TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS users (
    project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
    name TEXT NOT NULL, role TEXT NOT NULL, password_hash TEXT NOT NULL,
    PRIMARY KEY (project, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS documents (
    project TEXT NOT NULL REFERENCES projects ON DELETE CASCADE,
    name TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (project, name)
  ) STRICT`

/** Projects, their users and their documents, in one SQLite file that several processes may share. */
export class Directory {
  private readonly database: DatabaseSync

  constructor(path: string) {
    // It holds password hashes: made by SQLite, others could read it.
    closeSync(openSync(path, 'a', 0o600))
    this.database = new DatabaseSync(path)
    this.database.exec('PRAGMA busy_timeout = 2000; PRAGMA foreign_keys = ON')
    this.database.exec(`BEGIN IMMEDIATE; ${SCHEMA}; COMMIT`)
  }

  listProjects(): readonly Project[] {
    return this.all('SELECT name, title FROM projects ORDER BY name').map(toProject)
  }

  findProject(name: string): Project | null {
    const [row] = this.all('SELECT name, title FROM projects WHERE name = ?', name)
    return row === undefined ? null : toProject(row)
  }

  saveProject({ name, title }: Project): void {
    this.run(
      'INSERT INTO projects VALUES (?, ?) ON CONFLICT DO UPDATE SET title = excluded.title',
      name,
      title,
    )
  }

  /** With its users and documents. @returns false = there is none */
  removeProject(name: string): boolean {
    return this.run('DELETE FROM projects WHERE name = ?', name)
  }

  listUsers(project: string): readonly User[] {
    return this.all('SELECT * FROM users WHERE project = ? ORDER BY name', project).map(toUser)
  }

  findUser(project: string, name: string): User | null {
    const [row] = this.all('SELECT * FROM users WHERE project = ? AND name = ?', project, name)
    return row === undefined ? null : toUser(row)
  }

  /** @returns false = there is no such project */
  saveUser({ project, name, role, passwordHash }: User): boolean {
    return this.run(
      `INSERT INTO users SELECT name, ?, ?, ? FROM projects WHERE name = ?
       ON CONFLICT DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash`,
      ...[name, role, passwordHash, project],
    )
  }

  /** @returns false = there is none */
  removeUser(project: string, name: string): boolean {
    return this.run('DELETE FROM users WHERE project = ? AND name = ?', project, name)
  }

  findDocument(project: string, name: string): string | null {
    const [row] = this.all('SELECT text FROM documents WHERE project = ? AND name = ?', project, name)
    return row === undefined ? null : String(row.text)
  }

  /** @returns false = there is no such project */
  saveDocument(project: string, name: string, text: string): boolean {
    return this.run(
      `INSERT INTO documents SELECT name, ?, ? FROM projects WHERE name = ?
       ON CONFLICT DO UPDATE SET text = excluded.text`,
      ...[name, text, project],
    )
  }

  close(): void {
    this.database.close()
  }

  private all(sql: string, ...values: readonly string[]): readonly Row[] {
    return this.database.prepare(sql).all(...values)
  }

  /** @returns whether it changed anything */
  private run(sql: string, ...values: readonly string[]): boolean {
    return this.database.prepare(sql).run(...values).changes !== 0
  }
}

type Row = Readonly<Record<string, unknown>>

function toProject({ name, title }: Row): Project {
  return { name: String(name), title: String(title) }
}

function toUser({ project, name, role, password_hash }: Row): User {
  return {
    project: String(project),
    name: String(name),
    role: role === 'admin' ? 'admin' : 'member',
    passwordHash: String(password_hash),
  }
}
