import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { GroupLine, OnRoll, Role } from '../../api/types'
import { named } from '../../base/i18n'
import { useMe } from '../../me'
import { useSchool, useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { FindPeople } from './Find'
import { ROLES } from './model'
import { select } from './PersonFields'

interface Props {
  person: OnRoll
  groups: readonly GroupLine[]
  reread: () => void
}

/** The roles a person holds here, given and ended. */
export function HeldRoles({ person, groups, reread }: Props) {
  const { t } = useTranslation()
  const { keepsPeople, to } = useSchool()
  const me = useMe()
  const [giving, setGiving] = useState(false)
  const [ending, setEnding] = useState<OnRoll['roles'][number] | null>(null)
  return (
    <section className={`${classes.part} ${classes.narrow}`} aria-label={t('roll.roles')}>
      <h2>{t('roll.roles')}</h2>
      {person.roles.length === 0 ? (
        <p className="muted">{t('roll.noRoles')}</p>
      ) : (
        <ul className={classes.list}>
          {person.roles.map((held) => (
            <li key={held.id}>
              <div className={classes.main}>
                <b>{t(`role.one.${held.role}`)}</b>
                {held.child ? (
                  <Link href={to(`people/${held.child}`)} className="sm">
                    {t('roll.theChild')}
                  </Link>
                ) : (
                  <span className="muted sm">{named(held.place)}</span>
                )}
              </div>
              {keepsPeople && person.id !== me.id && (
                <Button size="sm" variant="subtle" onClick={() => setEnding(held)}>
                  {t('roll.endRole')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {keepsPeople && person.active && (
        <div>
          <Button variant="default" onClick={() => setGiving(true)}>
            {t('roll.giveRole')}
          </Button>
        </div>
      )}
      {giving && (
        <GiveRole person={person} groups={groups} close={() => setGiving(false)} done={reread} />
      )}
      {ending && (
        <EndRole person={person} held={ending} close={() => setEnding(null)} done={reread} />
      )}
    </section>
  )
}

interface DialogProps {
  person: OnRoll
  close: () => void
  done: () => void
}

function GiveRole({ person, groups, close, done }: DialogProps & { groups: readonly GroupLine[] }) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const form = useFields({ role: 'teacher', group: '' }, [])
  const [children, setChildren] = useState<ReadonlySet<string>>(new Set())
  const role = form.values.role as Role
  const send = async () => {
    const [child = null] = role === 'parent' ? children : []
    if (role === 'parent' && !child) return
    const group_id = role === 'tutor' && form.values.group ? form.values.group : null
    if (!(await task.run(() => api.giveRole(person.id, { role, group_id, child_id: child })))) return
    done()
    close()
  }
  return (
    <Ask
      title={t('roll.giveRole')}
      close={close}
      task={task}
      submit={t('roll.giveRole')}
      send={() => void send()}
    >
      <NativeSelect
        {...select(form, 'role')}
        label={t('roll.role')}
        data={ROLES.map((one) => ({ value: one, label: t(`role.one.${one}`) }))}
      />
      {role === 'tutor' && (
        <NativeSelect
          {...select(form, 'group')}
          label={t('roll.class')}
          data={[
            { value: '', label: t('roll.wholeSchool') },
            ...groups.map(({ group: { id, name } }) => ({ value: id, label: name })),
          ]}
        />
      )}
      {role === 'parent' && (
        <FindPeople
          legend={t('roll.child')}
          role="learner"
          chosen={children}
          change={setChildren}
          single
        />
      )}
    </Ask>
  )
}

function EndRole({ person, held, close, done }: DialogProps & { held: OnRoll['roles'][number] }) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const send = async () => {
    if (!(await task.run(() => api.endRole(person.id, held.id)))) return
    done()
    close()
  }
  return (
    <Ask
      title={t('roll.endRole')}
      close={close}
      task={task}
      submit={t('roll.endRole')}
      stops
      send={() => void send()}
    >
      <p>{t('roll.endRoleText', { role: t(`role.one.${held.role}`) })}</p>
    </Ask>
  )
}
