import { Button } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { usePart, useValue } from '../../../base/react'
import type { Room } from '../../../media/room'
import { MAIN } from '../../../media/told'
import { myself } from '../../../media/roomState'
import { Dialog } from '../../../ui/Dialog'
import { Icon } from '../../../ui/Icon'
import { attempt } from './attempt'
import type { RoomModel } from './model'
import { FACES } from './reactions'
import classes from './View.module.css'

/** One tap lets the sound out where the browser holds it back. */
export function SoundBlocked({ room }: { room: Room }) {
  const { t } = useTranslation()
  if (!useValue(room.sounds.blocked)) return null
  return (
    <div className={classes.over} role="alert">
      <p>{t('room.soundBlocked')}</p>
      <Button leftSection={<Icon name="volume-2" />} onClick={() => room.sounds.unblock()}>
        {t('room.turnSoundOn')}
      </Button>
    </div>
  )
}

/** While the connection is broken: what still holds, and one tap for whoever does not want to wait. */
export function Trouble({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { room } = model
  const connection = useValue(room.connection)
  const phase = useValue(room.phase)
  const saving = usePart(model.layout, (layout) => layout.saving)
  const picture = usePart(room.own.state, ({ camera }) => camera)
  const voice = usePart(room.own.state, ({ microphone }) => microphone)
  const weak = useValue(room.weak)
  if (phase.name === 'refused') {
    return (
      <div className={classes.over} role="alert">
        <p>{explain(phase.error)}</p>
      </div>
    )
  }
  if (connection === 'cut') {
    return (
      <div className={`${classes.over} ${classes.unseen}`} role="status" data-trouble="cut">
        <Icon name="wifi-off" />
        <p>
          {t('room.reconnecting')}
          {voice && ` ${t('room.stillHeard')}`}
        </p>
        <Button variant="default" size="sm" onClick={() => room.tryNow()}>
          {t('room.tryNow')}
        </Button>
      </div>
    )
  }
  if (connection !== 'weak' || (saving === 'sound' && !picture)) return null
  const spare = () => {
    room.own.setCamera(false)
    model.arrange({ saving: 'sound' })
  }
  return (
    <div className={`${classes.over} ${classes.low}`} role="status" data-trouble="weak">
      <Icon name="wifi-low" />
      <p data-weak={weak}>{t(weak === 'down' ? 'room.weakDown' : 'room.weak')}</p>
      <Button variant="default" size="sm" onClick={spare}>
        {t('room.saving.soundOnly')}
      </Button>
    </div>
  )
}

/** Reactions rise over the stage and are gone. */
export function Reactions({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const flying = useValue(model.hints.flying)
  if (flying.length === 0) return null
  return (
    <section className={classes.flying} aria-label={t('room.reaction.title')}>
      <ol>
        {flying.map(({ key, kind, name }) => (
          <li key={key} data-reaction={kind}>
            <span aria-hidden="true">{FACES[kind] ?? '·'}</span>
            <span className="xs cut">
              {name} · {t(`room.reaction.${kind}`)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** What the teacher asks one to turn on. Nothing turns on before one says yes. */
export function AskedDialog({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const asked = useValue(model.hints.asked)
  const answer = (yes: boolean) => model.hints.answer(yes)
  const last = useRef(asked)
  if (asked) last.current = asked
  const source = last.current?.source === 'camera' ? 'camera' : 'microphone'
  return (
    <Dialog opened={asked !== null} close={() => answer(false)} title={t(`room.asked.${source}`)}>
      <p>{t('room.asked.text', { name: last.current?.by })}</p>
      <div className={classes.answers}>
        <Button onClick={() => answer(true)} data-autofocus data-asked-yes>
          {t(`room.asked.yes.${source}`)}
        </Button>
        <Button variant="default" onClick={() => answer(false)}>
          {t('room.asked.no')}
        </Button>
      </div>
    </Dialog>
  )
}

/** A pick, or a call to all groups. */
export function BannerNote({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const banner = useValue(model.hints.banner)
  if (!banner) return null
  return (
    <div className={classes.over} role="status" data-banner={banner.kind}>
      <Icon name={banner.kind === 'picked' ? 'shuffle' : 'message-square'} />
      {banner.kind === 'picked' ? (
        <p>{t(banner.mine ? 'room.pickedYou' : 'room.picked', { name: banner.name })}</p>
      ) : (
        <p>
          <b>{banner.by}</b>: {banner.text}
        </p>
      )}
      <Button variant="subtle" size="xs" onClick={() => model.hints.closeBanner()}>
        {t('common.close')}
      </Button>
    </div>
  )
}

/** In a breakout: where one is, and the bell for help. */
export function InBreakout({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { lead, state } = model.room
  const place = usePart(state, (room) => myself(room)?.place ?? MAIN)
  const role = usePart(state, (room) => myself(room)?.role)
  const help = usePart(state, (room) => myself(room)?.help === true)
  const name = usePart(state, ({ leading }) =>
    leading.breakouts?.items.find(({ id }) => id === place)?.name,
  )
  if (place === MAIN) return null
  return (
    <p className={classes.breakout} data-breakout={place}>
      <Icon name="users" size={16} />
      <b>{name}</b>
      {role === 'join' ? (
        <Button
          variant="default"
          size="xs"
          aria-pressed={help}
          data-help
          onClick={() => void attempt(lead.callForHelp(!help))}
        >
          {t(help ? 'room.help.cancel' : 'room.help.call')}
        </Button>
      ) : (
        <Button variant="default" size="xs" onClick={() => void attempt(lead.goTo(MAIN))}>
          {t('room.breakouts.toMain')}
        </Button>
      )}
    </p>
  )
}

/** Asks a person whether they may be recorded, once a recording runs. */
export function ConsentDialog(props: {
  model: RoomModel
  asked: boolean
  answer: (agrees: boolean) => Promise<void>
}) {
  const { t } = useTranslation()
  const { model, asked, answer } = props
  // Who starts a recording agrees to it.
  const on = usePart(
    model.room.state,
    (room) => room.leading.recording !== null && !myself(room)?.recorded,
  )
  return (
    <Dialog
      opened={on && asked}
      close={() => void attempt(answer(false))}
      title={t('room.consent.title')}
    >
      <p>{t('room.consent.text')}</p>
      <div className={classes.answers}>
        <Button onClick={() => void attempt(answer(true))} data-consent="yes">
          {t('room.consent.yes')}
        </Button>
        <Button variant="default" onClick={() => void attempt(answer(false))} data-consent="no">
          {t('room.consent.no')}
        </Button>
      </div>
    </Dialog>
  )
}
