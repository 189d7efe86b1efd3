import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import type { Permission } from '../../api/types'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import { Mark } from '../../ui/Mark'
import classes from './View.module.css'

const PLACES: readonly { href: string; icon: IconName; name: string; needs?: Permission[] }[] = [
  { href: '/', icon: 'house', name: 'nav.today' },
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
  const open = PLACES.filter(({ needs }) => !needs || needs.some((one) => me.may.includes(one)))
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
    </div>
  )
}
