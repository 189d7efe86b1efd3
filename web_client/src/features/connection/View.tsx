import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Thread, type ThreadState } from '../../ui/Thread'
import {
  CHECKS,
  type Check,
  ConnectionCheck,
  type Need,
  type Outcome,
  type Verdict,
} from './model'
import classes from './View.module.css'

/** Which ways lead from here to the server, in plain words, and what to ask the network's owner for. */
export default function ConnectionPage() {
  const { t } = useTranslation()
  const heading = usePage(t('connection.title'))
  const { api, clock } = useServices()
  const check = useModel(
    (scope) => {
      const made = new ConnectionCheck(scope, clock, api)
      void made.run()
      return made
    },
    [api],
  )
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {t('connection.title')}
        </h1>
        <p className="muted">{t('connection.text')}</p>
      </header>
      {check && <Results check={check} />}
    </main>
  )
}

const THREAD: Record<Verdict, ThreadState> = { good: 'whole', detour: 'weak', none: 'cut' }

function Results({ check }: { check: ConnectionCheck }) {
  const { t } = useTranslation()
  const { outcomes, verdict, needs, error } = useValue(check.state)
  return (
    <>
      <ul className={classes.checks}>
        {CHECKS.map((each) => (
          <Line key={each} check={each} outcome={outcomes[each]} />
        ))}
      </ul>
      <div role="status" data-verdict={verdict ?? ''}>
        {verdict ? (
          <Thread state={THREAD[verdict]}>{t(`connection.verdict.${verdict}`)}</Thread>
        ) : (
          error === null && t('connection.running')
        )}
      </div>
      {error !== null && <Problem error={error} />}
      {(verdict !== null || error !== null) && (
        <Button variant="default" onClick={() => void check.run()}>
          {t('common.again')}
        </Button>
      )}
      {verdict !== null && <Owner needs={needs} />}
    </>
  )
}

const SIGN: Record<Outcome, IconName> = {
  waiting: 'clock',
  trying: 'clock',
  works: 'check',
  blocked: 'x',
  absent: 'info',
}

function Line({ check, outcome }: { check: Check; outcome: Outcome }) {
  const { t } = useTranslation()
  return (
    <li data-check={check} data-outcome={outcome}>
      <Icon name={SIGN[outcome]} />
      <div>
        <p>
          {t(`connection.check.${check}`)}: <b>{t(`connection.outcome.${outcome}`)}</b>
        </p>
        {(outcome === 'blocked' || outcome === 'absent') && (
          <p className="muted sm">{t(`connection.why.${check}`)}</p>
        )}
      </div>
    </li>
  )
}

/** What somebody who may change the network has to know. */
function Owner({ needs }: { needs: readonly Need[] }) {
  const { t } = useTranslation()
  const text = letter(t, needs)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      notifications.show({ message: t('connection.copied') })
    } catch {
      notifications.show({ message: t('connection.copyYourself') })
    }
  }
  return (
    <section className={classes.owner}>
      <h2>{t('connection.owner')}</h2>
      <p className="muted">{t('connection.ownerText')}</p>
      <pre className={classes.letter}>{text}</pre>
      <Button
        variant="default"
        leftSection={<Icon name="copy" size={18} />}
        onClick={() => void copy()}
      >
        {t('connection.copy')}
      </Button>
    </section>
  )
}

function letter(t: TFunction, needs: readonly Need[]): string {
  const lines = needs.map(({ use, protocol, host, port }) =>
    t('connection.need', { use: t(`connection.use.${use}`), protocol, host, port }),
  )
  return [t('connection.please'), ...lines.map((line) => `• ${line}`), t('connection.only')].join('\n')
}
