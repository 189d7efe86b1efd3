import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { named } from '../../base/i18n'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { type List, useSchool } from './context'
import classes from './school.module.css'

export const PARTS: readonly { path: string; icon: IconName; name: string }[] = [
  { path: 'people', icon: 'users', name: 'school.people' },
  { path: 'classes', icon: 'graduation-cap', name: 'school.classes' },
  { path: 'courses', icon: 'book-open', name: 'school.courses' },
  { path: 'timetable', icon: 'calendar-days', name: 'school.timetable' },
  { path: 'import', icon: 'upload', name: 'school.import' },
  { path: 'organisation', icon: 'settings', name: 'school.organisation' },
]

interface Props {
  title: string
  /** What stands below the title; by default the organisation's name. */
  second?: ReactNode
  /** The page one level up; by default the first page of the school. */
  back?: { path: string; name: string } | null
  action?: ReactNode
  children: ReactNode
}

/** The frame of the school's pages: its parts as tabs at a desk, the way back on a phone. */
export function Frame({ title, second, back, action, children }: Props) {
  const { t } = useTranslation()
  const { organisation, to } = useSchool()
  const heading = usePage(title)
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <Tabs />
      <header className={classes.top}>
        <div className="grow">
          {back !== null && (
            <Link
              href={to(back?.path ?? '')}
              className={`${classes.back} ${back ? '' : classes.phone}`}
            >
              <Icon name="arrow-left" size={18} />
              {back?.name ?? t('nav.school')}
            </Link>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className="muted sm">{second ?? named(organisation.names)}</p>
        </div>
        {action}
      </header>
      {children}
    </main>
  )
}

export function Tabs() {
  const { t } = useTranslation()
  const { to } = useSchool()
  const [at] = useLocation()
  return (
    <nav className={classes.tabs} aria-label={t('nav.school')}>
      {[{ path: '', name: 'school.start' }, ...PARTS].map(({ path, name }) => {
        const on = path ? at === to(path) || at.startsWith(`${to(path)}/`) : at === to('')
        return (
          <Link
            key={path}
            href={to(path)}
            className={on ? classes.on : ''}
            aria-current={on ? 'page' : undefined}
          >
            {t(name)}
          </Link>
        )
      })}
    </nav>
  )
}

/** A list while it is read, when it could not be, and when it is there. */
export function Shown<T>({ list, children }: { list: List<T>; children: (value: T) => ReactNode }) {
  const { t } = useTranslation()
  if (list.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (list.phase === 'failed') return <Problem error={list.error} retry={list.again} />
  return <>{children(list.value)}</>
}

/** Nothing is here yet: what will be, and the way on. */
export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <h2>{title}</h2>
      <p className="muted">{text}</p>
      {children && <div className={classes.row}>{children}</div>}
    </div>
  )
}
