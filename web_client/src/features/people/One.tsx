import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GroupLine, OnRoll } from '../../api/types'
import { useMe } from '../../me'
import { Icon } from '../../ui/Icon'
import { Invite } from '../locks/Invite'
import { PaperCode } from '../locks/PaperCode'
import { RemoveFactors } from '../locks/RemoveFactors'
import { useList, useSchool, useTask } from '../school/context'
import { Ask, Form, useFields } from '../school/form'
import { Frame, Shown } from '../school/Frame'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { MoveDialog, SlipsDialog } from './Dialogs'
import { dataOf, formOf, isErased, nameOf, PLACES } from './model'
import { PersonFields } from './PersonFields'
import { HeldRoles } from './Roles'
import { LogInState } from './Rows'
import { TheirData } from './TheirData'

/** One person: who they are, what they hold, where they learn, and how they come in. */
export default function OnePerson({ id }: { id: string }) {
  const { t } = useTranslation()
  const { api, today, year } = useSchool()
  // Looking is written down, so it is read again only after what was done here.
  const one = useList(() => api.person(id), [id])
  const groups = useList(() => api.groups(today, year), [year], ['groups'])
  const person = one.phase === 'ready' ? one.value.person : null
  const reread = () => void one.read()
  return (
    <Frame
      title={person ? nameOf(person) : t('roll.person')}
      second={person && <LogInState person={person} />}
      back={{ path: 'people', name: t('school.people') }}
    >
      <Shown list={one}>
        {({ person, iin }) =>
          isErased(person) ? (
            <p className="muted">{t('personal.erasedText')}</p>
          ) : (
          <>
            <Data person={person} iin={iin} reread={one.read} />
            <Learning
              person={person}
              groups={groups.phase === 'ready' ? groups.value.items : []}
              reread={reread}
            />
            <HeldRoles
              person={person}
              groups={groups.phase === 'ready' ? groups.value.items : []}
              reread={reread}
            />
            <ComingIn person={person} reread={reread} />
            <TheirData person={person} reread={reread} />
          </>
          )
        }
      </Shown>
    </Frame>
  )
}

interface Props {
  person: OnRoll
  reread: () => void
}

function Data({ person, iin, reread }: { person: OnRoll; iin: string | null; reread: () => Promise<void> }) {
  const { t } = useTranslation()
  const { keepsPeople } = useSchool()
  const [round, setRound] = useState(0)
  if (!keepsPeople) {
    return (
      <dl className={classes.facts}>
        <dt>{t('roll.login')}</dt>
        <dd>{person.login}</dd>
        <dt>{t('roll.iin')}</dt>
        <dd className="num">{iin ?? '—'}</dd>
      </dl>
    )
  }
  const reload = async () => {
    await reread()
    setRound(round + 1)
  }
  return <DataForm key={round} person={person} iin={iin} reload={() => void reload()} />
}

function DataForm({ person, iin, reload }: { person: OnRoll; iin: string | null; reload: () => void }) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const [version] = useState(person.version)
  const form = useFields(formOf(person, iin), ['family', 'given'], task.error, PLACES)
  const send = async () => {
    if (!form.complete()) return
    const login = form.values.login.trim()
    const saved = await task.run(() =>
      api.changePerson(person.id, {
        version,
        data: dataOf(form.values),
        login: login && login !== person.login ? login : null,
      }),
    )
    if (!saved) return
    tell(t('school.saved'))
    reload()
  }
  return (
    <section className={classes.narrow} aria-label={t('roll.data')}>
      <Form
        task={task}
        submit={t('school.save')}
        beside={PLACES}
        reload={reload}
        send={() => void send()}
      >
        <PersonFields form={form} isNew={false} />
      </Form>
    </section>
  )
}

