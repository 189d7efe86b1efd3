import { Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PushRule as Rule } from '../../api/types'
import { Doing } from '../../base/doing'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import { Loaded } from '../school/loaded'
import classes from '../school/school.module.css'

const IDLE = new Doing().state

/** Whether an organisation's people may be woken through the services of browsers' makers: its administrator says. */
export function PushRule({ organisation }: { organisation: string }) {
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded<Rule>(scope, () => api.pushRule(organisation)), [api, organisation])
  return loaded && <Body loaded={loaded} organisation={organisation} />
}

function Body({ loaded, organisation }: { loaded: Loaded<Rule>; organisation: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const read = useValue(loaded.state)
  const doing = useModel(() => new Doing(), [])
  const { busy, error } = useValue(doing?.state ?? IDLE)
  if (read.phase === 'loading') return null
  const choose = (push: boolean) =>
    void doing?.run(() => api.setPushRule(organisation, push)).then(() => loaded.read())
  return (
    <section className={`${classes.part} ${classes.narrow}`} aria-labelledby="push-rule" data-part="push-rule">
      <h2 id="push-rule">{t('pushRule.title')}</h2>
      {read.phase === 'failed' ? (
        <Problem error={read.error} retry={() => loaded.again()} />
      ) : (
        <>
          <p>{t('pushRule.text')}</p>
          <p className="muted">{t('pushRule.services', { services: read.value.services.join(', ') })}</p>
          {!read.value.possible && <p role="note">{t('pushRule.impossible')}</p>}
          {error !== null && <Problem error={error} />}
          <Switch
            checked={read.value.push}
            disabled={busy || (!read.value.possible && !read.value.push)}
            label={t('pushRule.on')}
            description={t('pushRule.onText')}
            onChange={(event) => choose(event.currentTarget.checked)}
          />
        </>
      )}
    </section>
  )
}
