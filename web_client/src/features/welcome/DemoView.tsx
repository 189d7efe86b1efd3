import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { initialsOf } from '../../base/format'
import { named } from '../../base/i18n'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Front } from '../../ui/Front'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { DemoModel, type RoleGroup } from './model'
import classes from './View.module.css'

const FIRST = 6

export default function Demo() {
  const { t } = useTranslation()
  const { api, entrance } = useServices()
  const [, go] = useLocation()
  const [model] = useState(() => new DemoModel(api, entrance))
  const school = useValue(model.school)
  const heading = usePage(t('demo.title'))
  const enter = async (login: string) => {
    if (await model.enter(login)) go('/')
  }
  return (
    <Front>
      <main id="main" className={classes.people} tabIndex={-1}>
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {t('demo.title')}
          </h1>
          <p className="muted">{t('demo.text')}</p>
        </header>
        {school.phase === 'opening' && <Waiting>{t('demo.opening')}</Waiting>}
        {school.phase === 'failed' && (
          <>
            <Problem error={school.error} retry={() => void model.open()} />
            <Link href="/log-in" className="tap">
              {t('common.toLogIn')}
            </Link>
          </>
        )}
        {school.phase === 'open' && school.error !== null && <Problem error={school.error} />}
        {school.phase === 'open' && (
          <div className={classes.groups}>
            {school.groups.map((group) => (
              <People
                key={group.role}
                group={group}
                entering={school.entering}
                enter={(login) => void enter(login)}
              />
            ))}
          </div>
        )}
      </main>
    </Front>
  )
}

function People(props: {
  group: RoleGroup
  entering: string | null
  enter: (login: string) => void
}) {
  const { t } = useTranslation()
  const [all, setAll] = useState(false)
  const { role, people } = props.group
  const shown = all ? people : people.slice(0, FIRST)
  return (
    <section className={people.length > 1 ? classes.many : undefined}>
      <h2>{t([`role.${role}`, 'role.other'])}</h2>
      <ul className={classes.cards}>
        {shown.map((person) => (
          <li key={person.login}>
            <button
              type="button"
              className={classes.person}
              disabled={props.entering !== null}
              onClick={() => props.enter(person.login)}
              data-login={person.login}
            >
              <span className="av" aria-hidden="true">
                {initialsOf(person.name)}
              </span>
              <span>
                <b>{person.name}</b>
                <span className="sm muted">{named(person.place)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown.length < people.length && (
        <Button variant="subtle" className={classes.more} onClick={() => setAll(true)}>
          {t('demo.more', { count: people.length - shown.length })}
        </Button>
      )}
    </section>
  )
}
