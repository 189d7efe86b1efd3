import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import { Empty } from '../school/Frame'
import { Loaded } from '../school/loaded'
import { bankApi } from './api'
import type { BankView } from './shapes'
import classes from './bank.module.css'

/** `/bank`: the banks that one may read. */
export default function Banks() {
  const { t } = useTranslation()
  const { api } = useServices()
  const me = useMe()
  const heading = usePage(t('bank.title'))
  const [making, setMaking] = useState(false)
  const loaded = useModel((scope) => new Loaded<{ items: BankView[] }>(scope, () => bankApi(api.http).banks()), [api])
  const writes = me.may.includes('bank:write')
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <div className="grow">
          <h1 ref={heading} tabIndex={-1}>
            {t('bank.title')}
          </h1>
          <p className="muted">{t('bank.text')}</p>
        </div>
        {writes && (
          <Button leftSection={<Icon name="plus" size={18} />} onClick={() => setMaking(true)}>
            {t('bank.newBank')}
          </Button>
        )}
      </header>
      {loaded && <Body loaded={loaded} />}
      {making && <NewBank close={() => setMaking(false)} />}
    </main>
  )
}

function Body({ loaded }: { loaded: Loaded<{ items: BankView[] }> }) {
  const { t } = useTranslation()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  const { items } = read.value
  if (items.length === 0) return <Empty title={t('bank.noBanks')} text={t('bank.noBanksText')} />
  return (
    <ul className={classes.list} aria-label={t('bank.title')}>
      {items.map((one) => (
        <li key={one.id} data-bank={one.id}>
          <Icon name="notebook" />
          <div className={classes.main}>
            <Link href={`/bank/${one.id}`} className={classes.name}>
              {one.title}
            </Link>
            <span className="muted sm">
              {one.shared ? t('bank.shared') : t('bank.own')}
              {one.owner && ` · ${one.owner}`}
            </span>
          </div>
          <span className="muted sm num">{t('bank.countOf', { count: one.items })}</span>
        </li>
      ))}
    </ul>
  )
}

function NewBank({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [, go] = useLocation()
  const task = useTask()
  const [shared, share] = useState(true)
  const form = useFields({ title: '' }, ['title'], task.error, { bank_unfit: 'title' })
  const send = () =>
    form.complete() &&
    task.run(async () => {
      const made = await bankApi(api.http).createBank(form.values.title.trim(), shared)
      close()
      go(`/bank/${made.id}`)
    })
  return (
    <Ask title={t('bank.newBank')} close={close} task={task} submit={t('bank.makeBank')} beside={{ bank_unfit: 'title' }} send={() => void send()}>
      <TextInput {...form.field('title')} label={t('bank.bankTitle')} maxLength={200} data-autofocus />
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
    </Ask>
  )
}
