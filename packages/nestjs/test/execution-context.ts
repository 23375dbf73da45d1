import type { ExecutionContext, Type } from '@nestjs/common'

/** A context of any kind, as Nest makes it: `args` are the handler's. */
export function createContext(
  kind: string,
  args: unknown[],
  controller: Type,
  method: string,
): ExecutionContext {
  const at = (index: number) => () => args[index]
  const handler: () => void = Object.getOwnPropertyDescriptor(controller.prototype, method)?.value
  return {
    getType: <T extends string>() => kind as T,
    getClass: <T>() => controller as Type<T>,
    getHandler: () => handler,
    getArgs: <T extends unknown[]>() => args as T,
    getArgByIndex: <T>(index: number) => args[index] as T,
    switchToHttp: () => ({
      getRequest: <T>() => at(0)() as T,
      getResponse: <T>() => at(1)() as T,
      getNext: <T>() => at(2)() as T,
    }),
    switchToRpc: () => ({ getData: <T>() => at(0)() as T, getContext: <T>() => at(1)() as T }),
    switchToWs: () => ({
      getClient: <T>() => at(0)() as T,
      getData: <T>() => at(1)() as T,
      getPattern: () => 'message',
    }),
  }
}
