import { Button } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExamView } from '../../../api/exams'
import { dayOf, timeOf } from '../../../base/format'
import { useMe } from '../../../me'
import { useServices } from '../../../services'
import { Icon } from '../../../ui/Icon'
import type { Draft } from '../draft'
import classes from '../exams.module.css'
import { changedIn, KeptDraft, type Left, type PartOfForm } from './kept'

/** A draft that outlives its page, until it is saved. */
export interface Keeping {
  draft: Draft
  setDraft: (how: (before: Draft) => Draft) => void
  /** What was found here when the page opened; null where there was nothing, or it was decided upon. */
  left: Left | null
  /** Somebody else saved the test since: which of the two goes on is to be chosen. */
  offered: boolean
  /** Taken, though somebody else saved since. */
  over: boolean
  take: () => void
  drop: () => void
  /** `sent` was saved as `made`: what was written since then stays. */
  saved: (sent: Draft, made: ExamView) => void
}

export function useKept(initial: Draft, exam: ExamView | undefined, readOnly: boolean): Keeping {
  const { id: me } = useMe()
  const { clock } = useServices()
  const of = (id: string | null) => new KeptDraft(localStorage, me, id, () => clock.now())
  const here = useMemo(() => of(exam?.id ?? null), [me, exam?.id])
  const version = exam?.version ?? 0
  const [left, setLeft] = useState(() => (readOnly ? null : here.read(initial)))
  const [over, setOver] = useState(false)
  const offered = left !== null && left.version !== version && !over
  const [draft, setDraft] = useState(() => (left && !offered ? left.draft : initial))
  const latest = useRef(draft)
  latest.current = draft
  useEffect(() => {
    if (readOnly || offered || draft === initial) return
    if (changedIn(draft, initial).length > 0) here.keep(draft, version)
    else here.forget()
  }, [draft, over])
  return {
    draft,
    setDraft,
    left,
    offered,
    over,
    take() {
      setOver(true)
      if (left) setDraft(left.draft)
    },
    drop() {
      here.forget()
      setLeft(null)
      setDraft(initial)
    },
    saved(sent, made) {
      here.forget()
      if (latest.current !== sent) of(made.id).keep(latest.current, made.version)
    },
  }
}

const NAMES: Readonly<Record<PartOfForm, string>> = {
  title: 'exams.name',
  questions: 'exams.questions',
  time: 'exams.time',
  who: 'exams.who',
  rules: 'exams.rules',
}

/** What this browser kept of earlier work, and what may be done with it. */
export function Found({ keeping, initial }: { keeping: Keeping; initial: Draft }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { left, offered, over, take, drop } = keeping
  if (!left) return null
  const at = `${dayOf(left.at, zone)}, ${timeOf(left.at, zone)}`
  const parts = changedIn(left.draft, initial).map((part) => t(NAMES[part]).toLocaleLowerCase()).join(', ')
  return (
    <div className={`note ${offered ? 'attn' : ''}`} role="status" data-kept={offered ? 'offered' : 'restored'}>
      <Icon name={offered ? 'triangle-alert' : 'rotate-ccw'} />
      <div className={classes.lacks}>
        <p>
          {offered ? t('exams.changedMeanwhile', { at, parts }) : t('exams.restored', { at })}
          {over && ` ${t('exams.overTheirs')}`}
        </p>
        <div className={classes.row}>
          {offered && (
            <Button type="button" size="sm" onClick={take}>
              {t('exams.takeMine')}
            </Button>
          )}
          <Button type="button" size="sm" variant="default" onClick={drop}>
            {t(offered || over ? 'exams.takeTheirs' : 'exams.dropMine')}
          </Button>
        </div>
      </div>
    </div>
  )
}
