import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { GateState } from './gate.ts'

/** Stands between a service and its database. `cut` closes what is open and refuses what is new. */
export interface TcpProxy {
  readonly port: number
  set(state: GateState): void
  close(): Promise<void>
}

export async function startTcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  let state: GateState = 'open'
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy()
      return
    }
    const upstream = connect(target.port, '127.0.0.1')
    client.setNoDelay()
    upstream.setNoDelay()
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (data) => void upstream.write(data))
    let answered = Promise.resolve()
    upstream.on('data', (data) => {
      if (state === 'lost') return
      const dueAt = performance.now() + (typeof state === 'object' ? state.slowMs : 0)
      // One after the other, also where the line has become faster meanwhile.
      answered = answered.then(async () => {
        const leftMs = dueAt - performance.now()
        if (leftMs > 0) await delay(leftMs)
        client.write(data)
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')

  const disconnect = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    set(next) {
      // A connection that lost an answer is of no use any more: the next answer would pass for it.
      if (next === 'cut' || state === 'lost') disconnect()
      state = next
    },
    async close() {
      disconnect()
      server.close()
      await once(server, 'close')
    },
  }
}
