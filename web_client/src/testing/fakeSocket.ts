import type { SocketLike } from '../api/link'

type Body = Record<string, unknown>
type Done = (failed: unknown, answer: never) => void

/** Stands in for the network in tests: commands get the answers they were given. */
export class FakeSocket implements SocketLike {
  connected = false
  active = true
  readonly sent: [name: string, body: Body][] = []
  private readonly answers = new Map<string, (body: Body) => object | Promise<object>>()
  private readonly heard = new Map<string, ((...args: never[]) => void)[]>()

  connect(): void {}

  disconnect(): void {
    this.close()
  }

  on(event: string, heard: (...args: never[]) => void): void {
    this.heard.set(event, [...(this.heard.get(event) ?? []), heard])
  }

  timeout() {
    return {
      emit: (_: string, name: string, body: object, done: Done) => this.ask(name, body, done),
    }
  }

  /** What the server will say to a command, from now on. */
  answer(name: string, how: (body: Body) => object | Promise<object>): void {
    this.answers.set(name, how)
  }

  tell(event: string, ...args: unknown[]): void {
    for (const heard of this.heard.get(event) ?? []) heard(...(args as never[]))
  }

  open(): void {
    this.connected = true
    this.tell('connect')
  }

  close(): void {
    this.connected = false
    this.tell('disconnect')
  }

  /** Lets every promise that is ready run. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }

  private ask(name: string, body: object, done: Done): void {
    this.sent.push([name, body as Body])
    const how = this.answers.get(name)
    if (!how) return
    void Promise.resolve(how(body as Body)).then((answer) => done(null, answer as never))
  }
}
