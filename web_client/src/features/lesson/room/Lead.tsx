import { Button, NativeSelect, Switch, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart } from '../../../base/react'
import { RIGHTS } from '../../../media/told'
import { useServices } from '../../../services'
import { Icon } from '../../../ui/Icon'
import { attempt } from './attempt'
import { MarkChapter } from '../../playback/Mark'
import { Breakouts } from './Breakouts'
import type { RoomModel } from './model'
import classes from './Panel.module.css'

interface Props {
  model: RoomModel
  roomId: string
  /** Called when one has started a recording. */
  recorded: () => void
}

/** For who leads: everything that concerns all at once. */
export function Lead({ model, roomId, recorded }: Props) {
  return (
    <div className={classes.lead}>
      <Recording model={model} roomId={roomId} recorded={recorded} />
      <All model={model} />
      <Timer model={model} />
      <Breakouts model={model} roomId={roomId} />
    </div>
  )
}

function Recording({ model, roomId, recorded }: Props) {
  const { t } = useTranslation()
  const { api } = useServices()
  const on = usePart(model.room.state, ({ leading }) => leading.recording !== null)
  const [busy, setBusy] = useState(false)
  const turn = async () => {
    setBusy(true)
    if (on) await attempt(api.stopRecording(roomId))
    else if (await attempt(api.startRecording(roomId))) recorded()
    setBusy(false)
  }
  return (
    <section>
      <h2>{t('room.recording.title')}</h2>
      <p className="sm muted">{t(on ? 'room.recording.isOn' : 'room.recording.isOff')}</p>
      <Button
        variant="default"
        size="sm"
        disabled={busy}
        data-recording-button
        onClick={() => void turn()}
      >
        {t(on ? 'room.recording.stop' : 'room.recording.start')}
      </Button>
      {on && <MarkChapter roomId={roomId} />}
    </section>
  )
}

/** Lobby, rights, silence: for all learners, and for those who come later. */
function All({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { lead } = model.room
  const lobby = usePart(model.room.state, ({ leading }) => leading.lobby)
  const rights = usePart(model.room.state, ({ leading }) => leading.rights)
  return (
    <section>
      <h2>{t('room.all.title')}</h2>
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="mic-off" size={16} />}
          onClick={() => void attempt(lead.muteAll('microphone'))}
        >
          {t('room.all.mute')}
        </Button>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="video-off" size={16} />}
          onClick={() => void attempt(lead.muteAll('camera'))}
        >
          {t('room.all.cameras')}
        </Button>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="mic" size={16} />}
          onClick={() => void attempt(lead.askToUnmute(null, 'microphone'))}
        >
          {t('room.all.ask')}
        </Button>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="shuffle" size={16} />}
          onClick={() => void attempt(lead.pickAtRandom())}
        >
          {t('room.all.pick')}
        </Button>
      </div>
      <Switch
        label={t('room.lobby.switch')}
        description={t('room.lobby.switchText')}
        checked={lobby}
        onChange={(event) => void attempt(lead.setLobby(event.currentTarget.checked))}
      />
      <p className="sm" id="rights-of-all">
        {t('room.rights.all')}
      </p>
      <div className={`seg ${classes.wrap}`} role="group" aria-labelledby="rights-of-all">
        {RIGHTS.map((right) => (
          <button
            key={right}
            type="button"
            aria-pressed={rights[right]}
            data-right={right}
            onClick={() => void attempt(lead.setRights(null, { [right]: !rights[right] }))}
          >
            {t(`room.rights.${right}`)}
          </button>
        ))}
      </div>
    </section>
  )
}

const MINUTES = [1, 2, 3, 5, 10, 15, 20, 30, 45]

function Timer({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const { lead } = model.room
  const running = usePart(model.room.state, ({ leading }) => leading.timer !== null)
  const [minutes, setMinutes] = useState(5)
  const [title, setTitle] = useState('')
  const start = (event: FormEvent) => {
    event.preventDefault()
    void attempt(lead.startTimer(minutes * 60, title.trim()))
  }
  return (
    <section>
      <h2>{t('room.timer.title')}</h2>
      {running ? (
        <Button variant="default" size="sm" onClick={() => void attempt(lead.stopTimer())}>
          {t('room.timer.stop')}
        </Button>
      ) : (
        <form className={classes.form} onSubmit={start}>
          <NativeSelect
            label={t('room.timer.length')}
            value={minutes}
            data={MINUTES.map((value) => ({
              value: String(value),
              label: t('date.minutes', { minutes: value }),
            }))}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          />
          <TextInput
            label={t('room.timer.what')}
            value={title}
            maxLength={80}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" size="sm">
            {t('room.timer.start')}
          </Button>
        </form>
      )}
    </section>
  )
}
