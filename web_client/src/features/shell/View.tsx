import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import type { Permission, Role } from '../../api/types'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import { Mark } from '../../ui/Mark'
import { Reminders } from '../reminders/Reminders'
import classes from './View.module.css'

interface Place {
  href: string
  icon: IconName
  name: string
  needs?: Permission[]
  roles?: Role[]
}

const PLACES: readonly Place[] = [
  { href: '/', icon: 'house', name: 'nav.today' },
  {
    href: '/threads',
    icon: 'message-square',
    name: 'nav.threads',
    roles: ['teacher', 'tutor', 'learner'],
  },
  {
    href: '/exams',
    icon: 'clipboard-check',
    name: 'nav.exams',
    needs: ['exam:sit', 'exam:create', 'exam:read', 'exam:watch'],
  },
  { href: '/recordings', icon: 'film', name: 'nav.recordings' },
  {
    href: '/consultations',
    icon: 'calendar-days',
    name: 'nav.consultations',
    roles: ['teacher', 'tutor', 'learner'],
  },
  { href: '/bank', icon: 'notebook', name: 'nav.bank', needs: ['bank:read'] },
  { href: '/learners', icon: 'users', name: 'nav.learners', roles: ['teacher', 'tutor'] },
  {
    href: '/school',
    icon: 'graduation-cap',
    name: 'nav.school',
    needs: ['roll:read', 'plan:read'],
  },
  { href: '/audit', icon: 'history', name: 'nav.audit', needs: ['audit:read'] },
  { href: '/settings', icon: 'settings', name: 'nav.settings' },
]

/** The frame of every page inside: a rail at the side, or tabs below on a phone. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const [path] = useLocation()
  const me = useMe()
  const open = PLACES.filter(
    ({ needs, roles }) =>
      (!needs || needs.some((one) => me.may.includes(one))) &&
      (!roles || me.roles.some(({ role }) => roles.includes(role))),
  )
  const isAt = (href: string) => path === href || (href !== '/' && path.startsWith(`${href}/`))
  return (
    <div className={classes.app}>
      <nav className={classes.nav} aria-label={t('nav.label')}>
        <span className={classes.mark}>
          <Mark word={false} />
        </span>
        {open.map(({ href, icon, name }) => (
          <Link
            key={href}
            href={href}
            className={isAt(href) ? classes.on : ''}
            aria-current={isAt(href) ? 'page' : undefined}
          >
            <Icon name={icon} />
            <span>{t(name)}</span>
          </Link>
        ))}
      </nav>
      {children}
      <Reminders />
    </div>
  )
}
