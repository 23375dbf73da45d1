/** What the tests use of swagger-client, which brings no types. */
declare module 'swagger-client' {
  interface SwaggerAnswer {
    readonly status: number
    readonly body: Readonly<Record<string, unknown>>
  }

  interface SwaggerOptions {
    readonly url?: string
    readonly spec?: object
    readonly authorizations?: Readonly<Record<string, unknown>>
  }

  interface SwaggerExecution {
    readonly operationId: string
    readonly parameters?: Readonly<Record<string, unknown>>
    readonly requestBody?: unknown
    readonly securities?: { readonly authorized: Readonly<Record<string, unknown>> }
  }

  interface Swagger {
    readonly spec: { readonly openapi?: string }
    readonly errors: readonly unknown[]
    execute(execution: SwaggerExecution): Promise<SwaggerAnswer>
  }

  export default function SwaggerClient(options: SwaggerOptions): Promise<Swagger>
}
