import type { ReactNode } from 'react'
import { Link } from 'wouter'
import classes from './Doors.module.css'
import { Icon } from './Icon'
import type { IconName } from './icons'

/** Ways to go on, threaded on one line. */
export function Doors({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.doors} aria-label={title}>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  )
}

export function Door(props: { href: string; icon: IconName; name: string; text: string }) {
  return (
    <li>
      <Link href={props.href}>
        <Icon name={props.icon} size={24} />
        <span>
          <b>{props.name}</b>
          <span>{props.text}</span>
        </span>
        <Icon name="chevron-right" />
      </Link>
    </li>
  )
}
