import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GroupLine, OnRoll } from '../../api/types'
import { useSchool } from '../school/context'
import classes from '../school/school.module.css'
import { MoveDialog, SlipsDialog } from './Dialogs'
import { sharedClass } from './model'

interface Props {
  people: readonly OnRoll[]
  groups: readonly GroupLine[]
  done: () => void
}

/** What can be done with those who are ticked. */
export function Chosen({ people, groups, done }: Props) {
  const { t } = useTranslation()
  const { keepsPlan, makesSlips } = useSchool()
  const [asks, setAsks] = useState<'enrol' | 'move' | 'leave' | 'slips' | null>(null)
  const from = sharedClass(people)
  if (people.length === 0) return null
  const close = () => setAsks(null)
  const way = { people, groups, close, done }
  return (
    <div className={classes.bar} role="region" aria-label={t('roll.withChosen')}>
      <b role="status">{t('roll.chosen', { count: people.length })}</b>
      {keepsPlan && from && (
        <>
          <Button size="sm" variant="default" onClick={() => setAsks('move')}>
            {t('roll.moveAction')}
          </Button>
          <Button size="sm" variant="default" onClick={() => setAsks('leave')}>
            {t('roll.leaveAction')}
          </Button>
        </>
      )}
      {keepsPlan && !from && (
        <Button size="sm" variant="default" onClick={() => setAsks('enrol')}>
          {t('roll.enrolAction')}
        </Button>
      )}
      {makesSlips && (
        <Button size="sm" variant="default" onClick={() => setAsks('slips')}>
          {t('slips.make')}
        </Button>
      )}
      {asks === 'enrol' && <MoveDialog {...way} />}
      {asks === 'move' && <MoveDialog {...way} from={from} />}
      {asks === 'leave' && <MoveDialog {...way} from={from} leaves />}
      {asks === 'slips' && <SlipsDialog {...way} />}
    </div>
  )
}
