import { useTranslation } from 'react-i18next'
import { dayOf } from '../../base/format'
import { Icon } from '../../ui/Icon'
import { conflictsBeside, conflictsIn } from './model'

const SHOWN = 5

/** What stands in the way; it may be meant so. */
export function Conflicts({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const conflicts = conflictsIn(error)
  const more = Math.max(0, conflicts.length - SHOWN) + conflictsBeside(error)
  if (conflicts.length === 0) return null
  return (
    <div className="note attn" role="alert">
      <Icon name="triangle-alert" />
      <div className="grow">
        <p>{t('timetable.conflict')}</p>
        <ul>
          {conflicts.slice(0, SHOWN).map(({ what, name, day, begins }) => (
            <li key={`${what}${name}${day}${begins}`}>
              {name}: {dayOf(`${day}T00:00Z`, 'UTC')}, <span className="num">{begins}</span>
            </li>
          ))}
        </ul>
        {more > 0 && <p>{t('timetable.conflictMore', { count: more })}</p>}
        <p>{t('timetable.conflictText')}</p>
      </div>
    </div>
  )
}
