import { lazy, Suspense } from 'react'
import { usePart, useValue } from '../../../base/react'
import { useLater } from '../../../ui/later'
import type { PollsModel } from './model'
import { openPoll } from './reducer'

const shown = () => import('./CardShown')
const CardShown = lazy(shown)

/** What is asked now, over the stage. */
export function PollCard({ model, place }: { model: PollsModel; place: string }) {
  const hidden = useValue(model.hidden)
  const poll = usePart(model.polls, (all) =>
    all.phase === 'ready' ? openPoll(all.state, place) : null,
  )
  useLater(shown)
  if (!poll || hidden === poll.id) return null
  return (
    <Suspense fallback={null}>
      <CardShown model={model} poll={poll} />
    </Suspense>
  )
}
