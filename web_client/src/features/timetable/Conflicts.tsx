import { useTranslation } from 'react-i18next'
import { dayOf } from '../../base/format'
import { Icon } from '../../ui/Icon'
import type { Conflict } from './model'

const SHOWN = 5

/** What stands in the way; it may be meant so. */
export function Conflicts({ conflicts }: { conflicts: readonly Conflict[] }) {
  const { t } = useTranslation()
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
        {conflicts.length > SHOWN && (
          <p>{t('timetable.conflictMore', { count: conflicts.length - SHOWN })}</p>
        )}
        <p>{t('timetable.conflictText')}</p>
      </div>
    </div>
  )
}
