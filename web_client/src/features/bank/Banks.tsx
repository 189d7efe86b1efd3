import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Empty } from '../school/Frame'
import { Loaded } from '../school/loaded'
import { bankApi } from './api'
import { NewBank } from './BankDialog'
import type { BankView } from './shapes'
import classes from './bank.module.css'

/** `/bank`: the banks that one may read. */
export default function Banks() {
  const { t } = useTranslation()
  const { api } = useServices()
  const me = useMe()
  const heading = usePage(t('bank.title'))
  const [making, setMaking] = useState(false)
  const loaded = useModel((scope) => new Loaded<{ items: BankView[] }>(scope, () => bankApi(api.http).banks(true)), [api])
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
  const open = read.value.items.filter(({ archived }) => !archived)
  const closed = read.value.items.filter(({ archived }) => archived)
  return (
    <>
      {open.length === 0 && <Empty title={t('bank.noBanks')} text={t('bank.noBanksText')} />}
      {open.length > 0 && <List banks={open} label={t('bank.title')} />}
      {closed.length > 0 && (
        <details className={classes.folded}>
          <summary>
            <Icon name="chevron-right" size={18} />
            {t('bank.closedBanks', { count: closed.length })}
          </summary>
          <List banks={closed} label={t('bank.closedBanks', { count: closed.length })} />
        </details>
      )}
    </>
  )
}

function List({ banks, label }: { banks: readonly BankView[]; label: string }) {
  const { t } = useTranslation()
  return (
    <ul className={classes.list} aria-label={label}>
      {banks.map((one) => (
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
