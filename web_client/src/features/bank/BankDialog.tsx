import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import { tell } from '../school/tell'
import { bankApi } from './api'
import type { BankView } from './shapes'
import classes from './bank.module.css'

const BESIDE = { bank_unfit: 'title' }

export function NewBank({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [, go] = useLocation()
  const task = useTask()
  const [shared, share] = useState(true)
  const form = useFields({ title: '' }, ['title'], task.error, BESIDE)
  const send = () =>
    form.complete() &&
    task.run(async () => {
      const made = await bankApi(api.http).createBank(form.values.title.trim(), shared)
      close()
      go(`/bank/${made.id}`)
    })
  return (
    <Ask title={t('bank.newBank')} close={close} task={task} submit={t('bank.makeBank')} beside={BESIDE} send={() => void send()}>
      <TextInput {...form.field('title')} label={t('bank.bankTitle')} maxLength={200} data-autofocus />
      <Whose shared={shared} share={share} />
    </Ask>
  )
}

interface ChangeProps {
  bank: BankView
  close: () => void
  done: () => Promise<void>
}

/** A bank is named anew, shared or taken back, closed, and opened again. */
export function ChangeBank({ bank, close, done }: ChangeProps) {
  const { t } = useTranslation()
  const { api } = useServices()
  const me = useMe()
  const task = useTask()
  const [shared, share] = useState(bank.shared)
  const form = useFields({ title: bank.title }, ['title'], task.error, BESIDE)
  const takesBack = !bank.shared || bank.owner_id === me.id
  const send = (archived: boolean, said: string) =>
    form.complete() &&
    task.run(async () => {
      await bankApi(api.http).changeBank(bank.id, { title: form.values.title.trim(), shared, archived })
      await done()
      close()
      tell(t(said))
    })
  return (
    <Ask title={t('bank.changeBank')} close={close} task={task} submit={t('bank.save')} beside={BESIDE} send={() => void send(bank.archived, 'bank.bankKept')}>
      <TextInput {...form.field('title')} label={t('bank.bankTitle')} maxLength={200} data-autofocus />
      {takesBack && <Whose shared={shared} share={share} />}
      <div className={classes.closing}>
        <p className="muted sm">{t(bank.archived ? 'bank.openAgainText' : 'bank.closeBankText')}</p>
        <Button
          variant="default"
          disabled={task.busy}
          onClick={() => void send(!bank.archived, bank.archived ? 'bank.bankOpened' : 'bank.bankClosed')}
        >
          {t(bank.archived ? 'bank.openAgain' : 'bank.closeBank')}
        </Button>
      </div>
    </Ask>
  )
}

function Whose({ shared, share }: { shared: boolean; share: (shared: boolean) => void }) {
  const { t } = useTranslation()
  return (
    <fieldset>
      <legend className="sb-label">{t('bank.whose')}</legend>
      {[true, false].map((one) => (
        <label key={String(one)} className={classes.radio}>
          <input type="radio" name="shared" checked={shared === one} onChange={() => share(one)} />
          <span>
            {t(one ? 'bank.shared' : 'bank.own')}
            <span className="muted sm"> {t(one ? 'bank.sharedText' : 'bank.ownText')}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
