import { type Auth, RequireToken, TokenGuard, VerifiedToken } from '@hallpass/nestjs'
import { Body, Controller, Get, Header, Inject, Param, Put, UseGuards } from '@nestjs/common'
import { notFound } from './api-error.ts'
import { parseDocumentBody } from './bodies.ts'
import { Directory } from './directory.ts'
import { DocumentNamePipe } from './names.ts'
import { ProjectGuard } from './project-guard.ts'

/** Opened by tokens, not by passwords. */
@Controller('projects/:project/documents')
@UseGuards(TokenGuard, ProjectGuard)
export class DocumentsController {
  private readonly directory: Directory

  constructor(@Inject(Directory) directory: Directory) {
    this.directory = directory
  }

  @Get(':name')
  @RequireToken({ scope: ['documents.read'] })
  @Header('content-type', 'text/plain; charset=utf-8')
  read(@VerifiedToken() { token }: Auth, @Param('name', DocumentNamePipe) name: string): string {
    const text = this.directory.findDocument(token.project, name)
    if (text === null) throw notFound()
    return text
  }

  @Put(':name')
  @RequireToken({ scope: ['documents.write'] })
  write(
    @VerifiedToken() { token }: Auth,
    @Param('name', DocumentNamePipe) name: string,
    @Body() body: unknown,
  ): { name: string; project: string; writtenBy: string } {
    const { text } = parseDocumentBody(body)
    if (!this.directory.saveDocument(token.project, name, text)) throw notFound()
    return { name, project: token.project, writtenBy: token.subject }
  }
}
