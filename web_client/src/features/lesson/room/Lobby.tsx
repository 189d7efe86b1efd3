import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart } from '../../../base/react'
import { Icon } from '../../../ui/Icon'
import { attempt } from './attempt'
import type { RoomModel } from './model'
import classes from './Panel.module.css'

/** For who leads: who waits at the door; let in one or all, or say a word to them. */
export function Lobby({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const waiting = usePart(model.room.state, ({ inLobby }) => inLobby)
  const { lead } = model.room
  if (waiting.length === 0) return null
  return (
    <section className={classes.hands} aria-label={t('room.lobby.waiting')} data-lobby>
      <h2 className="sm">
        <Icon name="door-open" size={16} />
        {t('room.lobby.waiting')}
        <span className="count">{waiting.length}</span>
        <Button size="xs" onClick={() => void attempt(lead.admit(null))}>
          {t('room.lobby.admitAll')}
        </Button>
      </h2>
      <ol>
        {waiting.map(({ participant_id: id, name }) => (
          <li key={id} data-waiting={id}>
            <span className="grow cut">{name}</span>
            <Button
              variant="default"
              size="xs"
              aria-label={t('room.lobby.admitName', { name })}
              onClick={() => void attempt(lead.admit(id))}
            >
              {t('room.lobby.admit')}
            </Button>
          </li>
        ))}
      </ol>
      <Word model={model} />
    </section>
  )
}

function Word({ model }: { model: RoomModel }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (await attempt(model.room.lead.tellWaiting(text.trim()))) setText('')
  }
  return (
    <form className={classes.word} onSubmit={(event) => void send(event)}>
      <TextInput
        className="grow"
        aria-label={t('room.lobby.word')}
        placeholder={t('room.lobby.word')}
        maxLength={500}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={!text.trim()}>
        {t('room.lobby.say')}
      </Button>
    </form>
  )
}
