import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Problem } from '../../ui/Problem'
import { useWays } from '../login/OtherWays'
import classes from './Locks.module.css'
import { type OfPerson, Shown } from './PaperCode'

type Invited = Awaited<ReturnType<ReturnType<typeof useServices>['api']['invite']>>

/** A link by which somebody comes in for the first time; sent by mail where the server can. */
export function Invite({ person, opened, close }: OfPerson) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened} close={close} title={t('locks.inviteTitle')}>
      {opened && <Body person={person} close={close} />}
    </Dialog>
  )
}

function Body({ person, close }: Omit<OfPerson, 'opened'>) {
  const { t } = useTranslation()
  const { api } = useServices()
  const { mail } = useWays()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const [address, setAddress] = useState('')
  const [invited, setInvited] = useState<Invited | null>(null)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const made = await doing.run(() => api.invite(person.id, address.trim() || null))
    if (made) setInvited(made)
  }
  if (invited) {
    const told = t(invited.mailed ? 'locks.inviteMailed' : 'locks.inviteOnce', { name: person.name })
    return <Shown name={person.name} told={told} paper={invited} link={invited.link} close={close} />
  }
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)} noValidate>
      <p>{t('locks.inviteText', { name: person.name })}</p>
      {mail && (
        <TextInput
          label={t('locks.mailAddress')}
          description={t('locks.inviteMail')}
          type="email"
          autoComplete="off"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
      )}
      {error !== null && <Problem error={error} />}
      <div className={classes.buttons}>
        <Button type="submit" disabled={busy}>
          {t('locks.inviteMake')}
        </Button>
        <Button variant="default" onClick={close}>
          {t('common.cancel')}
        </Button>
      </div>
    </form>
  )
}