function Learning({ person, groups, reread }: Props & { groups: readonly GroupLine[] }) {
  const { t } = useTranslation()
  const { keepsPlan } = useSchool()
  const [asks, setAsks] = useState<{ from: string | null; leaves: boolean } | null>(null)
  const years = new Map(groups.map(({ group: { id } }) => [id, true]))
  return (
    <section className={`${classes.part} ${classes.narrow}`} aria-label={t('roll.learning')}>
      <h2>{t('roll.learning')}</h2>
      {person.groups.length === 0 && <p className="muted">{t('roll.learnsNowhere')}</p>}
      {person.groups.length > 0 && (
        <ul className={classes.list}>
          {person.groups.map(({ id, name }) => (
            <li key={id}>
              <b className="grow">{name}</b>
              {keepsPlan && (
                <>
                  {years.size > 1 && (
                    <Button
                      size="sm"
                      variant="default"
                      onClick={() => setAsks({ from: id, leaves: false })}
                    >
                      {t('roll.moveAction')}
                    </Button>
                  )}
                  <Button
                    size="sm"
                    variant="subtle"
                    onClick={() => setAsks({ from: id, leaves: true })}
                  >
                    {t('roll.leaveAction')}
                  </Button>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {keepsPlan && person.active && groups.length > 0 && (
        <div>
          <Button variant="default" onClick={() => setAsks({ from: null, leaves: false })}>
            {t('roll.enrol')}
          </Button>
        </div>
      )}
      {asks && (
        <MoveDialog
          people={[person]}
          groups={groups}
          from={asks.from}
          leaves={asks.leaves}
          close={() => setAsks(null)}
          done={reread}
        />
      )}
    </section>
  )
}

function ComingIn({ person, reread }: Props) {
  const { t } = useTranslation()
  const { keepsPeople, makesSlips, organisation } = useSchool()
  const [asks, setAsks] = useState<'slips' | 'invite' | 'code' | 'factors' | null>(null)
  const close = () => setAsks(null)
  const who = { id: person.id, name: nameOf(person) }
  const comes = person.active && person.login !== ''
  return (
    <section className={`${classes.part} ${classes.narrow}`} aria-label={t('roll.comingIn')}>
      <h2>{t('roll.comingIn')}</h2>
      <div className={classes.row}>
        {makesSlips && comes && (
          <Button
            variant="default"
            leftSection={<Icon name="printer" size={18} />}
            onClick={() => setAsks('slips')}
          >
            {t('slips.one')}
          </Button>
        )}
        {makesSlips && comes && (
          <Button variant="default" onClick={() => setAsks('invite')}>
            {t('locks.inviteTitle')}
          </Button>
        )}
        {organisation.may.includes('code:make') && comes && (
          <Button variant="default" onClick={() => setAsks('code')}>
            {t('locks.paperTitle')}
          </Button>
        )}
        {organisation.may.includes('lock:manage') && comes && (
          <Button variant="default" onClick={() => setAsks('factors')}>
            {t('locks.removeFactorsTitle')}
          </Button>
        )}
        {keepsPeople && <Removing person={person} reread={reread} />}
      </div>
      {asks === 'slips' && <SlipsDialog people={[person]} close={close} />}
      <Invite person={who} opened={asks === 'invite'} close={close} />
      <PaperCode person={who} opened={asks === 'code'} close={close} />
      <RemoveFactors person={who} opened={asks === 'factors'} close={close} />
    </section>
  )
}

function Removing({ person, reread }: Props) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const me = useMe()
  const task = useTask()
  const [asking, setAsking] = useState(false)
  if (person.id === me.id) return null
  const send = async () => {
    const done = await task.run(() =>
      person.active ? api.removePerson(person.id) : api.bringBack(person.id),
    )
    if (!done) return
    setAsking(false)
    reread()
  }
  const word = person.active ? 'remove' : 'bringBack'
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t(`roll.${word}`)}
      </Button>
      {asking && (
        <Ask
          title={t(`roll.${word}`)}
          close={() => setAsking(false)}
          task={task}
          submit={t(`roll.${word}`)}
          stops={person.active}
          send={() => void send()}
        >
          <p>
            <b>{nameOf(person)}</b>
          </p>
          <p>{t(`roll.${word}Text`)}</p>
        </Ask>
      )}
    </>
  )
}
