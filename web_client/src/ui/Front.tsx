import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { named } from '../base/i18n'
import type { Names } from '../api/types'
import classes from './Front.module.css'
import { LanguageSwitch } from './LanguageSwitch'
import { Mark } from './Mark'

/** The frame of the pages that need no log-in. */
export function Front(props: {
  organisation?: Names | null
  version?: string
  children: ReactNode
}) {
  useTranslation()
  return (
    <div className={classes.paper}>
      <div className={classes.front}>
        <header className={classes.top}>
          <Mark />
          {props.organisation && (
            <span className={`sm muted ${classes.school}`}>{named(props.organisation)}</span>
          )}
          <span className={classes.end}>
            <LanguageSwitch />
          </span>
        </header>
        {props.children}
        {props.version && (
          <footer className={`sm muted ${classes.foot}`}>
            <span className={`num ${classes.end}`}>Sabaq {props.version}</span>
          </footer>
        )}
      </div>
    </div>
  )
}
