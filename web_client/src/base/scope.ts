/** A lifetime: what was made in it ends with it, newest first. */
export class Scope {
  private endings: (() => void)[] = []
  private over = false

  get ended(): boolean {
    return this.over
  }

  /** Runs `end` when the scope ends; at once if it has ended already. Answers how to take it back. */
  onEnd(end: () => void): () => void {
    if (this.over) {
      end()
      return () => undefined
    }
    this.endings.push(end)
    return () => {
      this.endings = this.endings.filter((other) => other !== end)
    }
  }

  /** A lifetime inside this one; may end earlier. */
  child(): Scope {
    const inner = new Scope()
    const forget = this.onEnd(() => inner.end())
    inner.onEnd(forget)
    return inner
  }

  /** Listens to a DOM event until the end. */
  listen(target: EventTarget, type: string, heard: (event: Event) => void): void {
    target.addEventListener(type, heard)
    this.onEnd(() => target.removeEventListener(type, heard))
  }

  end(): void {
    if (this.over) return
    this.over = true
    const endings = this.endings.reverse()
    this.endings = []
    for (const end of endings) end()
  }
}
