import type { Api } from '../../api/client'
import type { Locks, MyLink, Ways } from '../../api/types'
import type { Scope } from '../../base/scope'
import { Cell, type Value } from '../../base/value'

/** All that the page on one's locks shows. */
export interface Mine {
  locks: Locks
  services: readonly MyLink[]
  ways: Ways
}

export type MineState =
  | { phase: 'loading' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'ready'; mine: Mine; error: unknown }

type Calls = Pick<
  Api,
  'locks' | 'myServices' | 'waysToLogIn' | 'endLogin' | 'endOtherLogins' | 'forgetDevice'
>

/** One's own locks, read anew after each change. */
export class LocksModel {
  private readonly cell = new Cell<MineState>({ phase: 'loading' })

  constructor(
    private readonly scope: Scope,
    private readonly api: Calls,
  ) {
    void this.load()
  }

  get state(): Value<MineState> {
    return this.cell
  }

  /** Reads everything; what is shown stays until then. */
  async load(): Promise<void> {
    try {
      const [locks, services, ways] = await Promise.all([
        this.api.locks(),
        this.api.myServices(),
        this.api.waysToLogIn(),
      ])
      this.set({ phase: 'ready', mine: { locks, services: services.items, ways }, error: null })
    } catch (error) {
      this.fail(error)
    }
  }

  endLogin(id: string): Promise<void> {
    return this.then(() => this.api.endLogin(id))
  }

  endOthers(): Promise<void> {
    return this.then(() => this.api.endOtherLogins())
  }

  forgetDevice(id: string): Promise<void> {
    return this.then(() => this.api.forgetDevice(id))
  }

  private async then(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
      await this.load()
    } catch (error) {
      this.fail(error)
    }
  }

  private fail(error: unknown): void {
    const now = this.cell.get()
    this.set(now.phase === 'ready' ? { ...now, error } : { phase: 'failed', error })
  }

  private set(state: MineState): void {
    if (!this.scope.ended) this.cell.set(state)
  }
}

const SVG = 'http://www.w3.org/2000/svg'

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bYaBrowser\//, 'Yandex'],
  [/\bOPR\/|\bOpera/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrom(e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/.*Safari\//, 'Safari'],
]

const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** `Chrome · Windows`, of what a browser says of itself; empty when it says nothing known. */
export function browserOf(agent: string): string {
  const named = [BROWSERS, SYSTEMS].map((all) => all.find(([sign]) => sign.test(agent))?.[1])
  return named.filter(Boolean).join(' · ')
}

/** A secret in groups of four, as one reads it out. */
export function inFours(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? ''
}

/** A drawing that stands in the page without being part of it. */
export function pictureOf(svg: string): string {
  const whole = svg.includes('xmlns=') ? svg : svg.replace('<svg', `<svg xmlns="${SVG}"`)
  return `data:image/svg+xml;utf8,${encodeURIComponent(whole)}`
}
