import type { Clock } from '../../base/clock'

/** Where a recording is: it runs at a speed, or stands. Every picture and sound follows it. */
export class RunningTime {
  private base = 0
  private since: number | null = null
  private speed = 1

  constructor(
    private readonly clock: Clock,
    /** Seconds to the end. */
    readonly length: number,
  ) {}

  /** Seconds since the recording began. */
  get at(): number {
    const run = this.since === null ? 0 : ((this.clock.now() - this.since) / 1000) * this.speed
    return Math.min(this.length, this.base + run)
  }

  get rate(): number {
    return this.speed
  }

  get runs(): boolean {
    return this.since !== null
  }

  run(): void {
    if (this.since === null) this.since = this.clock.now()
  }

  stand(): void {
    this.base = this.at
    this.since = null
  }

  jump(to: number): void {
    this.base = Math.max(0, Math.min(this.length, to))
    if (this.since !== null) this.since = this.clock.now()
  }

  setRate(rate: number): void {
    this.jump(this.at)
    this.speed = rate
  }
}
