import { Injectable, type PipeTransform } from '@nestjs/common'
import { invalidRequest } from './api-error.ts'

/** The name of a project or user in a path: it goes into logins, token subjects and path patterns as it is. */
@Injectable()
export class NamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return name
    throw invalidRequest('names of projects and users have 1 to 32 of a-z, 0-9 and -')
  }
}

/** The name of a document in a path. */
@Injectable()
export class DocumentNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (/^[a-z0-9][a-z0-9.-]{0,63}$/.test(name)) return name
    throw invalidRequest('names of documents have 1 to 64 of a-z, 0-9, - and .')
  }
}
