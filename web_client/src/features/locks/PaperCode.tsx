import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PaperCode as Paper } from '../../api/types'
import { Doing } from '../../base/doing'
import { dayOf, timeOf } from '../../base/format'
import { useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { useFocus } from '../../ui/focus'
import { Printed } from '../../ui/Printed'
import { Problem } from '../../ui/Problem'
import { TakeAway } from './Codes'
import classes from './Locks.module.css'

export interface OfPerson {
  person: { id: string; name: string }
  opened: boolean
  close: () => void
}

/** A code for somebody who forgot the password: made, shown once, handed over on paper. */
export function PaperCode({ person, opened, close }: OfPerson) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened} close={close} title={t('locks.paperTitle')}>
      {opened && <Body person={person} close={close} />}
    </Dialog>
  )
}

function Body({ person, close }: Omit<OfPerson, 'opened'>) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const [paper, setPaper] = useState<Paper | null>(null)
  const make = async () => {
    const made = await doing.run(() => api.makePaperCode(person.id))
    if (made) setPaper(made)
  }
  if (paper) {
    const told = t('locks.paperOnce', { name: person.name })
    return <Shown name={person.name} told={told} paper={paper} close={close} />
  }
  return (
    <div className={classes.form}>
      <p>{t('locks.paperText', { name: person.name })}</p>
      {error !== null && <Problem error={error} />}
      <div className={classes.buttons}>
        <Button disabled={busy} onClick={() => void make()}>
          {t('locks.paperMake')}
        </Button>
        <Button variant="default" onClick={close}>
          {t('common.cancel')}
        </Button>
      </div>
    </div>
  )
}

interface ShownProps {
  name: string
  told: string
  paper: Paper
  /** Leads to the page with login and code filled in. */
  link?: string
  close: () => void
}

/** The only time that a code is seen, with ways to take it along. */
export function Shown({ name, told, paper, link, close }: ShownProps) {
  const { t } = useTranslation()
  const here = useFocus()
  const page = `${location.host}/log-in/code`
  const slip = <Slip paper={paper} page={page} />
  return (
    <div ref={here} tabIndex={-1} className={`${classes.form} ${classes.step}`}>
      <p>{told}</p>
      {slip}
      <TakeAway text={link ?? `${page}\n${paper.login}\n${paper.code}`} />
      <Button onClick={close}>{t('locks.paperDone')}</Button>
      <Printed title={name}>{slip}</Printed>
    </div>
  )
}

function Slip({ paper, page }: { paper: Paper; page: string }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const until = `${dayOf(paper.expires, zone)}, ${timeOf(paper.expires, zone)}`
  return (
    <dl className={classes.paper}>
      <div>
        <dt>{t('locks.paperPage')}</dt>
        <dd>{page}</dd>
      </div>
      <div>
        <dt>{t('login.login')}</dt>
        <dd data-login={paper.login}>{paper.login}</dd>
      </div>
      <div>
        <dt>{t('login.givenCode')}</dt>
        <dd className={classes.code} data-code={paper.code}>
          {paper.code}
        </dd>
      </div>
      <div>
        <dt>{t('locks.paperUntil')}</dt>
        <dd>{until}</dd>
      </div>
    </dl>
  )
}
