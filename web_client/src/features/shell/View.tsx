import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import { Mark } from '../../ui/Mark'
import classes from './View.module.css'

const PLACES: readonly { href: string; icon: IconName; name: string }[] = [
  { href: '/', icon: 'house', name: 'nav.today' },
  { href: '/settings', icon: 'settings', name: 'nav.settings' },
]

/** The frame of every page inside: a rail at the side, or tabs below on a phone. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const [path] = useLocation()
  return (
    <div className={classes.app}>
      <nav className={classes.nav} aria-label={t('nav.label')}>
        <span className={classes.mark}>
          <Mark word={false} />
        </span>
        {PLACES.map(({ href, icon, name }) => (
          <Link
            key={href}
            href={href}
            className={path === href ? classes.on : ''}
            aria-current={path === href ? 'page' : undefined}
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
