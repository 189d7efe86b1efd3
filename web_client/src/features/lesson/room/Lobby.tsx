import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart, useValue } from '../../../base/react'
import type { Room } from '../../../media/room'
import { Icon } from '../../../ui/Icon'
import { Thread } from '../../../ui/Thread'
import { attempt } from './attempt'
import type { RoomModel } from './model'
import classes from './Panel.module.css'
import view from './View.module.css'

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

/** For who waits at the door. */
export function AtTheDoor({ room, leave }: { room: Room; leave: () => void }) {
  const { t } = useTranslation()
  const word = useValue(room.word)
  return (
    <main id="main" className={view.door} tabIndex={-1} data-door>
      <div role="status">
        <Thread state="whole">{t('room.lobby.youWait')}</Thread>
        <p className="muted">{t('room.lobby.youWaitText')}</p>
        {word && (
          <blockquote className={view.word} data-word>
            <span className="xs muted">{t('room.lobby.says')}</span>
            <p>{word}</p>
          </blockquote>
        )}
      </div>
      <Button variant="default" onClick={leave}>
        {t('room.leave')}
      </Button>
    </main>
  )
}
