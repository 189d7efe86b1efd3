import { Button, NativeSelect, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { MyReminders, ReminderWish } from '../../api/types'
import { Doing } from '../../base/doing'
import { currentLanguage } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { Cell } from '../../base/value'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import { Loaded, type Reading } from '../school/loaded'
import classes from '../settings/View.module.css'
import { WakingRefused, windowWaking } from './push'

const MINUTES = [5, 10, 15, 30] as const
const NIGHT = { quiet_from: '22:00', quiet_to: '07:00' }
const IDLE = new Doing().state
const LOOKING = new Cell<Reading<Address>>({ phase: 'loading' })

type Address = { at: string | null }

/** How one is reminded: in the page, by letter, by a push of this browser; how early, and when not. */
export function RemindersPart() {
  const { t } = useTranslation()
  const { api } = useServices()
  const loaded = useModel((scope) => new Loaded<MyReminders>(scope, () => api.reminders()), [api])
  return (
    <section className={classes.part} data-part="reminders">
      <h2>{t('reminders.title')}</h2>
      <p className="muted">{t('reminders.text')}</p>
      {loaded && <Body loaded={loaded} />}
    </section>
  )
}

function Body({ loaded }: { loaded: Loaded<MyReminders> }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const read = useValue(loaded.state)
  const doing = useModel(() => new Doing(), [])
  const { busy, error } = useValue(doing?.state ?? IDLE)
  const [said, setSaid] = useState<MyReminders | null>(null)
  if (read.phase === 'loading') return null
  if (read.phase === 'failed') return <Problem error={read.error} retry={() => loaded.again()} />
  const { wish, letters, push_key, zone } = said ?? read.value
  const change = (part: Partial<ReminderWish>) =>
    void doing?.run(() => api.setReminders({ ...wish, ...part })).then((kept) => kept && setSaid(kept))
  const quiet = wish.quiet_from !== ''
  return (
    <>
      {error !== null && <Problem error={error} />}
      <Switch
        checked={wish.page}
        disabled={busy}
        label={t('reminders.page')}
        description={t('reminders.pageText')}
        onChange={(event) => change({ page: event.currentTarget.checked })}
      />
      {letters !== 'off' && (
        <Switch
          checked={wish.letter}
          disabled={busy || (letters === 'address_missing' && !wish.letter)}
          label={t('reminders.letter')}
          description={t('reminders.letterText')}
          onChange={(event) => change({ letter: event.currentTarget.checked })}
        />
      )}
      {letters === 'address_missing' && (
        <Link href="/settings/locks" className="tap">
          {t('reminders.addAddress')}
        </Link>
      )}
      <Browser pushKey={push_key} />
      <NativeSelect
        label={t('reminders.minutes')}
        value={String(wish.minutes)}
        disabled={busy}
        data={MINUTES.map((one) => ({ value: String(one), label: t('reminders.before', { count: one }) }))}
        onChange={(event) => change({ minutes: Number(event.currentTarget.value) })}
      />
      <Switch
        checked={quiet}
        disabled={busy}
        label={t('reminders.quiet')}
        description={t('reminders.quietText', { zone })}
        onChange={(event) =>
          change(event.currentTarget.checked ? NIGHT : { quiet_from: '', quiet_to: '' })
        }
      />
      {quiet && (
        <div className={classes.row}>
          <Hour label={t('reminders.quietFrom')} value={wish.quiet_from} keep={(quiet_from) => change({ quiet_from })} />
          <Hour label={t('reminders.quietTo')} value={wish.quiet_to} keep={(quiet_to) => change({ quiet_to })} />
        </div>
      )}
    </>
  )
}

/** A time of day, kept when it is left. */
function Hour({ label, value, keep }: { label: string; value: string; keep: (value: string) => void }) {
  const [typed, setTyped] = useState(value)
  const left = () => (typed && typed !== value ? keep(typed) : setTyped(value))
  return (
    <TextInput
      type="time"
      label={label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={left}
    />
  )
}

/** Whether this browser is woken. Told honestly: for that it talks to its maker. */
function Browser({ pushKey }: { pushKey: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const doing = useModel(() => new Doing(), [])
  const { busy, error } = useValue(doing?.state ?? IDLE)
  const address = useModel(
    (scope) => new Loaded<Address>(scope, async () => ({ at: await windowWaking.address() })),
    [],
  )
  const known = useValue(address?.state ?? LOOKING)
  if (!pushKey) return null
  if (!windowWaking.possible()) return <p className="muted">{t('reminders.pushImpossible')}</p>
  const at = known.phase === 'ready' ? known.value.at : null
  const wake = () => doing?.run(async () => api.wakeBrowser(await windowWaking.wake(pushKey, currentLanguage())))
  const sleep = () =>
    doing?.run(async () => {
      if (at) await api.letBrowserSleep(at)
      await windowWaking.sleep()
    })
  const failed = error instanceof WakingRefused || (!at && windowWaking.refused())
  return (
    <div data-push={at ? 'on' : 'off'}>
      <p>
        <b>{t('reminders.push')}</b> · {t(at ? 'reminders.pushOn' : 'reminders.pushOff')}
      </p>
      <p className="muted">{t('reminders.pushText')}</p>
      {failed ? <p role="alert">{t('reminders.pushRefused')}</p> : error !== null && <Problem error={error} />}
      <div className={classes.row}>
        <Button
          variant="default"
          loading={busy}
          disabled={known.phase !== 'ready'}
          onClick={() => void (at ? sleep() : wake())?.then(() => address?.read())}
        >
          {t(at ? 'reminders.pushEnd' : 'reminders.pushBegin')}
        </Button>
      </div>
    </div>
  )
}

