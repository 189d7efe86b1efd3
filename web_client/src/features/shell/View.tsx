import { type ReactNode, useEffect, useState } from 'react'
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
  const isPhone = useIsPhone()
  const [more, setMore] = useState(false)
  useEffect(() => setMore(false), [path, isPhone])
  const isAt = (href: string) => path === href || (href !== '/' && path.startsWith(`${href}/`))
  const [first, rest] = isPhone ? split(open, isAt) : [open, []]
  const link = ({ href, icon, name }: Place) => (
    <Link
      key={href}
      href={href}
      className={isAt(href) ? classes.on : ''}
      aria-current={isAt(href) ? 'page' : undefined}
    >
      <Icon name={icon} />
      <span>{t(name)}</span>
    </Link>
  )
  return (
    <div className={classes.app}>
      <nav
        className={classes.nav}
        aria-label={t('nav.label')}
        onKeyDown={(event) => event.key === 'Escape' && setMore(false)}
      >
        <span className={classes.mark}>
          <Mark word={false} />
        </span>
        {first.map(link)}
        {rest.length > 0 && (
          <button
            type="button"
            aria-expanded={more}
            onClick={() => setMore(!more)}
          >
            <Icon name="ellipsis" />
            <span>{t('nav.more')}</span>
          </button>
        )}
        {more && <div className={classes.rest}>{rest.map(link)}</div>}
      </nav>
      {children}
      <Reminders />
    </div>
  )
}

/** More do not fit below a narrow page: the last of them holds the others. */
const ON_PHONE = 5

/** What stands below a narrow page, with the place where one is; and what waits behind the last. */
function split(open: Place[], isAt: (href: string) => boolean): [Place[], Place[]] {
  if (open.length <= ON_PHONE) return [open, []]
  const first = open.slice(0, ON_PHONE - 1)
  const here = open.find((one) => isAt(one.href))
  if (here && !first.includes(here)) first[first.length - 1] = here
  return [first, open.filter((one) => !first.includes(one))]
}

const NARROW = '(max-width: 47.5em)'

function useIsPhone(): boolean {
  const [is, set] = useState(() => matchMedia(NARROW).matches)
  useEffect(() => {
    const query = matchMedia(NARROW)
    const changed = () => set(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return is
}
