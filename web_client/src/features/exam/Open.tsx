import { useTranslation } from 'react-i18next'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Loaded } from '../school/loaded'
import { examApi } from './api'
import { Line } from './List'
import { isOpen } from './list'
import classes from './Rest.module.css'
import type { ExamRow } from './shapes'

/** Tests that the reader may begin or go on with now; nothing where there are none. */
export default function OpenExams() {
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded(scope, () => examApi(api.http).exams()), [api])
  return loaded && <Body loaded={loaded} />
}

function Body({ loaded }: { loaded: Loaded<{ items: ExamRow[] }> }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const read = useValue(loaded.state)
  const open = read.phase === 'ready' ? read.value.items.filter((row) => isOpen(row, clock.now())) : []
  if (open.length === 0) return null
  return (
    <section aria-labelledby="open-exams">
      <h2 id="open-exams">{t('exam.openNow')}</h2>
      <ul className={classes.lines}>
        {open.map((row) => (
          <Line key={row.id} row={row} />
        ))}
      </ul>
    </section>
  )
}
