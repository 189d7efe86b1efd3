import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { OnRoll } from '../../api/types'
import { useSchool } from '../school/context'
import { toggled } from '../school/form'
import classes from '../school/school.module.css'
import { isErased, nameOf } from './model'

interface Props {
  people: readonly OnRoll[]
  chosen: ReadonlySet<string>
  /** Without it nobody can be ticked. */
  choose?: (chosen: ReadonlySet<string>) => void
  label: string
}

/** People as lines: name, class, roles, login, and whether they can log in. */
export function Rows({ people, chosen, choose, label }: Props) {
  const { t } = useTranslation()
  const { to } = useSchool()
  const all = people.length > 0 && people.every(({ id }) => chosen.has(id))
  return (
    <ul className={classes.list} aria-label={label}>
      {choose && (
        <li className="sm">
          <label className={classes.box}>
            <input
              type="checkbox"
              checked={all}
              aria-label={t('roll.chooseAll')}
              onChange={() => choose(new Set(all ? [] : people.map(({ id }) => id)))}
            />
          </label>
          <span className="muted">{t('roll.chooseAll')}</span>
        </li>
      )}
      {people.map((person) => (
        <li key={person.id} data-person={person.login}>
          {choose && (
            <label className={classes.box}>
              <input
                type="checkbox"
                checked={chosen.has(person.id)}
                aria-label={nameOf(person)}
                onChange={() => choose(toggled(chosen, person.id))}
              />
            </label>
          )}
          <div className={classes.person}>
            <Link href={to(`people/${person.id}`)} className={classes.name}>
              {nameOf(person)}
            </Link>
            <span className="sm">{person.groups.map(({ name }) => name).join(', ')}</span>
            <span className="sm muted">{rolesOf(person, t)}</span>
            <span className="sm muted num">{person.login}</span>
            <LogInState person={person} />
          </div>
        </li>
      ))}
    </ul>
  )
}

const SIGN: Record<string, string> = { none: 'st', slip: 'st', own: 'st ok' }

export function LogInState({ person }: { person: OnRoll }) {
  const { t } = useTranslation()
  if (isErased(person)) return <span className="st">{t('personal.erasedState')}</span>
  if (!person.active) return <span className="st">{t('roll.removed')}</span>
  return <span className={SIGN[person.log_in]}>{t(`roll.logIn.${person.log_in}`)}</span>
}

function rolesOf(person: OnRoll, t: (key: string) => string): string {
  return [...new Set(person.roles.map(({ role }) => t(`role.one.${role}`)))].join(', ')
}
