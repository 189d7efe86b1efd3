import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { examApi } from './api'
import { Band } from './Band'
import classes from './Rest.module.css'
import { Review } from './Review'
import type { MoveView, SittingView } from './shapes'
import type { Sitting } from './sitting'

/** How it ended, who says so and why; whether all that was written arrived; and what is told of it. */
export function Over({ sitting, view }: { sitting: Sitting; view: SittingView }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const { answers } = useValue(sitting.queue.state)
  const { zone, decided } = useValue(sitting.state)
  const [end, setEnd] = useState<MoveView | null>(null)
  useEffect(() => {
    let there = true
    const asked = examApi(api.http).moves(sitting.id)
    asked.then(
      ({ items }) => there && setEnd(endOf(items ?? [])),
      () => undefined,
    )
    return () => {
      there = false
    }
  }, [api, sitting, view.state])
  const how = endWord(view.state, end?.act)
  const heading = usePage(view.exam.title)
  const all = [...answers.values()]
  const waiting = all.filter(({ state }) => state === 'unsent').length
  const late = all.filter(({ state }) => state === 'refused').length
  return (
    <main id="main" className={classes.over} tabIndex={-1} data-sitting="over" data-end={how}>
      <Band sitting={sitting} />
      <p className="muted">{view.exam.title}</p>
      <h1 ref={heading} tabIndex={-1}>
        {t(`exam.over.${how}`)}
      </h1>
      <p role="status">{t(`exam.over.${how}Text`)}</p>
      {end?.why && <p className="note">{t('exam.reason', { why: end.why })}</p>}
      {waiting > 0 && (
        <p className="note unseen" data-waiting={waiting}>
          {t('exam.stillSending', { count: waiting })}
        </p>
      )}
      {late > 0 && (
        <p className="note attn" data-late={late}>
          <Icon name="circle-alert" />
          <span>{t('exam.cameLate', { count: late })}</span>
        </p>
      )}
      <div className={classes.pair}>
        <Button component={Link} href="/exams" variant="default" leftSection={<Icon name="arrow-left" size={18} />}>
          {t('exam.toList')}
        </Button>
      </div>
      <Review sittingId={sitting.id} zone={zone} decided={decided} />
    </main>
  )
}

const ENDS = ['hand_in', 'time_up', 'terminate', 'void', 'accept', 'miss']

function endOf(moves: readonly MoveView[]): MoveView | null {
  return moves.filter(({ act }) => ENDS.includes(act)).at(-1) ?? null
}

export type End = 'handed' | 'timeUp' | 'terminated' | 'voided' | 'missed'

/** How it ended, in one word of the catalogue. */
export function endWord(state: string, act: string | undefined): End {
  if (state === 'voided') return 'voided'
  if (state === 'missed') return 'missed'
  if (state === 'terminated') return 'terminated'
  return act === 'time_up' ? 'timeUp' : 'handed'
}
