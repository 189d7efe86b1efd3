import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { Icon } from '../../ui/Icon'
import type { BoardSync } from './sync'
import classes from './View.module.css'

/** Whether the server has what is seen here. */
export function Saved({ sync }: { sync: BoardSync }) {
  const { t } = useTranslation()
  const state = useValue(sync.state)
  const mayWrite = useValue(sync.mayWrite)
  const icon = state === 'cut' || state === 'failed' ? 'wifi-off' : mayWrite ? 'check' : 'eye'
  const word = state === 'saved' && !mayWrite ? 'watching' : state
  return (
    <p className={classes.saved} role="status" data-saved={state}>
      <Icon name={icon} size={16} />
      {t(`board.state.${word}`)}
    </p>
  )
}
