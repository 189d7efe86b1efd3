import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Doing } from '../../base/doing'
import { isRefusal } from '../../base/errors'
import { dayOf, lengthOf, timeOf } from '../../base/format'
import { currentLanguage } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { Loaded } from '../school/loaded'
import { examApi } from './api'
import { Call } from './Call'
import { wayOf } from './list'
import { deviceOf } from './own'
import classes from './Rest.module.css'
import { rulesOf } from './rules'
import type { EntryView } from './shapes'

const IDLE = new Doing().state
const NAMES = { kk: 'Қазақша', ru: 'Русский', en: 'English' }

/** Before it begins: what holds, in plain words, and the way in. */
export default function SitPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded(scope, () => examApi(api.http).entry(id)), [id])
  const heading = usePage(t('nav.exams'))
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      {loaded ? <Body loaded={loaded} heading={heading} /> : <Waiting>{t('app.loading')}</Waiting>}
    </main>
  )
}

interface BodyProps {
  loaded: Loaded<EntryView>
  heading: ReturnType<typeof usePage<HTMLHeadingElement>>
}

function Body({ loaded, heading }: BodyProps) {
  const { t } = useTranslation()
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  return <Rules entry={read.value} heading={heading} again={() => void loaded.read()} />
}

function Rules({ entry, heading, again }: { entry: EntryView; again: () => void } & Pick<BodyProps, 'heading'>) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { api, clock } = useServices()
  const [, go] = useLocation()
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const offered = entry.languages
  const [language, setLanguage] = useState(offered.find((one) => one === currentLanguage()) ?? offered[0] ?? null)
  const way = wayOf(entry, clock.now())
  const at = (moment: string) => `${dayOf(moment, zone)}, ${timeOf(moment, zone)}`
  const start = async (bring = false) => {
    const begun = await doing?.run(() =>
      examApi(api.http).start(entry.id, { device: deviceOf(localStorage), language, bring }),
    )
    if (begun) go(`/sittings/${begun.id}`)
  }
  const elsewhere = isRefusal(state.error, 'other_device')
  return (
    <>
      <header>
        <p className="muted sm">
          {[entry.kind === 'practice' ? t('exam.practice') : t('exam.exam'), entry.seat && t('exam.seat', { seat: entry.seat })]
            .filter(Boolean)
            .join(' · ')}
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {entry.title}
        </h1>
      </header>
      <dl className={classes.facts}>
        <div>
          <dt>{t('exam.factTime')}</dt>
          <dd>{entry.seconds === null ? t('exam.noLimit') : lengthOf(entry.seconds * 1000)}</dd>
        </div>
        <div>
          <dt>{t('exam.factQuestions')}</dt>
          <dd className="num">{entry.questions}</dd>
        </div>
        {entry.attempts > 1 && (
          <div>
            <dt>{t('exam.factAttempt')}</dt>
            <dd className="num">{t('exam.ofAttempts', { used: entry.used, attempts: entry.attempts })}</dd>
          </div>
        )}
        {entry.closes_at && (
          <div>
            <dt>{t('exam.factCloses')}</dt>
            <dd>{at(entry.closes_at)}</dd>
          </div>
        )}
      </dl>
      <section aria-label={t('exam.rules')}>
        <ul className={classes.rules}>
          {rulesOf(entry, t).map(({ icon, text }) => (
            <li key={text}>
              <Icon name={icon as IconName} />
              <span>{text}</span>
            </li>
          ))}
        </ul>
      </section>
      {entry.lesson_id && !entry.refused && <Call lesson={entry.lesson_id} />}
      {entry.refused && (
        <div className="note bad" role="alert">
          <Icon name="circle-alert" />
          <div>
            <p>{t([`error.${entry.refused}`, 'error.unknown'], { why: entry.why })}</p>
            {entry.why && <p>{t('exam.reason', { why: entry.why })}</p>}
          </div>
        </div>
      )}
      {state.error !== null && !elsewhere && <Problem error={state.error} />}
      {elsewhere && (
        <div className="note unseen" role="alert">
          <Icon name="smartphone" />
          <div className="grow">
            <p>{t('exam.rest.elsewhereText')}</p>
            <Button size="sm" mt="xs" onClick={() => void start(true)}>
              {t('exam.rest.bring')}
            </Button>
          </div>
        </div>
      )}
      {(way === 'begin' || way === 'lookAndBegin') && !entry.refused && (
        <>
          {offered.length > 1 && (
            <NativeSelect
              label={t('exam.chooseLanguage')}
              value={language ?? ''}
              onChange={(event) => setLanguage(event.currentTarget.value as typeof language)}
              data={offered.map((one) => ({ value: one, label: NAMES[one] }))}
              maw={320}
            />
          )}
          <div className={classes.pair}>
            <Button loading={state.busy} onClick={() => void start()} data-begin="">
              {t(entry.supervised ? 'exam.checkIn' : 'exam.begin')}
            </Button>
            {entry.seconds !== null && <span className="sm muted">{t('exam.clockBegins')}</span>}
          </div>
        </>
      )}
      {way === 'goOn' && (
        <div>
          <Button component={Link} href={`/sittings/${entry.sitting!.id}`}>
            {t('exam.goOn')}
          </Button>
        </div>
      )}
      {way === 'soon' && entry.opens_at && (
        <div className={classes.pair}>
          <p>{t('exam.opensAt', { at: at(entry.opens_at) })}</p>
          <Button variant="default" onClick={again}>
            {t('common.again')}
          </Button>
        </div>
      )}
      {['closed', 'cancelled', 'missed'].includes(way) && <p>{t(`exam.way.${way}`)}</p>}
      {way === 'look' && (
        <div>
          <Button component={Link} href={`/sittings/${entry.sitting!.id}`} variant="default">
            {t('exam.look')}
          </Button>
        </div>
      )}
    </>
  )
}
