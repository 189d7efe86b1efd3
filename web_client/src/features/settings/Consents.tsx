import { useTranslation } from 'react-i18next'
import type { ConsentView } from '../../api/types'
import { Doing } from '../../base/doing'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import { Loaded } from '../school/loaded'
import classes from './View.module.css'

type List = { items: ConsentView[] }
const IDLE = new Doing().state

/** Whether one may be recorded in lessons, and one's children, for whom a guardian says it once. */
export function ConsentsPart() {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded<List>(scope, () => api.consents()), [api])
  return (
    <section className={classes.part}>
      <h2>{t('consents.title')}</h2>
      <p className="muted">{t('consents.text')}</p>
      {loaded && <Body loaded={loaded} />}
    </section>
  )
}

function Body({ loaded }: { loaded: Loaded<List> }) {
  const read = useValue(loaded.state)
  if (read.phase === 'loading') return null
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  return (
    <>
      {read.value.items.map((one) => (
        <One key={one.person_id} one={one} changed={() => loaded.read()} />
      ))}
    </>
  )
}

function One({ one, changed }: { one: ConsentView; changed: () => Promise<void> }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const said = one.mine ? one.agrees : one.guardian_agrees
  const name = one.mine ? t('consents.me') : one.name
  const say = (agrees: boolean) =>
    void doing?.run(() => api.consent(one.person_id, agrees)).then(() => changed())
  return (
    <div data-consent={one.mine ? 'mine' : one.person_id}>
      <p>
        <b>{name}</b> · {t(said === null ? 'consents.unsaid' : said ? 'consents.agreed' : 'consents.refused')}
        {one.mine && one.minor && !one.guardian_agrees && <> · {t('consents.guardianNeeded')}</>}
      </p>
      {state.error !== null && <Problem error={state.error} />}
      <div className="seg" role="group" aria-label={name}>
        <button type="button" aria-pressed={said === true} disabled={state.busy} onClick={() => say(true)}>
          {t('consents.agree')}
        </button>
        <button type="button" aria-pressed={said === false} disabled={state.busy} onClick={() => say(false)}>
          {t('consents.refuse')}
        </button>
      </div>
    </div>
  )
}
