import { follow } from '../../api/events'
import type { Link } from '../../api/link'
import type { Fact } from '../../api/types'
import type { Scope } from '../../base/scope'
import type { Sitting } from './sitting'

/** What others do to a sitting reaches its page at once; what is missed, its signs of life find. */
export function hear(scope: Scope, link: Link, sitting: Sitting): void {
  let follows = false
  const begin = () => {
    if (follows || !sitting.state.get().view) return
    follows = true
    link.use(scope)
    let known: number | undefined = sitting.state.get().view?.position
    const follower = follow<Fact | null>(scope, link, {
      snapshot: async () => {
        const position = known ?? (await sitting.position())
        known = undefined
        return { topic: `sitting:${sitting.id}`, position, state: null }
      },
      reduce: (_, fact) => fact,
    })
    scope.onEnd(
      follower.value.watch(() => {
        const synced = follower.value.get()
        if (synced.phase === 'ready' && synced.state) sitting.told(synced.state)
      }),
    )
  }
  scope.onEnd(sitting.state.watch(begin))
  begin()
}
